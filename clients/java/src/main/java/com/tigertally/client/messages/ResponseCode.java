// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** What the server says to a request; 900 and up: rejects. */
public enum ResponseCode {
    /** No answer yet: requests and notifies carry it. */
    NONE(0, Kind.NONE, false, false, "no answer yet: requests and notifies carry it"),
    /** Verified. */
    APPROVED(1, Kind.APPROVED, false, true, "verified"),
    /** The change was made. */
    CHANGED(2, Kind.CHANGED, false, true, "the change was made"),
    /** A question was answered; nothing changed. */
    ANSWERED(3, Kind.ANSWERED, false, false, "a question was answered; nothing changed"),
    /** Signed on. */
    SIGNED_ON(4, Kind.CHANGED, false, true, "signed on"),
    /** Signed off. */
    SIGNED_OFF(5, Kind.CHANGED, false, true, "signed off"),
    /** Done under a key. */
    COMPUTED(6, Kind.CHANGED, false, true, "done under a key"),
    /** Denied; the channel's policy hides why. */
    DENIED(100, Kind.DENIED, false, true, "denied; the channel's policy hides why"),
    /** The one-time code is wrong; a try is used up. */
    WRONG_CODE(101, Kind.DENIED, false, true, "the one-time code is wrong; a try is used up"),
    /** The one-time code was used before; no try is used up. */
    REPLAYED_CODE(102, Kind.DENIED, false, true, "the one-time code was used before; no try is used up"),
    /** The token is locked; the code was not looked at. */
    TOKEN_LOCKED(103, Kind.DENIED, false, true, "the token is locked; the code was not looked at"),
    /** Too soon after a failure; the code was not looked at. */
    TOKEN_THROTTLED(104, Kind.DENIED, false, true, "too soon after a failure; the code was not looked at"),
    /** The token is disabled. */
    TOKEN_DISABLED(105, Kind.DENIED, false, true, "the token is disabled"),
    /** The token's validity has ended. */
    TOKEN_EXPIRED(106, Kind.DENIED, false, true, "the token's validity has ended"),
    /** The token's validity has not begun. */
    TOKEN_NOT_YET_VALID(107, Kind.DENIED, false, true, "the token's validity has not begun"),
    /** No such token. */
    TOKEN_UNKNOWN(108, Kind.DENIED, false, true, "no such token"),
    /** The token is not bound to this user. */
    TOKEN_NOT_BOUND(109, Kind.DENIED, false, true, "the token is not bound to this user"),
    /** The token is bound to another user. */
    TOKEN_BOUND_ELSEWHERE(110, Kind.DENIED, false, true, "the token is bound to another user"),
    /** Several active tokens: name one. */
    AMBIGUOUS_TOKEN(111, Kind.DENIED, false, true, "several active tokens: name one"),
    /** The user has no active token. */
    NO_TOKEN(112, Kind.DENIED, false, true, "the user has no active token"),
    /** No such user. */
    USER_UNKNOWN(113, Kind.DENIED, false, true, "no such user"),
    /** The user is closed. */
    USER_CLOSED(114, Kind.DENIED, false, true, "the user is closed"),
    /** The user is registered already. */
    USER_EXISTS(115, Kind.DENIED, false, true, "the user is registered already"),
    /** The token's state does not allow it. */
    ILLEGAL_TRANSITION(116, Kind.DENIED, false, true, "the token's state does not allow it"),
    /** The two codes do not follow one another within the window. */
    RESYNC_FAILED(117, Kind.DENIED, false, true, "the two codes do not follow one another within the window"),
    /** This serial was cancelled before it arrived. */
    SERIAL_CANCELLED(118, Kind.DENIED, false, true, "this serial was cancelled before it arrived"),
    /** Too late to cancel: it was executed. */
    SERIAL_ALREADY_EXECUTED(119, Kind.DENIED, false, true, "too late to cancel: it was executed"),
    /** Refused, and the flow can't be completed any more. */
    FLOW_FAILED(122, Kind.DENIED, false, true, "refused, and the flow can't be completed any more"),
    /** The flow has its outcome already; the factor was not looked at. */
    FLOW_ENDED(123, Kind.DENIED, false, true, "the flow has its outcome already; the factor was not looked at"),
    /** The flow's deadline has passed; the factor was not looked at. */
    FLOW_EXPIRED(124, Kind.DENIED, false, true, "the flow's deadline has passed; the factor was not looked at"),
    /** No such flow of this user that this channel takes part in. */
    FLOW_UNKNOWN(125, Kind.DENIED, false, true, "no such flow of this user that this channel takes part in"),
    /** The flow does not want this factor now; it was not looked at. */
    FACTOR_NOT_WANTED(126, Kind.DENIED, false, true, "the flow does not want this factor now; it was not looked at"),
    /** No such flow policy. */
    FLOW_POLICY_UNKNOWN(127, Kind.DENIED, false, true, "no such flow policy"),
    /** This kind of token can't be verified in this way. */
    METHOD_NOT_OF_TOKEN(130, Kind.DENIED, false, true, "this kind of token can't be verified in this way"),
    /** No such challenge of this user's token. */
    CHALLENGE_UNKNOWN(131, Kind.DENIED, false, true, "no such challenge of this user's token"),
    /** The challenge was answered before; the answer was not looked at. */
    CHALLENGE_USED(132, Kind.DENIED, false, true, "the challenge was answered before; the answer was not looked at"),
    /** The challenge has lapsed; the answer was not looked at. */
    CHALLENGE_EXPIRED(133, Kind.DENIED, false, true, "the challenge has lapsed; the answer was not looked at"),
    /** Tried too often, or another took its place; ask a new one. */
    CHALLENGE_SPENT(134, Kind.DENIED, false, true, "tried too often, or another took its place; ask a new one"),
    /** This token takes the server's own questions only. */
    QUESTION_NOT_PERMITTED(135, Kind.DENIED, false, true, "this token takes the server's own questions only"),
    /** The token has no PIN, or not in the form that is needed. */
    TOKEN_PIN_NOT_SET(136, Kind.DENIED, false, true, "the token has no PIN, or not in the form that is needed"),
    /** Too easily guessed, or of the wrong length. */
    TOKEN_PIN_TOO_WEAK(137, Kind.DENIED, false, true, "too easily guessed, or of the wrong length"),
    /** The token is assigned and waits for its activation. */
    TOKEN_NOT_ACTIVATED(140, Kind.DENIED, false, true, "the token is assigned and waits for its activation"),
    /** The token is reported lost. */
    TOKEN_LOST(141, Kind.DENIED, false, true, "the token is reported lost"),
    /** Another token took this one's place. */
    TOKEN_REPLACED(142, Kind.DENIED, false, true, "another token took this one's place"),
    /** The token is void. */
    TOKEN_VOID(143, Kind.DENIED, false, true, "the token is void"),
    /** The token is not reported lost. */
    NOTHING_TO_WITHDRAW(144, Kind.DENIED, false, true, "the token is not reported lost"),
    /** The token is not void. */
    NOTHING_TO_RESTORE(145, Kind.DENIED, false, true, "the token is not void"),
    /** The token waits for no activation. */
    NOTHING_TO_ACTIVATE(146, Kind.DENIED, false, true, "the token waits for no activation"),
    /** No activation code waits: too late, too many tries, or none. */
    ACTIVATION_ENDED(147, Kind.DENIED, false, true, "no activation code waits: too late, too many tries, or none"),
    /** Too few cells of the card are left. */
    CARD_EXHAUSTED(148, Kind.DENIED, false, true, "too few cells of the card are left"),
    /** No emergency code stands in for the token (any more). */
    NO_EMERGENCY_CODE(149, Kind.DENIED, false, true, "no emergency code stands in for the token (any more)"),
    /** This system has no SMS gateway. */
    SMS_NOT_CONFIGURED(150, Kind.DENIED, false, true, "this system has no SMS gateway"),
    /** The user has no phone for codes by SMS. */
    NO_PHONE(151, Kind.DENIED, false, true, "the user has no phone for codes by SMS"),
    /** The phone number was changed too lately for this. */
    PHONE_COOLING_OFF(152, Kind.DENIED, false, true, "the phone number was changed too lately for this"),
    /** Codes by SMS are locked; the code was not looked at. */
    SMS_LOCKED(153, Kind.DENIED, false, true, "codes by SMS are locked; the code was not looked at"),
    /** Too soon after a failure; the code was not looked at. */
    SMS_THROTTLED(154, Kind.DENIED, false, true, "too soon after a failure; the code was not looked at"),
    /** A code was sent just now; see {@code resend_at}. */
    SMS_TOO_SOON(155, Kind.DENIED, false, true, "a code was sent just now; see `resend_at`"),
    /** Too many messages were sent; none was. */
    SMS_LIMIT_REACHED(156, Kind.DENIED, false, true, "too many messages were sent; none was"),
    /** No such code of this user and channel. */
    SMS_CODE_UNKNOWN(157, Kind.DENIED, false, true, "no such code of this user and channel"),
    /** The code's validity has ended. */
    SMS_CODE_EXPIRED(158, Kind.DENIED, false, true, "the code's validity has ended"),
    /** Another code took this one's place, or it was tried too often. */
    SMS_CODE_CANCELLED(159, Kind.DENIED, false, true, "another code took this one's place, or it was tried too often"),
    /** Not the transaction that the code was sent for. */
    TRANSACTION_DIFFERS(160, Kind.DENIED, false, true, "not the transaction that the code was sent for"),
    /** The user has a phone: change it. */
    PHONE_ALREADY_BOUND(161, Kind.DENIED, false, true, "the user has a phone: change it"),
    /** No such app of this user. */
    APP_UNKNOWN(162, Kind.DENIED, false, true, "no such app of this user"),
    /** Nothing is sent to numbers of this country. */
    SMS_DESTINATION_REFUSED(163, Kind.DENIED, false, true, "nothing is sent to numbers of this country"),
    /** No change of number is waiting. */
    NO_PHONE_CHANGE(164, Kind.DENIED, false, true, "no change of number is waiting"),
    /** The password or PIN is wrong; a try is used up. */
    WRONG_PASSWORD(165, Kind.DENIED, false, true, "the password or PIN is wrong; a try is used up"),
    /** The password is locked; what was given was not looked at. */
    PASSWORD_LOCKED(166, Kind.DENIED, false, true, "the password is locked; what was given was not looked at"),
    /** Too soon after a failure; what was given was not looked at. */
    PASSWORD_THROTTLED(167, Kind.DENIED, false, true, "too soon after a failure; what was given was not looked at"),
    /** The password is disabled. */
    PASSWORD_DISABLED(168, Kind.DENIED, false, true, "the password is disabled"),
    /** The user has no password of this kind. */
    PASSWORD_NOT_SET(169, Kind.DENIED, false, true, "the user has no password of this kind"),
    /** Right, but too old: it must be changed first. */
    PASSWORD_EXPIRED(170, Kind.DENIED, false, true, "right, but too old: it must be changed first"),
    /** Right, but given by an operator: it must be changed first. */
    PASSWORD_MUST_CHANGE(171, Kind.DENIED, false, true, "right, but given by an operator: it must be changed first"),
    /** Right, but given too long ago: an operator must reset it again. */
    INITIAL_PASSWORD_EXPIRED(172, Kind.DENIED, false, true, "right, but given too long ago: an operator must reset it again"),
    /** The new one breaks a rule; {@code detail} names it. */
    PASSWORD_TOO_WEAK(173, Kind.DENIED, false, true, "the new one breaks a rule; `detail` names it"),
    /** The new one was used before. */
    PASSWORD_REUSED(174, Kind.DENIED, false, true, "the new one was used before"),
    /** Changed too lately to be changed again. */
    PASSWORD_TOO_YOUNG(175, Kind.DENIED, false, true, "changed too lately to be changed again"),
    /** There is one already: change or reset it. */
    PASSWORD_EXISTS(176, Kind.DENIED, false, true, "there is one already: change or reset it"),
    /** The password is not disabled. */
    PASSWORD_NOT_DISABLED(177, Kind.DENIED, false, true, "the password is not disabled"),
    /** The text breaks a rule; {@code detail} names it. */
    GREETING_UNSUITABLE(178, Kind.DENIED, false, true, "the text breaks a rule; `detail` names it"),
    /** No such verification of this user and channel. */
    VERIFICATION_UNKNOWN(180, Kind.DENIED, false, true, "no such verification of this user and channel"),
    /** The verification has its outcome; the proof was not looked at. */
    VERIFICATION_ENDED(181, Kind.DENIED, false, true, "the verification has its outcome; the proof was not looked at"),
    /** The verification has lapsed; the proof was not looked at. */
    VERIFICATION_EXPIRED(182, Kind.DENIED, false, true, "the verification has lapsed; the proof was not looked at"),
    /** Not the transaction whose text is confirmed. */
    TEXT_DIFFERS(183, Kind.DENIED, false, true, "not the transaction whose text is confirmed"),
    /** Customer service has not confirmed it. */
    NOT_CONFIRMED_YET(184, Kind.DENIED, false, true, "customer service has not confirmed it"),
    /** Customer service refused it. */
    CONFIRMATION_REFUSED(185, Kind.DENIED, false, true, "customer service refused it"),
    /** It is confirmed already, or otherwise. */
    CONFIRMATION_NOT_WANTED(186, Kind.DENIED, false, true, "it is confirmed already, or otherwise"),
    /** Who entered it may not confirm it. */
    SAME_OPERATOR(187, Kind.DENIED, false, true, "who entered it may not confirm it"),
    /** The MAC is not that of the data under this key. */
    MAC_WRONG(188, Kind.DENIED, false, true, "the MAC is not that of the data under this key"),
    /** Not enciphered so, or changed since; not said which. */
    NOT_DECIPHERED(189, Kind.DENIED, false, true, "not enciphered so, or changed since; not said which"),
    /** No PIN in it for this key and account number. */
    PIN_BLOCK_REFUSED(190, Kind.DENIED, false, true, "no PIN in it for this key and account number"),
    /** Not the customer's PIN; a try is used up. */
    PIN_WRONG(191, Kind.DENIED, false, true, "not the customer's PIN; a try is used up"),
    /** Too many wrong PINs; it was not looked at. */
    PIN_TRIES_EXCEEDED(192, Kind.DENIED, false, true, "too many wrong PINs; it was not looked at"),
    /** No key in it under this transport key. */
    KEY_BLOCK_REFUSED(193, Kind.DENIED, false, true, "no key in it under this transport key"),
    /** The key has another check value; not taken. */
    CHECK_VALUE_DIFFERS(194, Kind.DENIED, false, true, "the key has another check value; not taken"),
    /** The channel may not ask this. */
    TRANSACTION_NOT_PERMITTED(200, Kind.FORBIDDEN, false, false, "the channel may not ask this"),
    /** The channel is disabled. */
    CHANNEL_DISABLED(201, Kind.FORBIDDEN, false, false, "the channel is disabled"),
    /** Outside the channel's validity dates. */
    CHANNEL_NOT_VALID(202, Kind.FORBIDDEN, false, false, "outside the channel's validity dates"),
    /** The channel may not call from this address. */
    ADDRESS_NOT_PERMITTED(203, Kind.FORBIDDEN, false, false, "the channel may not call from this address"),
    /** The channel may not act for this institution. */
    INSTITUTION_NOT_PERMITTED(204, Kind.FORBIDDEN, false, false, "the channel may not act for this institution"),
    /** The channel seals its secret fields; this frame did not. */
    SEALING_REQUIRED(205, Kind.FORBIDDEN, false, false, "the channel seals its secret fields; this frame did not"),
    /** Neither the channel nor its institution has such a key. */
    KEY_UNKNOWN(206, Kind.FORBIDDEN, false, false, "neither the channel nor its institution has such a key"),
    /** The key is for another use. */
    KEY_NOT_FOR_THIS(207, Kind.FORBIDDEN, false, false, "the key is for another use"),
    /** The key's state or generation excludes it. */
    KEY_NOT_USABLE(208, Kind.FORBIDDEN, false, false, "the key's state or generation excludes it"),
    /** Too weak, and not allowed here; see {@code detail}. */
    ALGORITHM_NOT_PERMITTED(209, Kind.FORBIDDEN, false, false, "too weak, and not allowed here; see `detail`"),
    /** The key's algorithm can't do this. */
    ALGORITHM_NOT_OF_KEY(210, Kind.FORBIDDEN, false, false, "the key's algorithm can't do this"),
    /** The token's seed lies in the HSM, which can't do this. */
    NOT_IN_HSM(224, Kind.FORBIDDEN, false, false, "the token's seed lies in the HSM, which can't do this"),
    /** A field is bad; {@code detail} names it. */
    BAD_FIELD(300, Kind.MALFORMED, false, false, "a field is bad; `detail` names it"),
    /** Not the server's business day, the day before or after. */
    BAD_BUSINESS_DAY(301, Kind.MALFORMED, false, false, "not the server's business day, the day before or after"),
    /** The same serial came before with other contents. */
    SERIAL_CONFLICT(302, Kind.MALFORMED, false, false, "the same serial came before with other contents"),
    /** A serial is 1 … 2^63−1. */
    BAD_SERIAL(303, Kind.MALFORMED, false, false, "a serial is 1 … 2^63−1"),
    /** Too much at once; ask again after the time in {@code budget_ms}. */
    BUSY(400, Kind.TRY_LATER, true, false, "too much at once; ask again after the time in `budget_ms`"),
    /** The time budget ran out before execution. */
    DEADLINE_EXPIRED(401, Kind.TRY_LATER, true, false, "the time budget ran out before execution"),
    /** The same serial is being executed. */
    IN_PROGRESS(402, Kind.TRY_LATER, true, false, "the same serial is being executed"),
    /** The serial asked about has not arrived; it still may. */
    NOT_SEEN_YET(403, Kind.TRY_LATER, true, false, "the serial asked about has not arrived; it still may"),
    /** Something the server needs is out of reach. */
    UNAVAILABLE(404, Kind.TRY_LATER, true, false, "something the server needs is out of reach"),
    /** The server is closing; ask another connection. */
    DRAINING(405, Kind.TRY_LATER, true, false, "the server is closing; ask another connection"),
    /** No HSM can be reached; nothing was decided. */
    HSM_UNAVAILABLE(420, Kind.TRY_LATER, true, false, "no HSM can be reached; nothing was decided"),
    /** Too much waits for the HSM; nothing was decided. */
    HSM_BUSY(421, Kind.TRY_LATER, true, false, "too much waits for the HSM; nothing was decided"),
    /** The HSM did not answer in time; nothing was decided. */
    HSM_TIMED_OUT(422, Kind.TRY_LATER, true, false, "the HSM did not answer in time; nothing was decided"),
    /** Nobody knows: ask again. */
    OUTCOME_UNKNOWN(500, Kind.UNKNOWN, true, false, "nobody knows: ask again"),
    /** A fault of the server; not executed. */
    INTERNAL(600, Kind.INTERNAL, false, false, "a fault of the server; not executed"),
    /** The HSM lacks the key or the ability; not executed. */
    HSM_REFUSED(620, Kind.INTERNAL, false, false, "the HSM lacks the key or the ability; not executed"),
    /** The first two bytes are not TT. */
    BAD_MAGIC(900, Kind.REJECT, false, false, "the first two bytes are not TT"),
    /** This protocol version is not spoken here. */
    BAD_VERSION(901, Kind.REJECT, false, false, "this protocol version is not spoken here"),
    /** Header length, kind, flags or a field that must be zero. */
    BAD_HEADER(902, Kind.REJECT, false, false, "header length, kind, flags or a field that must be zero"),
    /** Total length is not the one of this message type. */
    BAD_LENGTH(903, Kind.REJECT, false, false, "total length is not the one of this message type"),
    /** No such transaction code for this kind. */
    UNKNOWN_TRANSACTION(904, Kind.REJECT, false, false, "no such transaction code for this kind"),
    /** The transaction has no body of this schema. */
    UNKNOWN_SCHEMA(905, Kind.REJECT, false, false, "the transaction has no body of this schema"),
    /** Not the channel that signed on, or none of that number. */
    UNKNOWN_CHANNEL(906, Kind.REJECT, false, false, "not the channel that signed on, or none of that number"),
    /** The MAC is wrong. */
    BAD_MAC(907, Kind.REJECT, false, false, "the MAC is wrong"),
    /** No working keys of this generation. */
    UNKNOWN_GENERATION(908, Kind.REJECT, false, false, "no working keys of this generation"),
    /** Suite or field cipher is not the channel's. */
    SUITE_MISMATCH(909, Kind.REJECT, false, false, "suite or field cipher is not the channel's"),
    /** Sequence numbers must rise. */
    BAD_SEQUENCE(910, Kind.REJECT, false, false, "sequence numbers must rise"),
    /** Sign on first. */
    NOT_SIGNED_ON(911, Kind.REJECT, false, false, "sign on first"),
    /** The session id is not this connection's. */
    BAD_SESSION(912, Kind.REJECT, false, false, "the session id is not this connection's"),
    /** Sign-on was refused. */
    SIGN_ON_REFUSED(913, Kind.REJECT, false, false, "sign-on was refused"),
    /** The channel or the server has too many connections. */
    TOO_MANY_CONNECTIONS(914, Kind.REJECT, false, false, "the channel or the server has too many connections"),
    /** No sign-on in time. */
    SIGN_ON_TIMEOUT(915, Kind.REJECT, false, false, "no sign-on in time"),
    /** Nothing was heard for too long. */
    IDLE(916, Kind.REJECT, false, false, "nothing was heard for too long"),
    /** Answers were not read in time. */
    SLOW_READER(917, Kind.REJECT, false, false, "answers were not read in time");

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static ResponseCode of(int number) {
        for (ResponseCode value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    /** What kind of an answer a code is. */
    public enum Kind { NONE, APPROVED, CHANGED, ANSWERED, DENIED, FORBIDDEN, MALFORMED, TRY_LATER, UNKNOWN, INTERNAL, REJECT }

    private final Kind kind;
    private final boolean passing;
    private final boolean recorded;
    private final String text;

    ResponseCode(int number, Kind kind, boolean passing, boolean recorded, String text) {
        this.number = number;
        this.kind = kind;
        this.passing = passing;
        this.recorded = recorded;
        this.text = text;
    }

    /** What kind of an answer this is. */
    public Kind kind() {
        return kind;
    }

    /** Whether the same request, with the same serial, may be answered otherwise later. */
    public boolean isTransient() {
        return passing;
    }

    /** Whether this stands in the server's log and is the answer of its serial for ever. */
    public boolean isRecorded() {
        return recorded;
    }

    /** What it means, in English. */
    public String text() {
        return text;
    }
}
