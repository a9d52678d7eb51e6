/*
 * Tigertally's client library for C: one header, one library, nothing else.
 *
 * Three layers, each usable without the ones above it:
 *
 *   1. tt_reader, tt_session   bytes in, events out, frames back. No socket, no clock, no thread.
 *   2. tt_connection           one signed-on connection: a socket around a session.
 *   3. tt_client               several connections to several servers, kept up; repeats what was put
 *                              off or lost under the same serial, and says honestly what is unknown.
 *
 * Rules that hold everywhere
 *
 *   - A function returns TT_OK (0) or a negative tt_status. Handles keep the last problem in words.
 *   - There is no global state. A handle belongs to the process that made it: after fork() the child
 *     may only call the ..._abandon() functions. Other calls return TT_ERROR_FORKED.
 *   - A tt_client may be used by many threads at once. Every other handle by one at a time.
 *   - No signal is raised (SIGPIPE included), none is handled, nothing is printed.
 *   - Text fields take and give the caller's bytes in the channel's charset (UTF-8 or GB18030).
 *   - No secret stands in a log line or a problem's text; keys are wiped when a handle ends.
 *     tt_wipe() is there for the secrets in your own structs.
 *   - Times are milliseconds. A deadline is given as time left.
 *
 * What the frames mean: docs/PROTOCOL.md. How to begin: clients/c/README.md.
 */
#ifndef TIGERTALLY_H
#define TIGERTALLY_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && __GNUC__ >= 4
#define TT_API __attribute__((visibility("default")))
#else
#define TT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TT_VERSION_MAJOR 1
#define TT_VERSION_MINOR 0
#define TT_VERSION_PATCH 0
#define TT_VERSION_STRING "1.0.0"

/* ------------------------------------------------------------------------- generated from the registry */

/* generated: numbers */
#define TT_WIRE_VERSION 1
#define TT_WIRE_HEADER_LENGTH 64
#define TT_WIRE_MAC_LENGTH 16
#define TT_WIRE_NONCE_LENGTH 16
#define TT_WIRE_MAX_REJECTS 8
#define TT_WIRE_NO_SHARD 65535
#define TT_WIRE_BLANK_TRIES 255
#define TT_WIRE_NO_CELLS 65535
#define TT_WIRE_MAX_FRAME 1276
/* end of numbers */

/* generated: transactions */
enum tt_transaction {
    TT_TX_SIGN_ON = 1,
    TT_TX_SIGN_OFF = 2,
    TT_TX_HEARTBEAT = 3,
    TT_TX_KEY_CHANGE = 4,
    TT_TX_GREETING = 16,
    TT_TX_DRAIN = 17,
    TT_TX_KEY_CHANGE_DUE = 18,
    TT_TX_REGISTER_USER = 257,
    TT_TX_QUERY_USER = 258,
    TT_TX_CLOSE_USER = 259,
    TT_TX_BIND_TOKEN = 513,
    TT_TX_UNBIND_TOKEN = 514,
    TT_TX_ENABLE_TOKEN = 515,
    TT_TX_DISABLE_TOKEN = 516,
    TT_TX_UNLOCK_TOKEN = 517,
    TT_TX_RESYNC_TOKEN = 518,
    TT_TX_REPORT_LOSS = 519,
    TT_TX_WITHDRAW_LOSS = 520,
    TT_TX_REPLACE_TOKEN = 521,
    TT_TX_VOID_TOKEN = 522,
    TT_TX_RESTORE_TOKEN = 523,
    TT_TX_ACTIVATE_TOKEN = 524,
    TT_TX_ASSIGN_TOKEN = 525,
    TT_TX_ISSUE_EMERGENCY_CODE = 526,
    TT_TX_QUERY_TOKEN = 527,
    TT_TX_START_ACTIVATION = 528,
    TT_TX_VERIFY_EMERGENCY_CODE = 529,
    TT_TX_ISSUE_ACTIVATION_CODE = 530,
    TT_TX_VERIFY_OTP = 769,
    TT_TX_VERIFY_PIN_OTP = 770,
    TT_TX_SET_TOKEN_PIN = 771,
    TT_TX_VERIFY_MSCHAPV2 = 772,
    TT_TX_VERIFY_CHAP = 773,
    TT_TX_ISSUE_OCRA_CHALLENGE = 774,
    TT_TX_VERIFY_OCRA = 775,
    TT_TX_HOST_CODE = 776,
    TT_TX_ASK_CARD = 784,
    TT_TX_VERIFY_CARD = 785,
    TT_TX_QUERY_SERIAL = 1025,
    TT_TX_QUERY_REFERENCE = 1026,
    TT_TX_CANCEL_SERIAL = 1027,
    TT_TX_BIND_PHONE = 1281,
    TT_TX_CHANGE_PHONE = 1282,
    TT_TX_CANCEL_PHONE_CHANGE = 1283,
    TT_TX_UNBIND_PHONE = 1284,
    TT_TX_QUERY_PHONE = 1285,
    TT_TX_UNLOCK_SMS = 1286,
    TT_TX_SEND_SMS_CODE = 1287,
    TT_TX_VERIFY_SMS_CODE = 1288,
    TT_TX_VERIFY_SMS_MSCHAP = 1289,
    TT_TX_QUERY_SMS = 1290,
    TT_TX_REGISTER_APP_KEY = 1291,
    TT_TX_REMOVE_APP_KEY = 1292,
    TT_TX_SEND_SMS_WARNING = 1293,
    TT_TX_SET_PASSWORD = 1537,
    TT_TX_CHANGE_PASSWORD = 1538,
    TT_TX_RESET_PASSWORD = 1539,
    TT_TX_VERIFY_PASSWORD = 1540,
    TT_TX_QUERY_PASSWORD = 1541,
    TT_TX_UNLOCK_PASSWORD = 1542,
    TT_TX_DISABLE_PASSWORD = 1543,
    TT_TX_ENABLE_PASSWORD = 1544,
    TT_TX_BEGIN_FLOW = 1793,
    TT_TX_BEGIN_OWN_FLOW = 1794,
    TT_TX_FLOW_STEP = 1795,
    TT_TX_QUERY_FLOW = 1796,
    TT_TX_CANCEL_FLOW = 1797,
    TT_TX_BEGIN_TRANSACTION_VERIFICATION = 2049,
    TT_TX_CONFIRM_BY_SERVICE = 2050,
    TT_TX_COMPLETE_TRANSACTION_VERIFICATION = 2051,
    TT_TX_QUERY_TRANSACTION_VERIFICATION = 2052,
    TT_TX_SET_GREETING = 2305,
    TT_TX_GET_GREETING = 2306,
    TT_TX_GENERATE_MAC = 2817,
    TT_TX_VERIFY_MAC = 2818,
    TT_TX_ENCIPHER_FIELD = 2819,
    TT_TX_DECIPHER_FIELD = 2820,
    TT_TX_TRANSLATE_PIN = 2821,
    TT_TX_VERIFY_PIN = 2822,
    TT_TX_MAKE_PIN_VALUE = 2823,
    TT_TX_DRAW_RANDOM = 2824,
    TT_TX_DIGEST = 2825,
    TT_TX_QUERY_KEY = 2826,
    TT_TX_ISSUE_KEY = 2827,
    TT_TX_IMPORT_KEY = 2828,
    TT_TX_RETIRE_KEY = 2829
};
/* end of transactions */

/* generated: codes */
enum tt_code_class {
    TT_CLASS_NONE = 0,
    TT_CLASS_APPROVED = 1,
    TT_CLASS_DENIED = 2,
    TT_CLASS_CHANGED = 3,
    TT_CLASS_ANSWERED = 4,
    TT_CLASS_FORBIDDEN = 5,
    TT_CLASS_MALFORMED = 6,
    TT_CLASS_TRY_LATER = 7,
    TT_CLASS_UNKNOWN = 8,
    TT_CLASS_INTERNAL = 9,
    TT_CLASS_REJECT = 10
};

enum tt_code {
    TT_CODE_NONE = 0, /* none: no answer yet: requests and notifies carry it */
    TT_CODE_APPROVED = 1, /* approved: verified */
    TT_CODE_CHANGED = 2, /* changed: the change was made */
    TT_CODE_ANSWERED = 3, /* answered: a question was answered; nothing changed */
    TT_CODE_SIGNED_ON = 4, /* changed: signed on */
    TT_CODE_SIGNED_OFF = 5, /* changed: signed off */
    TT_CODE_COMPUTED = 6, /* changed: done under a key */
    TT_CODE_DENIED = 100, /* denied: denied; the channel's policy hides why */
    TT_CODE_WRONG_CODE = 101, /* denied: the one-time code is wrong; a try is used up */
    TT_CODE_REPLAYED_CODE = 102, /* denied: the one-time code was used before; no try is used up */
    TT_CODE_TOKEN_LOCKED = 103, /* denied: the token is locked; the code was not looked at */
    TT_CODE_TOKEN_THROTTLED = 104, /* denied: too soon after a failure; the code was not looked at */
    TT_CODE_TOKEN_DISABLED = 105, /* denied: the token is disabled */
    TT_CODE_TOKEN_EXPIRED = 106, /* denied: the token's validity has ended */
    TT_CODE_TOKEN_NOT_YET_VALID = 107, /* denied: the token's validity has not begun */
    TT_CODE_TOKEN_UNKNOWN = 108, /* denied: no such token */
    TT_CODE_TOKEN_NOT_BOUND = 109, /* denied: the token is not bound to this user */
    TT_CODE_TOKEN_BOUND_ELSEWHERE = 110, /* denied: the token is bound to another user */
    TT_CODE_AMBIGUOUS_TOKEN = 111, /* denied: several active tokens: name one */
    TT_CODE_NO_TOKEN = 112, /* denied: the user has no active token */
    TT_CODE_USER_UNKNOWN = 113, /* denied: no such user */
    TT_CODE_USER_CLOSED = 114, /* denied: the user is closed */
    TT_CODE_USER_EXISTS = 115, /* denied: the user is registered already */
    TT_CODE_ILLEGAL_TRANSITION = 116, /* denied: the token's state does not allow it */
    TT_CODE_RESYNC_FAILED = 117, /* denied: the two codes do not follow one another within the window */
    TT_CODE_SERIAL_CANCELLED = 118, /* denied: this serial was cancelled before it arrived */
    TT_CODE_SERIAL_ALREADY_EXECUTED = 119, /* denied: too late to cancel: it was executed */
    TT_CODE_FLOW_FAILED = 122, /* denied: refused, and the flow can't be completed any more */
    TT_CODE_FLOW_ENDED = 123, /* denied: the flow has its outcome already; the factor was not looked at */
    TT_CODE_FLOW_EXPIRED = 124, /* denied: the flow's deadline has passed; the factor was not looked at */
    TT_CODE_FLOW_UNKNOWN = 125, /* denied: no such flow of this user that this channel takes part in */
    TT_CODE_FACTOR_NOT_WANTED = 126, /* denied: the flow does not want this factor now; it was not looked at */
    TT_CODE_FLOW_POLICY_UNKNOWN = 127, /* denied: no such flow policy */
    TT_CODE_METHOD_NOT_OF_TOKEN = 130, /* denied: this kind of token can't be verified in this way */
    TT_CODE_CHALLENGE_UNKNOWN = 131, /* denied: no such challenge of this user's token */
    TT_CODE_CHALLENGE_USED = 132, /* denied: the challenge was answered before; the answer was not looked at */
    TT_CODE_CHALLENGE_EXPIRED = 133, /* denied: the challenge has lapsed; the answer was not looked at */
    TT_CODE_CHALLENGE_SPENT = 134, /* denied: tried too often, or another took its place; ask a new one */
    TT_CODE_QUESTION_NOT_PERMITTED = 135, /* denied: this token takes the server's own questions only */
    TT_CODE_TOKEN_PIN_NOT_SET = 136, /* denied: the token has no PIN, or not in the form that is needed */
    TT_CODE_TOKEN_PIN_TOO_WEAK = 137, /* denied: too easily guessed, or of the wrong length */
    TT_CODE_TOKEN_NOT_ACTIVATED = 140, /* denied: the token is assigned and waits for its activation */
    TT_CODE_TOKEN_LOST = 141, /* denied: the token is reported lost */
    TT_CODE_TOKEN_REPLACED = 142, /* denied: another token took this one's place */
    TT_CODE_TOKEN_VOID = 143, /* denied: the token is void */
    TT_CODE_NOTHING_TO_WITHDRAW = 144, /* denied: the token is not reported lost */
    TT_CODE_NOTHING_TO_RESTORE = 145, /* denied: the token is not void */
    TT_CODE_NOTHING_TO_ACTIVATE = 146, /* denied: the token waits for no activation */
    TT_CODE_ACTIVATION_ENDED = 147, /* denied: no activation code waits: too late, too many tries, or none */
    TT_CODE_CARD_EXHAUSTED = 148, /* denied: too few cells of the card are left */
    TT_CODE_NO_EMERGENCY_CODE = 149, /* denied: no emergency code stands in for the token (any more) */
    TT_CODE_SMS_NOT_CONFIGURED = 150, /* denied: this system has no SMS gateway */
    TT_CODE_NO_PHONE = 151, /* denied: the user has no phone for codes by SMS */
    TT_CODE_PHONE_COOLING_OFF = 152, /* denied: the phone number was changed too lately for this */
    TT_CODE_SMS_LOCKED = 153, /* denied: codes by SMS are locked; the code was not looked at */
    TT_CODE_SMS_THROTTLED = 154, /* denied: too soon after a failure; the code was not looked at */
    TT_CODE_SMS_TOO_SOON = 155, /* denied: a code was sent just now; see `resend_at` */
    TT_CODE_SMS_LIMIT_REACHED = 156, /* denied: too many messages were sent; none was */
    TT_CODE_SMS_CODE_UNKNOWN = 157, /* denied: no such code of this user and channel */
    TT_CODE_SMS_CODE_EXPIRED = 158, /* denied: the code's validity has ended */
    TT_CODE_SMS_CODE_CANCELLED = 159, /* denied: another code took this one's place, or it was tried too often */
    TT_CODE_TRANSACTION_DIFFERS = 160, /* denied: not the transaction that the code was sent for */
    TT_CODE_PHONE_ALREADY_BOUND = 161, /* denied: the user has a phone: change it */
    TT_CODE_APP_UNKNOWN = 162, /* denied: no such app of this user */
    TT_CODE_SMS_DESTINATION_REFUSED = 163, /* denied: nothing is sent to numbers of this country */
    TT_CODE_NO_PHONE_CHANGE = 164, /* denied: no change of number is waiting */
    TT_CODE_WRONG_PASSWORD = 165, /* denied: the password or PIN is wrong; a try is used up */
    TT_CODE_PASSWORD_LOCKED = 166, /* denied: the password is locked; what was given was not looked at */
    TT_CODE_PASSWORD_THROTTLED = 167, /* denied: too soon after a failure; what was given was not looked at */
    TT_CODE_PASSWORD_DISABLED = 168, /* denied: the password is disabled */
    TT_CODE_PASSWORD_NOT_SET = 169, /* denied: the user has no password of this kind */
    TT_CODE_PASSWORD_EXPIRED = 170, /* denied: right, but too old: it must be changed first */
    TT_CODE_PASSWORD_MUST_CHANGE = 171, /* denied: right, but given by an operator: it must be changed first */
    TT_CODE_INITIAL_PASSWORD_EXPIRED = 172, /* denied: right, but given too long ago: an operator must reset it again */
    TT_CODE_PASSWORD_TOO_WEAK = 173, /* denied: the new one breaks a rule; `detail` names it */
    TT_CODE_PASSWORD_REUSED = 174, /* denied: the new one was used before */
    TT_CODE_PASSWORD_TOO_YOUNG = 175, /* denied: changed too lately to be changed again */
    TT_CODE_PASSWORD_EXISTS = 176, /* denied: there is one already: change or reset it */
    TT_CODE_PASSWORD_NOT_DISABLED = 177, /* denied: the password is not disabled */
    TT_CODE_GREETING_UNSUITABLE = 178, /* denied: the text breaks a rule; `detail` names it */
    TT_CODE_VERIFICATION_UNKNOWN = 180, /* denied: no such verification of this user and channel */
    TT_CODE_VERIFICATION_ENDED = 181, /* denied: the verification has its outcome; the proof was not looked at */
    TT_CODE_VERIFICATION_EXPIRED = 182, /* denied: the verification has lapsed; the proof was not looked at */
    TT_CODE_TEXT_DIFFERS = 183, /* denied: not the transaction whose text is confirmed */
    TT_CODE_NOT_CONFIRMED_YET = 184, /* denied: customer service has not confirmed it */
    TT_CODE_CONFIRMATION_REFUSED = 185, /* denied: customer service refused it */
    TT_CODE_CONFIRMATION_NOT_WANTED = 186, /* denied: it is confirmed already, or otherwise */
    TT_CODE_SAME_OPERATOR = 187, /* denied: who entered it may not confirm it */
    TT_CODE_MAC_WRONG = 188, /* denied: the MAC is not that of the data under this key */
    TT_CODE_NOT_DECIPHERED = 189, /* denied: not enciphered so, or changed since; not said which */
    TT_CODE_PIN_BLOCK_REFUSED = 190, /* denied: no PIN in it for this key and account number */
    TT_CODE_PIN_WRONG = 191, /* denied: not the customer's PIN; a try is used up */
    TT_CODE_PIN_TRIES_EXCEEDED = 192, /* denied: too many wrong PINs; it was not looked at */
    TT_CODE_KEY_BLOCK_REFUSED = 193, /* denied: no key in it under this transport key */
    TT_CODE_CHECK_VALUE_DIFFERS = 194, /* denied: the key has another check value; not taken */
    TT_CODE_TRANSACTION_NOT_PERMITTED = 200, /* forbidden: the channel may not ask this */
    TT_CODE_CHANNEL_DISABLED = 201, /* forbidden: the channel is disabled */
    TT_CODE_CHANNEL_NOT_VALID = 202, /* forbidden: outside the channel's validity dates */
    TT_CODE_ADDRESS_NOT_PERMITTED = 203, /* forbidden: the channel may not call from this address */
    TT_CODE_INSTITUTION_NOT_PERMITTED = 204, /* forbidden: the channel may not act for this institution */
    TT_CODE_SEALING_REQUIRED = 205, /* forbidden: the channel seals its secret fields; this frame did not */
    TT_CODE_KEY_UNKNOWN = 206, /* forbidden: neither the channel nor its institution has such a key */
    TT_CODE_KEY_NOT_FOR_THIS = 207, /* forbidden: the key is for another use */
    TT_CODE_KEY_NOT_USABLE = 208, /* forbidden: the key's state or generation excludes it */
    TT_CODE_ALGORITHM_NOT_PERMITTED = 209, /* forbidden: too weak, and not allowed here; see `detail` */
    TT_CODE_ALGORITHM_NOT_OF_KEY = 210, /* forbidden: the key's algorithm can't do this */
    TT_CODE_NOT_IN_HSM = 224, /* forbidden: the token's seed lies in the HSM, which can't do this */
    TT_CODE_BAD_FIELD = 300, /* malformed: a field is bad; `detail` names it */
    TT_CODE_BAD_BUSINESS_DAY = 301, /* malformed: not the server's business day, the day before or after */
    TT_CODE_SERIAL_CONFLICT = 302, /* malformed: the same serial came before with other contents */
    TT_CODE_BAD_SERIAL = 303, /* malformed: a serial is 1 … 2^63−1 */
    TT_CODE_BUSY = 400, /* try_later: too much at once; ask again after the time in `budget_ms` */
    TT_CODE_DEADLINE_EXPIRED = 401, /* try_later: the time budget ran out before execution */
    TT_CODE_IN_PROGRESS = 402, /* try_later: the same serial is being executed */
    TT_CODE_NOT_SEEN_YET = 403, /* try_later: the serial asked about has not arrived; it still may */
    TT_CODE_UNAVAILABLE = 404, /* try_later: something the server needs is out of reach */
    TT_CODE_DRAINING = 405, /* try_later: the server is closing; ask another connection */
    TT_CODE_HSM_UNAVAILABLE = 420, /* try_later: no HSM can be reached; nothing was decided */
    TT_CODE_HSM_BUSY = 421, /* try_later: too much waits for the HSM; nothing was decided */
    TT_CODE_HSM_TIMED_OUT = 422, /* try_later: the HSM did not answer in time; nothing was decided */
    TT_CODE_OUTCOME_UNKNOWN = 500, /* unknown: nobody knows: ask again */
    TT_CODE_INTERNAL = 600, /* internal: a fault of the server; not executed */
    TT_CODE_HSM_REFUSED = 620, /* internal: the HSM lacks the key or the ability; not executed */
    TT_CODE_BAD_MAGIC = 900, /* reject: the first two bytes are not TT */
    TT_CODE_BAD_VERSION = 901, /* reject: this protocol version is not spoken here */
    TT_CODE_BAD_HEADER = 902, /* reject: header length, kind, flags or a field that must be zero */
    TT_CODE_BAD_LENGTH = 903, /* reject: total length is not the one of this message type */
    TT_CODE_UNKNOWN_TRANSACTION = 904, /* reject: no such transaction code for this kind */
    TT_CODE_UNKNOWN_SCHEMA = 905, /* reject: the transaction has no body of this schema */
    TT_CODE_UNKNOWN_CHANNEL = 906, /* reject: not the channel that signed on, or none of that number */
    TT_CODE_BAD_MAC = 907, /* reject: the MAC is wrong */
    TT_CODE_UNKNOWN_GENERATION = 908, /* reject: no working keys of this generation */
    TT_CODE_SUITE_MISMATCH = 909, /* reject: suite or field cipher is not the channel's */
    TT_CODE_BAD_SEQUENCE = 910, /* reject: sequence numbers must rise */
    TT_CODE_NOT_SIGNED_ON = 911, /* reject: sign on first */
    TT_CODE_BAD_SESSION = 912, /* reject: the session id is not this connection's */
    TT_CODE_SIGN_ON_REFUSED = 913, /* reject: sign-on was refused */
    TT_CODE_TOO_MANY_CONNECTIONS = 914, /* reject: the channel or the server has too many connections */
    TT_CODE_SIGN_ON_TIMEOUT = 915, /* reject: no sign-on in time */
    TT_CODE_IDLE = 916, /* reject: nothing was heard for too long */
    TT_CODE_SLOW_READER = 917 /* reject: answers were not read in time */
};
/* end of codes */

/* generated: enumerations */
enum tt_suite {
    TT_SUITE_INTL_HMAC = 1,
    TT_SUITE_INTL_CMAC = 2,
    TT_SUITE_GM_HMAC = 3,
    TT_SUITE_GM_CMAC = 4,
    TT_SUITE_LEGACY = 5
};

enum tt_cipher {
    TT_CIPHER_NONE = 0,
    TT_CIPHER_AES_128_GCM = 1,
    TT_CIPHER_AES_256_GCM = 2,
    TT_CIPHER_SM4_GCM = 3,
    TT_CIPHER_SM4_CBC = 4
};

enum tt_token_state {
    TT_TOKEN_STATE_BLANK = 0,
    TT_TOKEN_STATE_IN_STOCK = 1,
    TT_TOKEN_STATE_ACTIVE = 2,
    TT_TOKEN_STATE_LOCKED = 3,
    TT_TOKEN_STATE_DISABLED = 4,
    TT_TOKEN_STATE_EXPIRED = 5,
    TT_TOKEN_STATE_NOT_YET_VALID = 6,
    TT_TOKEN_STATE_VOID = 7,
    TT_TOKEN_STATE_LOST = 9,
    TT_TOKEN_STATE_REPLACED = 10,
    TT_TOKEN_STATE_ASSIGNED = 11
};

enum tt_user_state {
    TT_USER_STATE_BLANK = 0,
    TT_USER_STATE_ACTIVE = 1,
    TT_USER_STATE_CLOSED = 2
};

enum tt_password_kind {
    TT_PASSWORD_KIND_PASSWORD = 1,
    TT_PASSWORD_KIND_PIN = 2
};

enum tt_password_state {
    TT_PASSWORD_STATE_BLANK = 0,
    TT_PASSWORD_STATE_ACTIVE = 1,
    TT_PASSWORD_STATE_NOT_SET = 2,
    TT_PASSWORD_STATE_LOCKED = 3,
    TT_PASSWORD_STATE_DISABLED = 4,
    TT_PASSWORD_STATE_EXPIRED = 5,
    TT_PASSWORD_STATE_MUST_CHANGE = 6
};

enum tt_phone_state {
    TT_PHONE_STATE_BLANK = 0,
    TT_PHONE_STATE_BOUND = 1,
    TT_PHONE_STATE_COOLING_OFF = 2,
    TT_PHONE_STATE_UNBOUND = 3
};

enum tt_message_state {
    TT_MESSAGE_STATE_BLANK = 0,
    TT_MESSAGE_STATE_QUEUED = 1,
    TT_MESSAGE_STATE_SENDING = 2,
    TT_MESSAGE_STATE_SENT = 3,
    TT_MESSAGE_STATE_DELIVERED = 4,
    TT_MESSAGE_STATE_FAILED = 5,
    TT_MESSAGE_STATE_UNKNOWN = 6,
    TT_MESSAGE_STATE_EXPIRED = 7
};

enum tt_query_state {
    TT_QUERY_STATE_NONE = 0,
    TT_QUERY_STATE_IN_PROGRESS = 1,
    TT_QUERY_STATE_RECORDED = 2,
    TT_QUERY_STATE_NOT_SEEN = 3,
    TT_QUERY_STATE_CANCELLED = 4
};

enum tt_flow_state {
    TT_FLOW_STATE_BLANK = 0,
    TT_FLOW_STATE_OPEN = 1,
    TT_FLOW_STATE_SATISFIED = 2,
    TT_FLOW_STATE_CANCELLED = 3,
    TT_FLOW_STATE_EXPIRED = 4,
    TT_FLOW_STATE_FAILED = 5
};

enum tt_verification_state {
    TT_VERIFICATION_STATE_BLANK = 0,
    TT_VERIFICATION_STATE_WAITING = 1,
    TT_VERIFICATION_STATE_CONFIRMED = 2,
    TT_VERIFICATION_STATE_APPROVED = 3,
    TT_VERIFICATION_STATE_REFUSED = 4,
    TT_VERIFICATION_STATE_EXPIRED = 5,
    TT_VERIFICATION_STATE_FAILED = 6
};
/* end of enumerations */

/*
 * Messages. Strings end in NUL and are one octet longer here than on the wire. Zeroed memory is a
 * blank message, but for the few numbers that tt_message_init() sets. Layouts never change; a new
 * version of one is a new struct.
 */

/* generated: structs */
/* The server's first frame; not MACed. `node` names the server for logs and support. */
typedef struct tt_greeting {
    uint8_t server_nonce[16]; /* 16 random bytes of the server; in the request: as greeted */
    uint64_t server_time; /* the server's clock, ms since the epoch */
    char node[17]; /* which server this is */
} tt_greeting;

/* The client proves that it has the channel master key. `wanted_in_flight` 0: as the server says. */
typedef struct tt_sign_on_request {
    uint8_t client_nonce[16]; /* 16 random bytes of the client; in the response: as sent */
    uint8_t server_nonce[16]; /* 16 random bytes of the server; in the request: as greeted */
    char client_name[33]; /* for the server's logs */
    uint16_t wanted_in_flight; /* requests the client wants to have open at once; 0 = as many as allowed */
} tt_sign_on_request;

/* The server proves the same, gives its limits and the first working keys. */
typedef struct tt_sign_on_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint8_t client_nonce[16]; /* 16 random bytes of the client; in the response: as sent */
    uint16_t in_flight_limit; /* requests that may be open at once; more are answered BUSY */
    uint16_t heartbeat_s; /* send a heartbeat after so many silent seconds */
    uint16_t idle_s; /* the server closes after so many silent seconds */
    uint16_t generation; /* of the working keys that follow */
    uint32_t key_life_s; /* the server asks for a key change after so many seconds */
    uint8_t mac_request_wrapped[40]; /* the mac_request working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t mac_request_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t mac_request_check[3]; /* its check value; zeros when there is none */
    uint8_t mac_response_wrapped[40]; /* the mac_response working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t mac_response_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t mac_response_check[3]; /* its check value; zeros when there is none */
    uint8_t field_request_wrapped[40]; /* the field_request working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t field_request_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t field_request_check[3]; /* its check value; zeros when there is none */
    uint8_t field_response_wrapped[40]; /* the field_response working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t field_response_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t field_response_check[3]; /* its check value; zeros when there is none */
} tt_sign_on_response;

/* The client has nothing more to ask. */
typedef struct tt_sign_off_request {
    uint8_t nothing;
} tt_sign_off_request;

/* The server's last frame. */
typedef struct tt_sign_off_response {
    uint8_t nothing;
} tt_sign_off_response;

/* Are you there. */
typedef struct tt_heartbeat_request {
    uint8_t nothing;
} tt_heartbeat_request;

/* I am. */
typedef struct tt_heartbeat_response {
    uint8_t nothing;
} tt_heartbeat_response;

/* The client asks for the next generation of working keys. */
typedef struct tt_key_change_request {
    uint8_t nothing;
} tt_key_change_request;

/* The next generation of working keys; fields as in `SignOnResponse`. */
typedef struct tt_key_change_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t generation; /* of the working keys that follow */
    uint32_t key_life_s; /* the server asks for a key change after so many seconds */
    uint8_t mac_request_wrapped[40]; /* the mac_request working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t mac_request_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t mac_request_check[3]; /* its check value; zeros when there is none */
    uint8_t mac_response_wrapped[40]; /* the mac_response working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t mac_response_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t mac_response_check[3]; /* its check value; zeros when there is none */
    uint8_t field_request_wrapped[40]; /* the field_request working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t field_request_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t field_request_check[3]; /* its check value; zeros when there is none */
    uint8_t field_response_wrapped[40]; /* the field_response working key under the KEK, left-justified, zero-padded; zeros when there is none */
    uint8_t field_response_length; /* of the key itself, 16 or 32; 0 = there is none */
    uint8_t field_response_check[3]; /* its check value; zeros when there is none */
} tt_key_change_response;

/* The server will close: ask elsewhere; open requests are answered within `grace_ms`. */
typedef struct tt_drain {
    uint32_t grace_ms; /* DRAIN: open requests are answered within; KEY_CHANGE_DUE: change keys within */
} tt_drain;

/* Send KEY_CHANGE within `grace_ms`. */
typedef struct tt_key_change_due {
    uint32_t grace_ms; /* DRAIN: open requests are answered within; KEY_CHANGE_DUE: change keys within */
} tt_key_change_due;

/* Make a user known. `operator`: the member of staff, if any; `name`, `mobile`: secret. */
typedef struct tt_register_user_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char name[65]; /* SECRET: the customer's name; may be blank */
    char mobile[21]; /* SECRET: the customer's mobile number; may be blank */
} tt_register_user_request;

/* The user's state after REGISTER_USER or CLOSE_USER; a `UserState`. */
typedef struct tt_user_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t user_state; /* user state, or 0 where there is nothing to tell */
} tt_user_response;

/* What is known of a user. */
typedef struct tt_query_user_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
} tt_query_user_request;

/* A user, the number of tokens, and the first eight of them. */
typedef struct tt_query_user_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t user_state; /* user state, or 0 where there is nothing to tell */
    uint8_t token_count; /* how many tokens the user has; the first eight follow */
    uint64_t registered_at; /* ms since the epoch */
    char token_1[25]; /* serial number of a token; blank when fewer */
    uint8_t token_1_state; /* token state */
    char token_2[25]; /* serial number of a token; blank when fewer */
    uint8_t token_2_state; /* token state */
    char token_3[25]; /* serial number of a token; blank when fewer */
    uint8_t token_3_state; /* token state */
    char token_4[25]; /* serial number of a token; blank when fewer */
    uint8_t token_4_state; /* token state */
    char token_5[25]; /* serial number of a token; blank when fewer */
    uint8_t token_5_state; /* token state */
    char token_6[25]; /* serial number of a token; blank when fewer */
    uint8_t token_6_state; /* token state */
    char token_7[25]; /* serial number of a token; blank when fewer */
    uint8_t token_7_state; /* token state */
    char token_8[25]; /* serial number of a token; blank when fewer */
    uint8_t token_8_state; /* token state */
    char name[65]; /* SECRET: the customer's name; may be blank */
    char mobile[21]; /* SECRET: the customer's mobile number; may be blank */
} tt_query_user_response;

/* Close a user whose tokens are all unbound. */
typedef struct tt_close_user_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_close_user_request;

/* Bind a token to a user; `otp`, secret, proves possession and may be blank. */
typedef struct tt_bind_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_bind_token_request;

/* The token afterwards; fields as in `VerifyOtpResponse`. */
typedef struct tt_token_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
} tt_token_response;

/* UNBIND_TOKEN, ENABLE_TOKEN, DISABLE_TOKEN, UNLOCK_TOKEN, REPORT_LOSS, WITHDRAW_LOSS, VOID_TOKEN, RESTORE_TOKEN or ASSIGN_TOKEN: the header's code says which. VOID_TOKEN and RESTORE_TOKEN of a token without an owner name no customer. */
typedef struct tt_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_token_request;

/* Find a token that drifted, by two codes that follow one another; both secret. */
typedef struct tt_resync_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char otp_1[11]; /* SECRET: a one-time code */
    char otp_2[11]; /* SECRET: the code right after it */
} tt_resync_token_request;

/* Put a token of the stock in the place of one of the customer's. */
typedef struct tt_replace_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char new_token[25]; /* serial number of the token that takes the other's place */
    char reason[49]; /* why; may be blank */
    uint8_t assign; /* 1 = the new token waits for its activation; 0 = it can be used at once */
    uint8_t carry_pin; /* 1 = the old token's PIN becomes the new one's */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_replace_token_request;

/* Both tokens afterwards. */
typedef struct tt_replace_token_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char new_token[25]; /* serial number of the token that takes the other's place */
    uint8_t new_token_state; /* its token state; 0 where nothing was replaced */
    uint8_t pin_carried; /* 1 = it has */
} tt_replace_token_response;

/* Begin to use an assigned token: `otp`, its first code, proves that it is in the right hands. */
typedef struct tt_activate_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
    char activation_code[25]; /* SECRET: of a token on a mobile phone; otherwise blank */
} tt_activate_token_request;

/* How a token stands. A token of the stock is asked about without a customer. */
typedef struct tt_query_token_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
} tt_query_token_request;

/* A token as it stands; times are milliseconds since the epoch, 0 = none. */
typedef struct tt_query_token_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char token_type[33]; /* name of the token's type */
    char replaced_by[25]; /* serial number of the token that took its place; may be blank */
    uint16_t cells_left; /* unused cells of a scratch card; 0xFFFF = it is none */
    uint64_t valid_from; /* ms since the epoch */
    uint64_t valid_to; /* ms since the epoch */
    uint64_t activation_until; /* until when the token can be activated, ms since the epoch; 0 = none waits */
    uint64_t emergency_until; /* until when an emergency code stands in, ms since the epoch; 0 = none */
} tt_query_token_response;

/* Make the server's half of an assigned token's seed, for the QR code. */
typedef struct tt_start_activation_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    uint32_t valid_s; /* for so many seconds; 0 = a day */
} tt_start_activation_request;

/* `uri`, secret: the otpauth:// URI with the half; `expires_at`: ms since the epoch. */
typedef struct tt_start_activation_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint64_t expires_at; /* ms since the epoch */
    char uri[305]; /* SECRET: otpauth:// URI with the server's half of the seed; see *Mobile tokens* */
} tt_start_activation_response;

/* Make the activation code, the customer's half, to be sent by another way than the first. */
typedef struct tt_issue_activation_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
} tt_issue_activation_code_request;

/* `activation_code`: secret; `remaining_tries`: of the code. */
typedef struct tt_issue_activation_code_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
    char activation_code[25]; /* SECRET: of a token on a mobile phone; otherwise blank */
} tt_issue_activation_code_response;

/* Give the customer a code that stands in for a lost token. */
typedef struct tt_issue_emergency_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
    uint8_t uses; /* how often the code may be used; 0 = 3 */
    uint32_t valid_s; /* for so many seconds; 0 = a day */
} tt_issue_emergency_code_request;

/* `emergency_code`: secret; `expires_at`: ms since the epoch. */
typedef struct tt_issue_emergency_code_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t uses_left; /* how often it may still be used */
    uint64_t expires_at; /* ms since the epoch */
    char emergency_code[11]; /* SECRET: stands in for the lost token */
} tt_issue_emergency_code_response;

/* Is `otp` the emergency code of a lost token; fields as in `VerifyOtpRequest`. */
typedef struct tt_verify_emergency_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_verify_emergency_code_request;

/* As `VerifyOtpResponse`, tries and lock being the code's own; `uses_left`: of the code. */
typedef struct tt_verify_emergency_code_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint8_t uses_left; /* how often it may still be used */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
} tt_verify_emergency_code_response;

/* Which cells of the card shall the customer type in; fields as in `VerifyOtpRequest`. */
typedef struct tt_ask_card_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
} tt_ask_card_request;

/* The question; `detail` is `card_low` when a new card is due. */
typedef struct tt_ask_card_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char cells[41]; /* coordinates with commas between, to be typed in this order; B7 = row B, column 7 */
    uint8_t cell_digits; /* digits in one cell */
    uint16_t cells_left; /* unused cells of a scratch card; 0xFFFF = it is none */
    uint64_t expires_at; /* ms since the epoch */
} tt_ask_card_response;

/* Does `answer` stand in the cells that were asked for; it is secret. */
typedef struct tt_verify_card_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char answer[17]; /* SECRET: what the token shows */
} tt_verify_card_request;

/* As `VerifyOtpResponse`, and what is left of the card; `detail` as in `AskCardResponse`. */
typedef struct tt_verify_card_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint16_t cells_left; /* unused cells of a scratch card; 0xFFFF = it is none */
} tt_verify_card_response;

/* Is `otp` right for this user. */
typedef struct tt_verify_otp_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_verify_otp_request;

/* What came of it; each field blank where there is nothing to tell or policy hides it. */
typedef struct tt_verify_otp_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
} tt_verify_otp_response;

/* Are `pin` and `otp` right for this user's token; both secret. Otherwise as VERIFY_OTP, whose answer it has. */
typedef struct tt_verify_pin_otp_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
    char pin[13]; /* SECRET: the token's PIN */
} tt_verify_pin_otp_request;

/* Set or change a token's PIN. */
typedef struct tt_set_token_pin_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
    char pin[13]; /* SECRET: the token's PIN */
    char new_pin[13]; /* SECRET: 4 to 12 digits */
} tt_set_token_pin_request;

/* As VERIFY_OTP, the code hidden in an MS-CHAPv2 response (RFC 2759). */
typedef struct tt_verify_mschapv2_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char user_name[65]; /* the name the peer computed its response with */
    uint8_t authenticator_challenge[16]; /* the challenge the peer was given */
    uint8_t peer_challenge[16]; /* the peer's own challenge */
    uint8_t nt_response[24]; /* the peer's response (RFC 2759) */
} tt_verify_mschapv2_request;

/* As `VerifyOtpResponse`; `authenticator_response` ("S=" and 40 hexadecimal digits) proves to the peer that the server knows the code, too. Blank unless approved. */
typedef struct tt_verify_mschapv2_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char authenticator_response[43]; /* `S=` and 40 hexadecimal digits; blank unless approved */
} tt_verify_mschapv2_response;

/* As VERIFY_OTP, the code hidden in a CHAP response (RFC 1994). */
typedef struct tt_verify_chap_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    uint8_t identifier; /* of the CHAP packets */
    uint8_t authenticator_challenge[16]; /* the challenge the peer was given */
    uint8_t chap_response[16]; /* the peer's response (RFC 1994) */
} tt_verify_chap_request;

/* Ask a question that the user's token is to answer. */
typedef struct tt_issue_ocra_challenge_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
    char session[513]; /* session information that the token mixes in; otherwise blank */
} tt_issue_ocra_challenge_request;

/* The question, and the id under which its answer is verified. */
typedef struct tt_issue_ocra_challenge_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint64_t expires_at; /* ms since the epoch */
} tt_issue_ocra_challenge_response;

/* Is `answer` right. */
typedef struct tt_verify_ocra_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    char session[513]; /* session information that the token mixes in; otherwise blank */
    char answer[129]; /* SECRET: what the token shows */
    char pin[13]; /* SECRET: the token's PIN */
} tt_verify_ocra_request;

/* As `VerifyOtpResponse`; `question` and `text_digest` say what was answered, approved ones only. */
typedef struct tt_verify_ocra_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
} tt_verify_ocra_response;

/* Let the server prove itself to the user: what would it answer to `question`, which the user's token shows? Its own question comes with the answer and may be answered by VERIFY_OCRA (RFC 6287 sections 7.2 and 7.4). The other fields as in `IssueOcraChallengeRequest`. */
typedef struct tt_host_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
    char session[513]; /* session information that the token mixes in; otherwise blank */
} tt_host_code_request;

/* The server's question and its answer to the user's; `host_code` is secret. */
typedef struct tt_host_code_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint64_t expires_at; /* ms since the epoch */
    char host_code[129]; /* SECRET: what the token must show, too, or the server is a false one */
} tt_host_code_response;

/* What became of a serial. `channel` 0: one's own; `business_day` 0: the header's. */
typedef struct tt_query_serial_request {
    uint32_t channel; /* channel the question is about; 0 = one's own */
    uint16_t business_day; /* business day the question is about; 0 = the header's */
    uint64_t serial; /* serial the question is about */
} tt_query_serial_request;

/* The earlier request, as recorded. */
typedef struct tt_query_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t of_state; /* query state */
    uint16_t of_transaction; /* transaction code of the recorded request; 0 = blank */
    uint32_t of_result; /* its response code */
    uint64_t of_time; /* when it was recorded, ms since the epoch */
    uint64_t of_serial; /* its serial */
    uint16_t of_shard; /* its place in the audit log; 0xFFFF = none */
    uint64_t of_seq; /* position in that shard */
    char method[17]; /* how it was verified; blank if it wasn't; transactions: `sms`, `ocra` or `service` */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
} tt_query_response;

/* What became of the bank's own reference. Other fields as in `QuerySerialRequest`. */
typedef struct tt_query_reference_request {
    uint32_t channel; /* channel the question is about; 0 = one's own */
    uint16_t business_day; /* business day the question is about; 0 = the header's */
    char reference[33]; /* the bank's own name for this; may be blank */
} tt_query_reference_request;

/* Claim an unseen serial, so that it is refused when it arrives late. `business_day` 0: the header's. */
typedef struct tt_cancel_serial_request {
    uint16_t business_day; /* business day the question is about; 0 = the header's */
    uint64_t serial; /* serial the question is about */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_cancel_serial_request;

/* Begin a flow that a policy of the bank describes. */
typedef struct tt_begin_flow_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char policy[33]; /* name of a flow policy; in answers blank where the caller's own expression was used */
    uint32_t deadline_s; /* the flow lapses after so many seconds; 0 = the policy's own */
    uint32_t channel_1; /* a channel that may take steps beside the beginner; 0 = none */
    uint32_t channel_2; /* as `channel_1` */
    uint32_t channel_3; /* as `channel_1` */
    uint32_t channel_4; /* as `channel_1` */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
} tt_begin_flow_request;

/* Of beginning, stepping and cancelling. */
typedef struct tt_flow_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char flow[33]; /* id of the flow, 32 hexadecimal digits */
    uint8_t flow_state; /* flow state; 0 where there is no flow to tell about */
    uint8_t token_state; /* token state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint16_t factor_transaction; /* transaction code of the factor's own verification; 0 = none or hidden */
    uint32_t factor_result; /* response code of the factor's own verification; 0 = not looked at or hidden */
    char factor[17]; /* name of a factor, see *Flows* */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint64_t expires_at; /* ms since the epoch */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char proven[105]; /* factors proven so far, with commas between */
    char wanted[105]; /* factors that may be tried now, with commas between */
    char authenticator_response[43]; /* `S=` and 40 hexadecimal digits; blank unless approved */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
} tt_flow_response;

/* As `BeginFlowRequest`, with the caller's own expression instead of a policy's. */
typedef struct tt_begin_own_flow_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char expression[193]; /* what the flow asks for, see *Flows* */
    uint32_t deadline_s; /* the flow lapses after so many seconds; 0 = the policy's own */
    uint32_t channel_1; /* a channel that may take steps beside the beginner; 0 = none */
    uint32_t channel_2; /* as `channel_1` */
    uint32_t channel_3; /* as `channel_1` */
    uint32_t channel_4; /* as `channel_1` */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
} tt_begin_own_flow_request;

/* Try one factor of a flow. */
typedef struct tt_flow_step_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char flow[33]; /* id of the flow, 32 hexadecimal digits */
    char factor[17]; /* name of a factor, see *Flows* */
    char end_user_address[41]; /* from where the customer came; may be blank */
    uint16_t factor_schema; /* layout version of the enclosed body */
    uint8_t factor_body[1008]; /* SECRET: the body of the factor's own request, unsealed, zeros after it; see *Flows* */
} tt_flow_step_request;

/* How far a flow is, and its outcome. Any channel of the institution may ask. */
typedef struct tt_query_flow_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char flow[33]; /* id of the flow, 32 hexadecimal digits */
} tt_query_flow_request;

/* A flow as it stands. */
typedef struct tt_flow_query_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char flow[33]; /* id of the flow, 32 hexadecimal digits */
    uint8_t flow_state; /* flow state; 0 where there is no flow to tell about */
    uint8_t failures; /* refused tries so far; 255 = that many or more */
    uint32_t began_channel; /* the channel that began it */
    uint64_t began_at; /* ms since the epoch */
    uint64_t expires_at; /* ms since the epoch */
    uint64_t ended_at; /* ms since the epoch; 0 = not ended by a request */
    char customer[33]; /* customer number; with the institution it names a user */
    char policy[33]; /* name of a flow policy; in answers blank where the caller's own expression was used */
    char reference[33]; /* the bank's own name for this; may be blank */
    char proven[105]; /* factors proven so far, with commas between */
    char wanted[105]; /* factors that may be tried now, with commas between */
    char expression[193]; /* what the flow asks for, see *Flows* */
} tt_flow_query_response;

/* End a flow: no later step counts. */
typedef struct tt_cancel_flow_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char flow[33]; /* id of the flow, 32 hexadecimal digits */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_cancel_flow_request;

/* BIND_PHONE or CHANGE_PHONE: the header's code says which. */
typedef struct tt_phone_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
    char mobile[21]; /* SECRET: the customer's mobile number; may be blank */
} tt_phone_request;

/* The customer's phone afterwards. */
typedef struct tt_phone_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t phone_state; /* phone state; 0 where there is nothing to tell */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t usable_from; /* until then few scenes use the number, ms since the epoch; 0 = at once */
    char number_tail[5]; /* the last four digits of the phone number */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
} tt_phone_response;

/* CANCEL_PHONE_CHANGE, UNBIND_PHONE, UNLOCK_SMS or QUERY_PHONE: the header's code says which. */
typedef struct tt_phone_act_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_phone_act_request;

/* Send the customer a code for this transaction. */
typedef struct tt_send_sms_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
    char app[25]; /* name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text */
    char scene[17]; /* kind of act; blank: by amount and purpose `payment`, `confirm` or `login` */
    uint64_t amount; /* in the currency's smallest unit; 0 with a blank currency = none */
    char currency[5]; /* three capital letters (ISO 4217); may be blank */
    char payee[37]; /* the payee's account; may be blank */
    char payee_name[49]; /* may be blank */
    char purpose[49]; /* what it is for, in the customer's words; may be blank */
    char free_fields[161]; /* further fields, `name=value; name=value`; may be blank */
} tt_send_sms_code_request;

/* The code is on its way. */
typedef struct tt_send_sms_code_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char message_id[33]; /* id of a message, 32 hexadecimal digits */
    char server_code[5]; /* server identification code: on the page and in the text */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
    uint64_t resend_at; /* before this another code is refused, ms since the epoch */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
} tt_send_sms_code_response;

/* Is `otp` the code of this challenge and this transaction. Other fields as they were sent. */
typedef struct tt_verify_sms_code_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char scene[17]; /* kind of act; blank: by amount and purpose `payment`, `confirm` or `login` */
    uint64_t amount; /* in the currency's smallest unit; 0 with a blank currency = none */
    char currency[5]; /* three capital letters (ISO 4217); may be blank */
    char payee[37]; /* the payee's account; may be blank */
    char payee_name[49]; /* may be blank */
    char purpose[49]; /* what it is for, in the customer's words; may be blank */
    char free_fields[161]; /* further fields, `name=value; name=value`; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_verify_sms_code_request;

/* What came of it; tries and lock are of codes by SMS, whichever code it was. */
typedef struct tt_verify_sms_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
} tt_verify_sms_response;

/* As `VerifySmsCodeRequest`, by MS-CHAPv2 (RFC 2759) in place of the code itself. */
typedef struct tt_verify_sms_mschap_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    char scene[17]; /* kind of act; blank: by amount and purpose `payment`, `confirm` or `login` */
    uint64_t amount; /* in the currency's smallest unit; 0 with a blank currency = none */
    char currency[5]; /* three capital letters (ISO 4217); may be blank */
    char payee[37]; /* the payee's account; may be blank */
    char payee_name[49]; /* may be blank */
    char purpose[49]; /* what it is for, in the customer's words; may be blank */
    char free_fields[161]; /* further fields, `name=value; name=value`; may be blank */
    char user_name[33]; /* the name the peer computed its response with */
    uint8_t authenticator_challenge[16]; /* the challenge the peer was given */
    uint8_t peer_challenge[16]; /* the peer's own challenge */
    uint8_t nt_response[24]; /* the peer's response (RFC 2759) */
} tt_verify_sms_mschap_request;

/* As `VerifySmsResponse`; `authenticator_response` (`S=` and 40 hexadecimal digits) proves to the peer that we know the code, and is blank unless approved. */
typedef struct tt_verify_sms_mschap_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char challenge[33]; /* id of what the answer answers; blank for answers without one */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    char authenticator_response[43]; /* `S=` and 40 hexadecimal digits; blank unless approved */
} tt_verify_sms_mschap_response;

/* What became of a message. */
typedef struct tt_query_sms_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char message_id[33]; /* id of a message, 32 hexadecimal digits */
} tt_query_sms_request;

/* The message as it stands. */
typedef struct tt_query_sms_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t message_state; /* message state; 0 = no such message of this user */
    uint8_t attempts; /* how often it was handed to a gateway */
    char purpose_word[25]; /* what the message is: a scene, or the name of a notice */
    uint64_t queued_at; /* ms since the epoch */
    uint64_t expires_at; /* ms since the epoch */
    char delivery_reason[33]; /* what gateway or network said; may be blank */
} tt_query_sms_response;

/* The key under which codes are sealed for one of the customer's apps; replaces an older one. */
typedef struct tt_register_app_key_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char app[25]; /* name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text */
    char algorithm[9]; /* `sm4-gcm` or `aes-gcm` */
    char app_key[65]; /* SECRET: the app's key, 32 or 64 hexadecimal digits */
} tt_register_app_key_request;

/* `app_count`: how many apps of the customer's have a key now. */
typedef struct tt_app_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char app[25]; /* name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text */
    uint8_t app_count; /* how many apps have a key now */
} tt_app_response;

/* REMOVE_APP_KEY. */
typedef struct tt_app_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char app[25]; /* name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text */
    char reason[49]; /* why; may be blank */
} tt_app_request;

/* Send the customer a warning in the bank's own words; `words` hold no code and no link. */
typedef struct tt_send_sms_warning_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
    char words[181]; /* the bank's own words */
} tt_send_sms_warning_request;

/* `message_id` names it for QUERY_SMS. */
typedef struct tt_send_sms_warning_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char message_id[33]; /* id of a message, 32 hexadecimal digits */
} tt_send_sms_warning_response;

/* The first password of a user: an operator answers for it, or a one-time code proves it. */
typedef struct tt_set_password_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    uint8_t kind; /* password kind: password or PIN */
    char slot[17]; /* which of several passwords of that kind; blank = the ordinary one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char password[129]; /* SECRET: a password or PIN; RESET_PASSWORD: blank = one is made */
    char known[97]; /* SECRET: words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank */
    char otp[11]; /* SECRET: one-time code; BIND_TOKEN: may be blank */
} tt_set_password_request;

/* The password afterwards; each field blank where there is nothing to tell or policy hides it. */
typedef struct tt_password_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t kind; /* password kind: password or PIN */
    uint8_t password_state; /* password state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t changed_at; /* when it was set, ms since the epoch; 0 = blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
} tt_password_response;

/* The user's own change: `password` is the one in force, `new_password` what shall be. */
typedef struct tt_change_password_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    uint8_t kind; /* password kind: password or PIN */
    char slot[17]; /* which of several passwords of that kind; blank = the ordinary one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char password[129]; /* SECRET: a password or PIN; RESET_PASSWORD: blank = one is made */
    char new_password[129]; /* SECRET: the new password or PIN; in the answer the one that was made, or blank */
    char known[97]; /* SECRET: words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank */
} tt_change_password_request;

/* An operator's: the user has forgotten it. Blank `password`: one is made and answered. */
typedef struct tt_reset_password_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    uint8_t kind; /* password kind: password or PIN */
    char slot[17]; /* which of several passwords of that kind; blank = the ordinary one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
    char password[129]; /* SECRET: a password or PIN; RESET_PASSWORD: blank = one is made */
    char known[97]; /* SECRET: words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank */
} tt_reset_password_request;

/* As `PasswordResponse`; `new_password`, secret, is the one that was made, blank where one was given. */
typedef struct tt_reset_password_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t kind; /* password kind: password or PIN */
    uint8_t password_state; /* password state; 0 where there is nothing to tell or policy hides it */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t changed_at; /* when it was set, ms since the epoch; 0 = blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
    char new_password[129]; /* SECRET: the new password or PIN; in the answer the one that was made, or blank */
} tt_reset_password_response;

/* Is `password` right for this user. */
typedef struct tt_verify_password_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    uint8_t kind; /* password kind: password or PIN */
    char slot[17]; /* which of several passwords of that kind; blank = the ordinary one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char password[129]; /* SECRET: a password or PIN; RESET_PASSWORD: blank = one is made */
} tt_verify_password_request;

/* QUERY_PASSWORD, UNLOCK_PASSWORD, DISABLE_PASSWORD or ENABLE_PASSWORD: the header's code says which. */
typedef struct tt_password_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    uint8_t kind; /* password kind: password or PIN */
    char slot[17]; /* which of several passwords of that kind; blank = the ordinary one */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reason[49]; /* why; may be blank */
} tt_password_request;

/* Compose the text of a transaction and have it confirmed. */
typedef struct tt_begin_transaction_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char method[9]; /* how it was verified; blank if it wasn't; transactions: `sms`, `ocra` or `service` */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char app[25]; /* name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text */
    uint32_t lasts_s; /* so many seconds to complete it; 0 = 600 */
    char act[17]; /* what the transaction is: `transfer`, `payment`, `withdrawal`, `new_payee`, `limit`, `other`; see *Transactions* */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
    char currency[5]; /* three capital letters (ISO 4217); may be blank */
    char sum[25]; /* amount as a decimal number, `1234.50`; blank = none */
    char payee[37]; /* the payee's account; may be blank */
    char payee_name[97]; /* may be blank */
    char bank[73]; /* the payee's bank; may be blank */
    char purpose[97]; /* what it is for, in the customer's words; may be blank */
    uint64_t ordered_at; /* when the customer ordered it, ms since the epoch; 0 = now */
} tt_begin_transaction_request;

/* The text, and what the customer is to do. */
typedef struct tt_begin_transaction_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
    uint16_t text_version; /* of the words that the text is made with */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
    uint64_t resend_at; /* before this another code is refused, ms since the epoch */
    char server_code[5]; /* server identification code: on the page and in the text */
    char message_id[33]; /* id of a message, 32 hexadecimal digits */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    char question[65]; /* what the token is asked, at most as long as its suite says */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
    char text[801]; /* SECRET: what the customer is shown and confirms */
} tt_begin_transaction_response;

/* Customer service has read the text to the customer. */
typedef struct tt_confirm_by_service_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char verdict[9]; /* `confirm` or `refuse` */
    char reason[49]; /* why; may be blank */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
} tt_confirm_by_service_request;

/* Of confirming and completing. */
typedef struct tt_transaction_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
    uint8_t verification_state; /* verification state; 0 where there is none to tell about */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
    uint16_t text_version; /* of the words that the text is made with */
    char method[9]; /* how it was verified; blank if it wasn't; transactions: `sms`, `ocra` or `service` */
    char token[25]; /* serial number of a token; VERIFY_OTP: blank = the user's single active one */
    uint64_t locked_until; /* ms since the epoch; 0 = not locked, blank or hidden */
    uint64_t expires_at; /* ms since the epoch */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
} tt_transaction_response;

/* Was this transaction, as it is now to be executed, confirmed? */
typedef struct tt_complete_transaction_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char end_user_address[41]; /* from where the customer came; may be blank */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
    char method[9]; /* how it was verified; blank if it wasn't; transactions: `sms`, `ocra` or `service` */
    char act[17]; /* what the transaction is: `transfer`, `payment`, `withdrawal`, `new_payee`, `limit`, `other`; see *Transactions* */
    char language[5]; /* of the texts, `zh` or `en`; in requests blank = the customer's or the channel's */
    char currency[5]; /* three capital letters (ISO 4217); may be blank */
    char sum[25]; /* amount as a decimal number, `1234.50`; blank = none */
    char payee[37]; /* the payee's account; may be blank */
    char payee_name[97]; /* may be blank */
    char bank[73]; /* the payee's bank; may be blank */
    char purpose[97]; /* what it is for, in the customer's words; may be blank */
    uint64_t ordered_at; /* when the customer ordered it, ms since the epoch; 0 = now */
    char proof[129]; /* SECRET: the code by SMS, or what the token shows; blank with customer service */
    char pin[13]; /* SECRET: the token's PIN */
} tt_complete_transaction_request;

/* How, when and over which text. Any channel of the institution may ask. */
typedef struct tt_query_transaction_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
} tt_query_transaction_request;

/* A verification as it stands. */
typedef struct tt_query_transaction_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char verification[33]; /* id of a transaction's verification, 32 hexadecimal digits */
    uint8_t verification_state; /* verification state; 0 where there is none to tell about */
    uint16_t text_version; /* of the words that the text is made with */
    char method[9]; /* how it was verified; blank if it wasn't; transactions: `sms`, `ocra` or `service` */
    uint32_t began_channel; /* the channel that began it */
    char operator_[17]; /* member of staff who asked; may be blank */
    char reference[33]; /* the bank's own name for this; may be blank */
    char act[17]; /* what the transaction is: `transfer`, `payment`, `withdrawal`, `new_payee`, `limit`, `other`; see *Transactions* */
    uint64_t began_at; /* ms since the epoch */
    uint64_t expires_at; /* ms since the epoch */
    uint64_t ended_at; /* ms since the epoch; 0 = not ended by a request */
    uint64_t confirmed_at; /* ms since the epoch; 0 = not yet */
    char confirmed_by[17]; /* member of customer service who confirmed or refused; blank = none yet */
    char reason[49]; /* why; may be blank */
    uint8_t text_digest[32]; /* SHA-256 of the text that the question stands for; zeros = none */
    char text[801]; /* SECRET: what the customer is shown and confirms */
} tt_query_transaction_response;

/* Keep `greeting`, secret, for the user; blank takes it back. */
typedef struct tt_set_greeting_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
    char reference[33]; /* the bank's own name for this; may be blank */
    char operator_[17]; /* member of staff who asked; may be blank */
    char greeting[97]; /* SECRET: the reserved greeting; SET_GREETING: blank takes it back */
} tt_set_greeting_request;

/* With GREETING_UNSUITABLE `detail` names the rule. */
typedef struct tt_set_greeting_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
} tt_set_greeting_response;

/* What to show to whoever says to be this user. */
typedef struct tt_get_greeting_request {
    char institution[13]; /* legal entity the user belongs to */
    char customer[33]; /* customer number; with the institution it names a user */
} tt_get_greeting_request;

/* `greeting`, secret: the user's own; an invented one, always the same, where there is none or no such user. */
typedef struct tt_get_greeting_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    char greeting[97]; /* SECRET: the reserved greeting; SET_GREETING: blank takes it back */
} tt_get_greeting_response;

/* A MAC of `data` under the current generation of `key`. */
typedef struct tt_generate_mac_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char reference[33]; /* the bank's own name for this; may be blank */
    uint8_t mac_algorithm; /* 1, 2, 3 of ISO/IEC 9797-1, 5 CMAC, 16 HMAC */
    uint8_t padding; /* method 1, 2 or 3 of ISO/IEC 9797-1; 0 with CMAC and HMAC */
    uint8_t mac_length; /* bytes of the MAC, from the left */
    uint16_t data_length; /* bytes of `data` */
    uint8_t data[1024]; /* SECRET: left-justified, zeros behind */
} tt_generate_mac_request;

/* The MAC, and the generation of the key that made it. */
typedef struct tt_generate_mac_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint8_t mac_length; /* bytes of the MAC, from the left */
    uint8_t mac_value[32]; /* the MAC, left-justified, zeros behind */
} tt_generate_mac_response;

/* Is `mac_value` the MAC of `data`; `key_generation` 0 = the current one. */
typedef struct tt_verify_mac_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char reference[33]; /* the bank's own name for this; may be blank */
    uint8_t mac_algorithm; /* 1, 2, 3 of ISO/IEC 9797-1, 5 CMAC, 16 HMAC */
    uint8_t padding; /* method 1, 2 or 3 of ISO/IEC 9797-1; 0 with CMAC and HMAC */
    uint8_t mac_length; /* bytes of the MAC, from the left */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint16_t data_length; /* bytes of `data` */
    uint8_t mac_value[32]; /* the MAC, left-justified, zeros behind */
    uint8_t data[1024]; /* SECRET: left-justified, zeros behind */
} tt_verify_mac_request;

/* APPROVED or MAC_WRONG, and the generation that was used. */
typedef struct tt_verify_mac_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
} tt_verify_mac_response;

/* `plain` under the current generation of `key`. */
typedef struct tt_encipher_field_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char reference[33]; /* the bank's own name for this; may be blank */
    char context[65]; /* what the field belongs to, bound to it by GCM; otherwise blank */
    uint8_t mode; /* 1 GCM, 2 CBC, 3 ECB */
    uint16_t plain_length; /* bytes of `plain` */
    uint8_t plain[512]; /* SECRET: the field in the clear, left-justified, zeros behind */
} tt_encipher_field_request;

/* The ciphertext with nonce or IV in front; keep `key_generation` beside it. */
typedef struct tt_encipher_field_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint16_t cipher_length; /* bytes of `ciphertext` */
    uint8_t ciphertext[544]; /* nonce or IV, ciphertext, tag; left-justified, zeros behind */
} tt_encipher_field_response;

/* The inverse; `key_generation` as the enciphering told it, 0 = the current one. */
typedef struct tt_decipher_field_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char reference[33]; /* the bank's own name for this; may be blank */
    char context[65]; /* what the field belongs to, bound to it by GCM; otherwise blank */
    uint8_t mode; /* 1 GCM, 2 CBC, 3 ECB */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint16_t cipher_length; /* bytes of `ciphertext` */
    uint8_t ciphertext[544]; /* nonce or IV, ciphertext, tag; left-justified, zeros behind */
} tt_decipher_field_request;

/* The field in the clear; NOT_DECIPHERED says no reason. */
typedef struct tt_decipher_field_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint16_t plain_length; /* bytes of `plain` */
    uint8_t plain[512]; /* SECRET: the field in the clear, left-justified, zeros behind */
} tt_decipher_field_response;

/* A PIN block under another key, in another format, of the same account number. */
typedef struct tt_translate_pin_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char new_key[25]; /* name of the key that the PIN block shall be under */
    char reference[33]; /* the bank's own name for this; may be blank */
    uint8_t pin_format; /* format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    uint8_t new_format; /* format that the PIN block shall have */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    char account[20]; /* SECRET: account number, 13 to 19 digits with the check digit */
    uint8_t pin_block[16]; /* SECRET: 16 bytes in format 4; in others 8, zeros behind */
} tt_translate_pin_request;

/* The block and the generation of the new key. */
typedef struct tt_translate_pin_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint8_t pin_block[16]; /* SECRET: 16 bytes in format 4; in others 8, zeros behind */
} tt_translate_pin_response;

/* Is the PIN in the block the one that `pin_value` was made of. */
typedef struct tt_verify_pin_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char pin_key[25]; /* name of the key that the PIN is verified with */
    char reference[33]; /* the bank's own name for this; may be blank */
    uint8_t pin_format; /* format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    uint8_t pin_method; /* 1 VISA PVV, 2 IBM 3624 offset, 3 keyed verifier */
    uint8_t pin_index; /* index of the key in the PVV, 0 to 9; otherwise 0 */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    uint16_t pin_key_generation; /* generation of `pin_key`; in requests 0 = the current one */
    char account[20]; /* SECRET: account number, 13 to 19 digits with the check digit */
    uint8_t pin_block[16]; /* SECRET: 16 bytes in format 4; in others 8, zeros behind */
    char pin_value[65]; /* SECRET: PVV, offset, or verifier in hexadecimal */
} tt_verify_pin_request;

/* APPROVED or PIN_WRONG; never the PIN. */
typedef struct tt_verify_pin_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t remaining_tries; /* wrong codes until the token locks; 255 where blank or hidden */
} tt_verify_pin_response;

/* What is kept in place of the PIN in the block, under the current generation of `pin_key`. */
typedef struct tt_make_pin_value_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char pin_key[25]; /* name of the key that the PIN is verified with */
    char reference[33]; /* the bank's own name for this; may be blank */
    uint8_t pin_format; /* format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    uint8_t pin_method; /* 1 VISA PVV, 2 IBM 3624 offset, 3 keyed verifier */
    uint8_t pin_index; /* index of the key in the PVV, 0 to 9; otherwise 0 */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    char account[20]; /* SECRET: account number, 13 to 19 digits with the check digit */
    uint8_t pin_block[16]; /* SECRET: 16 bytes in format 4; in others 8, zeros behind */
} tt_make_pin_value_request;

/* PVV, offset or verifier, to be kept with `pin_key_generation`. */
typedef struct tt_make_pin_value_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t pin_key_generation; /* generation of `pin_key`; in requests 0 = the current one */
    char pin_value[65]; /* SECRET: PVV, offset, or verifier in hexadecimal */
} tt_make_pin_value_response;

/* `octet_count` unpredictable octets, 1 to 256. */
typedef struct tt_draw_random_request {
    uint16_t octet_count; /* 1 to 256 */
} tt_draw_random_request;

/* Kept nowhere: a retry draws others. */
typedef struct tt_draw_random_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t octet_count; /* 1 to 256 */
    uint8_t random_octets[256]; /* SECRET: left-justified, zeros behind */
} tt_draw_random_response;

/* A digest of `data`, without a key. */
typedef struct tt_digest_request {
    uint8_t digest_algorithm; /* 1 SHA-256, 2 SHA-384, 3 SHA-512, 4 SM3; by configuration 5 SHA-1 */
    uint16_t data_length; /* bytes of `data` */
    uint8_t data[1024]; /* SECRET: left-justified, zeros behind */
} tt_digest_request;

/* The digest. */
typedef struct tt_digest_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint8_t digest_length; /* bytes of `digest_value` */
    uint8_t digest_value[64]; /* left-justified, zeros behind */
} tt_digest_response;

/* What is known of a key of one's own; `key_generation` 0 = the current one. */
typedef struct tt_query_key_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char key_purpose[17]; /* `mac`, `field`, `pin-block`, `pin-pvv`, `pin-offset`, `pin-verifier` or `transport` */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
} tt_query_key_request;

/* A key without its bytes; `key_block` only where one was asked for. */
typedef struct tt_key_response {
    char detail[33]; /* with BAD_FIELD and the like: name of the bad field; `card_low` when a new scratch card is due; otherwise blank */
    uint16_t entry_shard; /* where the answer stands in the audit log; 0xFFFF = nothing was recorded */
    uint64_t entry_seq; /* position in that shard */
    uint16_t key_generation; /* generation of `key`; in requests 0 = the current one */
    char key_algorithm[17]; /* `3des-168`, `aes-128`, `aes-192`, `aes-256`, `sm4`, `aes-128-pair`, `sm4-pair`, `hmac-sha256`, `hmac-sm3`; by configuration `des`, `3des-112` */
    char key_state[25]; /* `pre-active`, `current`, `old`, `compromised` or `destroyed` */
    char check_value[9]; /* six hexadecimal digits; in IMPORT_KEY may be blank */
    uint64_t key_expires_at; /* end of its crypto period, ms since the epoch */
    char key_block[513]; /* key block of ANSI X9.143, see *Key blocks*; in answers blank unless asked for */
} tt_key_response;

/* A new generation of a key of one's own, made by the server; with a `transport_key` the answer carries it in a key block, without one it never leaves. */
typedef struct tt_issue_key_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char key_purpose[17]; /* `mac`, `field`, `pin-block`, `pin-pvv`, `pin-offset`, `pin-verifier` or `transport` */
    char key_algorithm[17]; /* `3des-168`, `aes-128`, `aes-192`, `aes-256`, `sm4`, `aes-128-pair`, `sm4-pair`, `hmac-sha256`, `hmac-sm3`; by configuration `des`, `3des-112` */
    char transport_key[25]; /* name of the key that a key block is under; may be blank in ISSUE_KEY */
    char operator_[17]; /* member of staff who asked; may be blank */
} tt_issue_key_request;

/* A new generation of a key of one's own, brought in a key block under `transport_key`; purpose and algorithm are the block's. */
typedef struct tt_import_key_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char transport_key[25]; /* name of the key that a key block is under; may be blank in ISSUE_KEY */
    char operator_[17]; /* member of staff who asked; may be blank */
    char check_value[9]; /* six hexadecimal digits; in IMPORT_KEY may be blank */
    char key_block[513]; /* key block of ANSI X9.143, see *Key blocks*; in answers blank unless asked for */
} tt_import_key_request;

/* The current generation makes nothing more; what it made is still verified and deciphered. */
typedef struct tt_retire_key_request {
    char key[25]; /* name of a key of the channel's own, or else its institution's */
    char key_purpose[17]; /* `mac`, `field`, `pin-block`, `pin-pvv`, `pin-offset`, `pin-verifier` or `transport` */
    char operator_[17]; /* member of staff who asked; may be blank */
} tt_retire_key_request;
/* end of structs */

/* ------------------------------------------------------------------------- status */

typedef enum tt_status {
    TT_OK = 0,
    TT_ERROR_MEMORY = -1,          /* the allocator gave nothing; nothing was changed or sent */
    TT_ERROR_ARGUMENT = -2,        /* an argument that can't be */
    TT_ERROR_FIELD = -3,           /* a value doesn't fit its field; nothing was sent */
    TT_ERROR_STATE = -4,           /* not possible now, e.g. a request before sign-on */
    TT_ERROR_PROTOCOL = -5,        /* the server broke the protocol; the connection is over */
    TT_ERROR_KEY = -6,             /* a key doesn't fit, or its check value is wrong */
    TT_ERROR_CREDENTIALS = -7,     /* the credentials file is missing, open to others, or damaged */
    TT_ERROR_NETWORK = -8,         /* can't connect, or the connection broke */
    TT_ERROR_REFUSED = -9,         /* the server refused the sign-on */
    TT_ERROR_NO_ANSWER = -10,      /* the deadline passed; certainly not executed: ask anew */
    TT_ERROR_OUTCOME_UNKNOWN = -11,/* may have been executed: keep the ticket, see tt_client_resolve */
    TT_ERROR_REJECTED = -12,       /* the server proved that it can't read this request; not executed */
    TT_ERROR_CLOSED = -13,         /* the handle was closed first; not executed */
    TT_ERROR_FORKED = -14,         /* the handle belongs to another process */
    TT_ERROR_SYSTEM = -15,         /* the system gave no descriptor, clock or randomness */
    TT_ERROR_BUSY = -16            /* too much is open here already; not sent */
} tt_status;

/* The status in words, never NULL. */
TT_API const char *tt_status_text(int status);
/* The library's version as text, and as 10000 * major + 100 * minor + patch. */
TT_API const char *tt_version(void);
TT_API int tt_version_number(void);
/* "own" or "openssl": whose cryptography this library was built with. */
TT_API const char *tt_crypto(void);

/* Overwrite memory; not removed by an optimizer. */
TT_API void tt_wipe(void *memory, size_t size);

/* ------------------------------------------------------------------------- hooks */

enum tt_log_level { TT_LOG_ERROR = 1, TT_LOG_WARNING = 2, TT_LOG_INFO = 3 };

/*
 * What a handle takes from its surroundings. Zero the struct, set `size`, and set what shall differ;
 * NULL members mean malloc/free, no log, the system's randomness and clocks.
 */
typedef struct tt_hooks {
    size_t size; /* sizeof(tt_hooks) */
    void *context;
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *block);
    void (*log)(void *context, int level, const char *text);
    int (*random)(void *context, void *octets, size_t count); /* 0 when done */
    int64_t (*wall_ms)(void *context);      /* since 1970-01-01 UTC */
    int64_t (*monotonic_ms)(void *context); /* never steps back */
} tt_hooks;

/* ------------------------------------------------------------------------- tables */

enum tt_frame_kind { TT_KIND_OF_REQUEST = 1, TT_KIND_OF_RESPONSE = 2, TT_KIND_OF_NOTIFY = 3, TT_KIND_OF_REJECT = 4 };

enum tt_field_kind {
    TT_KIND_U8, TT_KIND_U16, TT_KIND_U32, TT_KIND_U64,
    TT_KIND_DIGITS, TT_KIND_IDENT, TT_KIND_TEXT, TT_KIND_OCTETS,
    TT_KIND_RESERVED, TT_KIND_PAD, TT_KIND_SEAL
};

/* One field of a layout. */
typedef struct tt_field {
    const char *name;
    uint8_t kind;    /* tt_field_kind */
    uint8_t secret;  /* whether it lies in the secret block */
    uint16_t offset; /* in the body */
    uint16_t width;  /* on the wire, octets */
    uint16_t place;  /* offsetof() in the struct */
    uint32_t initial;/* what tt_message_init() sets */
} tt_field;

/* A message's layout. */
typedef struct tt_record {
    const char *name; /* of the struct */
    const tt_field *fields;
    size_t field_count;
    size_t body_size;
    int secret_offset; /* -1: nothing to seal */
    size_t secret_width;
    size_t struct_size;
} tt_record;

/* The layout of a frame, NULL if there is none. Schema 0 stands for 1. */
TT_API const tt_record *tt_record_of(unsigned transaction, int kind, unsigned schema);
/* The same by number, from 0: transaction, kind and schema are told. NULL at the end. */
TT_API const tt_record *tt_record_at(size_t number, unsigned *transaction, int *kind, unsigned *schema);
/* "VERIFY_OTP"; NULL if there is none. */
TT_API const char *tt_transaction_name(unsigned transaction);
/* Whether the transaction changes nothing. */
TT_API int tt_transaction_read_only(unsigned transaction);
/* The code's number by name and back; 0 and NULL if there is none. */
TT_API const char *tt_code_name(uint32_t code);
TT_API uint32_t tt_code_of(const char *name);
/* What the code says, in words. */
TT_API const char *tt_code_text(uint32_t code);
/* A tt_code_class; -1 for a code that this library doesn't know. */
TT_API int tt_code_class(uint32_t code);
/* Whether the same serial may be asked again; whether it stands in the audit log for ever. */
TT_API int tt_code_transient(uint32_t code);
TT_API int tt_code_recorded(uint32_t code);

/* Blank a request or response struct and set its initial numbers. */
TT_API int tt_message_init(unsigned transaction, int kind, void *message);
/*
 * Struct to body (unsealed, seal trailer zero) and back. `charset` is "utf-8" or "gb18030". With
 * TT_ERROR_FIELD `*bad_field`, if wanted, names the field. `body_size` must be the layout's.
 */
TT_API int tt_encode(const tt_record *record, const char *charset, const void *message,
                     void *body, size_t body_size, const char **bad_field);
TT_API int tt_decode(const tt_record *record, const char *charset, const void *body, size_t body_size,
                     void *message, const char **bad_field);
/*
 * Convert text between UTF-8 and a channel's charset (through iconv, where the library was built
 * with it). NUL-terminated; TT_ERROR_FIELD where it doesn't fit or can't be converted.
 */
TT_API int tt_text_from_utf8(const char *charset, const char *utf8, char *to, size_t to_size);
TT_API int tt_text_to_utf8(const char *charset, const char *text, char *to, size_t to_size);

/* ------------------------------------------------------------------------- credentials */

/* Who a front-end is: channel, master key, suite, servers. Opaque; the key never comes out. */
typedef struct tt_credentials tt_credentials;

/*
 * Read the file that `tigertally channel add --key-out FILE` wrote. It must be readable by its owner
 * alone. What is wrong is written to `problem`.
 */
TT_API int tt_credentials_load(tt_credentials **made, const char *path, const tt_hooks *hooks,
                               char *problem, size_t problem_size);
/* The same from memory, for keys kept elsewhere than in a file. */
TT_API int tt_credentials_parse(tt_credentials **made, const void *json, size_t size,
                                const tt_hooks *hooks, char *problem, size_t problem_size);
TT_API void tt_credentials_free(tt_credentials *credentials);
TT_API uint32_t tt_credentials_channel(const tt_credentials *credentials);
TT_API const char *tt_credentials_institution(const tt_credentials *credentials);
TT_API const char *tt_credentials_charset(const tt_credentials *credentials);
/* The n-th server as "host:port", NULL behind the last. */
TT_API const char *tt_credentials_server(const tt_credentials *credentials, size_t n);

/* ------------------------------------------------------------------------- 1a. reader */

/* Cuts a stream into frames; knows no keys. The size comes from the tables, never from the peer. */
typedef struct tt_reader tt_reader;

/* A frame's header, and where its octets are. Nothing in it is proven. */
typedef struct tt_header {
    uint32_t total_length;
    uint16_t transaction;
    uint8_t kind;
    uint8_t flags;
    uint32_t channel_id;
    uint64_t serial;
    uint64_t sender_time;
    uint32_t return_code;
    uint32_t budget_ms;
    uint16_t key_generation;
    uint8_t suite;
    uint8_t field_cipher;
    uint64_t session_id;
    uint64_t sequence;
    uint16_t schema;
    uint16_t business_day;
} tt_header;

typedef struct tt_frame {
    tt_header header;
    const tt_record *record; /* NULL for rejects, which have no body */
    const uint8_t *octets;   /* valid until the next feed or next */
    size_t size;
} tt_frame;

TT_API int tt_reader_new(tt_reader **made, const tt_hooks *hooks);
TT_API void tt_reader_free(tt_reader *reader);
/* Store what came. TT_ERROR_MEMORY: nothing of it was taken. */
TT_API int tt_reader_feed(tt_reader *reader, const void *octets, size_t count);
/*
 * 1 and a frame, 0 until more is fed, TT_ERROR_PROTOCOL when the stream can't be read on: then and
 * ever after, and tt_reader_error() is the reject code that says why.
 */
TT_API int tt_reader_next(tt_reader *reader, tt_frame *frame);
TT_API uint32_t tt_reader_error(const tt_reader *reader);

/* ------------------------------------------------------------------------- 1b. session */

/* The client's end of one connection without the socket: keys, states, MACs, seals. */
typedef struct tt_session tt_session;

enum tt_event_type {
    TT_EVENT_NONE = 0,
    TT_EVENT_GREETED,        /* send tt_session_sign_on() */
    TT_EVENT_SIGNED_ON,      /* both sides have proven themselves: `signed_on` */
    TT_EVENT_RESPONSE,       /* header, code, retry_after_ms, record, message */
    TT_EVENT_DRAIN,          /* send no more requests here: grace_ms */
    TT_EVENT_KEY_CHANGE_DUE, /* send tt_session_key_change() within grace_ms */
    TT_EVENT_KEYS_CHANGED,   /* generation */
    TT_EVENT_HEARTBEAT,      /* the server is alive: header */
    TT_EVENT_SIGNED_OFF,     /* close */
    TT_EVENT_REJECT,         /* header, code; if not authentic the connection is over */
    TT_EVENT_BROKEN          /* the server broke the protocol: tt_session_problem() */
};

typedef struct tt_event {
    int type; /* tt_event_type */
    tt_header header;
    uint32_t code;
    uint32_t retry_after_ms;
    uint32_t grace_ms;
    uint16_t generation;
    uint8_t authentic;
    const tt_record *record;
    const void *message; /* the struct; valid until the next tt_session_next() */
    tt_greeting greeting;
    struct {
        uint16_t in_flight_limit, heartbeat_s, idle_s, generation;
        uint32_t key_life_s;
    } signed_on;
} tt_event;

/* How a frame is to be stamped. */
typedef struct tt_stamp {
    uint64_t serial; /* 1 to 2^63 - 1; new for every request, the same for a repetition */
    int64_t now_ms;
    uint16_t business_day;
    uint8_t retry;      /* whether this serial was sent before */
    uint32_t budget_ms; /* time that the server has; 0: its default */
} tt_stamp;

/* `client_nonce`: 16 random octets, never used before. The credentials must outlive the session. */
TT_API int tt_session_new(tt_session **made, const tt_credentials *credentials, const char *client_name,
                          const uint8_t client_nonce[16], unsigned wanted_in_flight,
                          const tt_hooks *hooks);
TT_API void tt_session_free(tt_session *session);
TT_API int tt_session_feed(tt_session *session, const void *octets, size_t count);
/* 1 and an event, 0 until more is fed. Never fails whatever the server sends: it tells BROKEN. */
TT_API int tt_session_next(tt_session *session, tt_event *event);
TT_API int tt_session_sign_on(tt_session *session, const tt_stamp *stamp);
TT_API int tt_session_request(tt_session *session, unsigned transaction, const void *message,
                              const tt_stamp *stamp, const char **bad_field);
TT_API int tt_session_heartbeat(tt_session *session, const tt_stamp *stamp);
TT_API int tt_session_key_change(tt_session *session, const tt_stamp *stamp);
TT_API int tt_session_sign_off(tt_session *session, const tt_stamp *stamp);
/* What is to be sent, in order; tt_session_sent() takes `count` octets of it away. */
TT_API const void *tt_session_output(const tt_session *session, size_t *count);
TT_API void tt_session_sent(tt_session *session, size_t count);
TT_API uint64_t tt_session_id(const tt_session *session);
TT_API const char *tt_session_problem(const tt_session *session);

/* ------------------------------------------------------------------------- answers */

/* The identity of a request at the server: kept to ask for the very same one again. */
typedef struct tt_ticket {
    uint64_t serial;
    uint16_t business_day;
    uint8_t repeated; /* 1: it may have gone out before; only an answer that settles that is given */
} tt_ticket;

/* What became of a request. */
typedef struct tt_answer {
    int status;    /* TT_OK: `code` is an authentic answer of the server */
    uint32_t code; /* tt_code; with another status the last that came, or 0 */
    tt_ticket ticket;
    uint32_t retry_after_ms;
    uint32_t tries;       /* how often it went out */
    char bad_field[32];   /* with TT_ERROR_FIELD */
    char problem[96];     /* in words, "" with TT_OK */
} tt_answer;

/* Whether the answer is authentic and APPROVED. Nothing else lets a customer in. */
TT_API int tt_approved(const tt_answer *answer);

/*
 * Called once for each submitted request, from within tt_..._process() or a blocking call.
 * `response` is the response's struct where status is TT_OK, else NULL, and ends with the call.
 */
typedef void (*tt_done)(void *context, const tt_answer *answer, const void *response);

/* ------------------------------------------------------------------------- 2. connection */

typedef struct tt_connection tt_connection;

/* Connect to "host:port" and sign on within `timeout_ms`. The credentials must outlive it. */
TT_API int tt_connection_open(tt_connection **made, const tt_credentials *credentials, const char *server,
                              int timeout_ms, const tt_hooks *hooks, char *problem, size_t problem_size);
/* Send a request; `done` is called with its answer, or with TT_ERROR_OUTCOME_UNKNOWN when the
 * connection ends first. ticket NULL: a new one. */
TT_API int tt_connection_submit(tt_connection *connection, unsigned transaction, const void *request,
                                const tt_ticket *ticket, uint32_t budget_ms, tt_done done, void *context);
/* The same, waiting for the answer. `response` may be NULL. Returns answer->status. */
TT_API int tt_connection_call(tt_connection *connection, unsigned transaction, const void *request,
                              void *response, int timeout_ms, tt_answer *answer);
/* For poll(): the descriptor, and whether writing is wanted beside reading. */
TT_API int tt_connection_fd(const tt_connection *connection);
TT_API int tt_connection_wants_write(const tt_connection *connection);
/* Time until tt_connection_process() must be called even if nothing comes; -1: none. */
TT_API int tt_connection_timeout_ms(const tt_connection *connection);
/* Read, write and call back, without waiting. TT_OK while the connection lives. */
TT_API int tt_connection_process(tt_connection *connection);
TT_API size_t tt_connection_in_flight(const tt_connection *connection);
TT_API size_t tt_connection_in_flight_limit(const tt_connection *connection);
/* 1 after a drain notice: submit elsewhere. */
TT_API int tt_connection_draining(const tt_connection *connection);
TT_API const char *tt_connection_problem(const tt_connection *connection);
/* Sign off if that takes no waiting, close, and tell what is still open. */
TT_API void tt_connection_close(tt_connection *connection);
/* In a forked child: free without a word to the server. */
TT_API void tt_connection_abandon(tt_connection *connection);

/* ------------------------------------------------------------------------- 3. client */

typedef struct tt_client tt_client;

/*
 * conninfo: "key=value" words, values with blanks in '...' (\ escapes), as in libpq.
 *
 *   credentials           path of the credentials file (or hand them in: tt_client_open_with)
 *   servers               host:port,host:port,…         [those of the credentials]
 *   connections           connections to hold open                              [2]
 *   timeout_ms            deadline of a call that names none                 [5000]
 *   attempt_timeout_ms    silence after which a request goes out again       [2000]
 *   connect_timeout_ms    for connecting and sign-on                         [5000]
 *   reconnect_ms, reconnect_cap_ms      a failing server's rest         [100, 10000]
 *   repeat_ms, repeat_cap_ms            between tries that were put off   [50, 1000]
 *   drain_away_ms         how long a draining server is left alone           [2000]
 *   heartbeat_timeout_ms  no answer to a heartbeat for so long: given up     [5000]
 *   sign_off_timeout_ms   for the orderly end                                [1000]
 *   in_flight             requests open per connection                        [256]
 *   waiting               calls that may wait for room at once              [65536]
 *   utc_offset_minutes    the bank's time zone, for the business day          [480]
 *   instance              0 to 1023, this process among those of the channel [drawn]
 *   client_name           shown in the server's logs                 [tigertally-c]
 *   thread                1: a thread of the library's own does the work        [0]
 *
 * Returns at once; connections come up within the calls. With thread=0 heartbeats are only sent while
 * some thread is in a call or in tt_client_process(); a connection that the server closed meanwhile is
 * opened again by the next call.
 */
TT_API int tt_client_open(tt_client **made, const char *conninfo, const tt_hooks *hooks, char *problem,
                          size_t problem_size);
/* The client takes the credentials over and frees them, also when it fails. */
TT_API int tt_client_open_with(tt_client **made, tt_credentials *credentials, const char *conninfo,
                               const tt_hooks *hooks, char *problem, size_t problem_size);
/* Wait until one connection is signed on. */
TT_API int tt_client_wait_ready(tt_client *client, int timeout_ms);
/* A fresh serial and today's business day, to write down before a call. */
TT_API int tt_client_ticket(tt_client *client, tt_ticket *ticket);

/*
 * Ask and wait. timeout_ms <= 0: the client's. ticket NULL: a new one. `response` may be NULL.
 * Returns answer->status: TT_OK means an authentic answer, be it yes or no.
 */
TT_API int tt_client_call(tt_client *client, unsigned transaction, const void *request, void *response,
                          int timeout_ms, const tt_ticket *ticket, tt_answer *answer);
/* Ask, and be called back. TT_OK: `done` will be called once; else it will not be. */
TT_API int tt_client_submit(tt_client *client, unsigned transaction, const void *request, int timeout_ms,
                            const tt_ticket *ticket, tt_done done, void *context);
/*
 * A descriptor that is readable whenever tt_client_process() has something to do, timers included
 * (Linux; -1 elsewhere: call tt_client_process() with a timeout). Never read it yourself.
 */
TT_API int tt_client_fd(tt_client *client);
/* Work for at most `timeout_ms` (0: don't wait; -1: until something happened). Returns callbacks made. */
TT_API int tt_client_process(tt_client *client, int timeout_ms);

enum tt_execution { TT_EXECUTION_UNKNOWN = 0, TT_EXECUTED = 1, TT_NOT_EXECUTED = 2 };

/*
 * End an unknown outcome: ask for the serial, and where nothing is recorded cancel it, so that it can
 * never be executed. *execution is proven; with TT_EXECUTED *result is its response code. `evidence`
 * may be NULL. Another status than TT_OK: call again.
 */
TT_API int tt_client_resolve(tt_client *client, const tt_ticket *ticket, const char *operator_name,
                             int timeout_ms, int *execution, uint32_t *result, tt_answer *answer,
                             tt_query_response *evidence);

enum tt_server_state { TT_SERVER_GOOD = 0, TT_SERVER_TRIED = 1, TT_SERVER_RESTING = 2 };

typedef struct tt_server_statistics {
    char server[80];
    int state;         /* tt_server_state; RESTING: the circuit is open */
    uint32_t failures; /* in a row */
    uint32_t rest_ms;  /* until it is tried again */
    uint32_t connections;
    uint32_t in_flight;
} tt_server_statistics;

/* Numbers since the client was opened. */
typedef struct tt_statistics {
    size_t size; /* sizeof(tt_statistics), set by the caller */
    uint64_t calls, answered, frames_sent, retries, put_off, late_answers, outcomes_unknown, no_answers;
    uint64_t connects, connect_failures, connections_lost, drains, key_changes, heartbeats, rejects,
        forged_rejects;
    uint64_t waiting, in_flight, connections;
    char last_problem[128]; /* why the last connection failed, "" when none has */
} tt_statistics;

TT_API int tt_client_statistics(tt_client *client, tt_statistics *statistics);
/* The n-th server; TT_ERROR_ARGUMENT behind the last. */
TT_API int tt_client_server_statistics(tt_client *client, size_t n, tt_server_statistics *statistics);
TT_API const char *tt_client_institution(const tt_client *client);
TT_API const char *tt_client_charset(const tt_client *client);
/* Sign off, tell what is still open, free. No other thread may be in a call. */
TT_API void tt_client_close(tt_client *client);
/* In a forked child: free without a word to the server and without callbacks. */
TT_API void tt_client_abandon(tt_client *client);

/* ------------------------------------------------------------------------- flat records */

/*
 * For COBOL, Tuxedo and whatever has records instead of structs: `request` and `response` are a body as
 * it stands on the wire, unsealed (cobol/tigertally.cpy declares each): PIC X fields blank-padded,
 * numbers big-endian, fillers LOW-VALUES. `result` is such a record, too.
 */
typedef struct tt_flat_result {
    char status[4];        /* "0000", or the status without its sign: "0011" outcome unknown */
    char code[4];          /* "0001" APPROVED */
    char approved[1];      /* "Y" or "N" */
    char serial[19];       /* digits */
    char business_day[5];  /* digits */
    char retry_after_ms[8];/* digits */
    char bad_field[32];    /* blank-padded */
    char code_name[32];    /* blank-padded */
} tt_flat_result;

/* serial and business_day in `result` name the request to repeat if `again` is 1. */
TT_API int tt_flat_call(tt_client *client, unsigned transaction, const void *request, size_t request_size,
                        void *response, size_t response_size, int timeout_ms, int again,
                        tt_flat_result *result);

/* ------------------------------------------------------------------------- typed calls */

/* generated: calls */
static inline int tt_register_user(tt_client *client, const tt_register_user_request *request, tt_user_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_REGISTER_USER, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_user(tt_client *client, const tt_query_user_request *request, tt_query_user_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_USER, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_close_user(tt_client *client, const tt_close_user_request *request, tt_user_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CLOSE_USER, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_bind_token(tt_client *client, const tt_bind_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_BIND_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_unbind_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_UNBIND_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_enable_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ENABLE_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_disable_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_DISABLE_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_unlock_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_UNLOCK_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_resync_token(tt_client *client, const tt_resync_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_RESYNC_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_report_loss(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_REPORT_LOSS, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_withdraw_loss(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_WITHDRAW_LOSS, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_replace_token(tt_client *client, const tt_replace_token_request *request, tt_replace_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_REPLACE_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_void_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VOID_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_restore_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_RESTORE_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_activate_token(tt_client *client, const tt_activate_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ACTIVATE_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_assign_token(tt_client *client, const tt_token_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ASSIGN_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_issue_emergency_code(tt_client *client, const tt_issue_emergency_code_request *request, tt_issue_emergency_code_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ISSUE_EMERGENCY_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_token(tt_client *client, const tt_query_token_request *request, tt_query_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_TOKEN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_start_activation(tt_client *client, const tt_start_activation_request *request, tt_start_activation_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_START_ACTIVATION, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_emergency_code(tt_client *client, const tt_verify_emergency_code_request *request, tt_verify_emergency_code_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_EMERGENCY_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_issue_activation_code(tt_client *client, const tt_issue_activation_code_request *request, tt_issue_activation_code_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ISSUE_ACTIVATION_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_otp(tt_client *client, const tt_verify_otp_request *request, tt_verify_otp_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_OTP, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_pin_otp(tt_client *client, const tt_verify_pin_otp_request *request, tt_verify_otp_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_PIN_OTP, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_set_token_pin(tt_client *client, const tt_set_token_pin_request *request, tt_token_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_SET_TOKEN_PIN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_mschapv2(tt_client *client, const tt_verify_mschapv2_request *request, tt_verify_mschapv2_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_MSCHAPV2, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_chap(tt_client *client, const tt_verify_chap_request *request, tt_verify_otp_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_CHAP, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_issue_ocra_challenge(tt_client *client, const tt_issue_ocra_challenge_request *request, tt_issue_ocra_challenge_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ISSUE_OCRA_CHALLENGE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_ocra(tt_client *client, const tt_verify_ocra_request *request, tt_verify_ocra_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_OCRA, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_host_code(tt_client *client, const tt_host_code_request *request, tt_host_code_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_HOST_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_ask_card(tt_client *client, const tt_ask_card_request *request, tt_ask_card_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ASK_CARD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_card(tt_client *client, const tt_verify_card_request *request, tt_verify_card_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_CARD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_serial(tt_client *client, const tt_query_serial_request *request, tt_query_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_SERIAL, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_reference(tt_client *client, const tt_query_reference_request *request, tt_query_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_REFERENCE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_cancel_serial(tt_client *client, const tt_cancel_serial_request *request, tt_query_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CANCEL_SERIAL, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_bind_phone(tt_client *client, const tt_phone_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_BIND_PHONE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_change_phone(tt_client *client, const tt_phone_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CHANGE_PHONE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_cancel_phone_change(tt_client *client, const tt_phone_act_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CANCEL_PHONE_CHANGE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_unbind_phone(tt_client *client, const tt_phone_act_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_UNBIND_PHONE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_phone(tt_client *client, const tt_phone_act_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_PHONE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_unlock_sms(tt_client *client, const tt_phone_act_request *request, tt_phone_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_UNLOCK_SMS, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_send_sms_code(tt_client *client, const tt_send_sms_code_request *request, tt_send_sms_code_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_SEND_SMS_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_sms_code(tt_client *client, const tt_verify_sms_code_request *request, tt_verify_sms_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_SMS_CODE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_sms_mschap(tt_client *client, const tt_verify_sms_mschap_request *request, tt_verify_sms_mschap_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_SMS_MSCHAP, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_sms(tt_client *client, const tt_query_sms_request *request, tt_query_sms_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_SMS, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_register_app_key(tt_client *client, const tt_register_app_key_request *request, tt_app_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_REGISTER_APP_KEY, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_remove_app_key(tt_client *client, const tt_app_request *request, tt_app_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_REMOVE_APP_KEY, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_send_sms_warning(tt_client *client, const tt_send_sms_warning_request *request, tt_send_sms_warning_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_SEND_SMS_WARNING, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_set_password(tt_client *client, const tt_set_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_SET_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_change_password(tt_client *client, const tt_change_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CHANGE_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_reset_password(tt_client *client, const tt_reset_password_request *request, tt_reset_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_RESET_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_password(tt_client *client, const tt_verify_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_password(tt_client *client, const tt_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_unlock_password(tt_client *client, const tt_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_UNLOCK_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_disable_password(tt_client *client, const tt_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_DISABLE_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_enable_password(tt_client *client, const tt_password_request *request, tt_password_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ENABLE_PASSWORD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_begin_flow(tt_client *client, const tt_begin_flow_request *request, tt_flow_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_BEGIN_FLOW, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_begin_own_flow(tt_client *client, const tt_begin_own_flow_request *request, tt_flow_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_BEGIN_OWN_FLOW, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_flow_step(tt_client *client, const tt_flow_step_request *request, tt_flow_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_FLOW_STEP, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_flow(tt_client *client, const tt_query_flow_request *request, tt_flow_query_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_FLOW, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_cancel_flow(tt_client *client, const tt_cancel_flow_request *request, tt_flow_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CANCEL_FLOW, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_begin_transaction_verification(tt_client *client, const tt_begin_transaction_request *request, tt_begin_transaction_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_BEGIN_TRANSACTION_VERIFICATION, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_confirm_by_service(tt_client *client, const tt_confirm_by_service_request *request, tt_transaction_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_CONFIRM_BY_SERVICE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_complete_transaction_verification(tt_client *client, const tt_complete_transaction_request *request, tt_transaction_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_COMPLETE_TRANSACTION_VERIFICATION, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_transaction_verification(tt_client *client, const tt_query_transaction_request *request, tt_query_transaction_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_TRANSACTION_VERIFICATION, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_set_greeting(tt_client *client, const tt_set_greeting_request *request, tt_set_greeting_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_SET_GREETING, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_get_greeting(tt_client *client, const tt_get_greeting_request *request, tt_get_greeting_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_GET_GREETING, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_generate_mac(tt_client *client, const tt_generate_mac_request *request, tt_generate_mac_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_GENERATE_MAC, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_mac(tt_client *client, const tt_verify_mac_request *request, tt_verify_mac_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_MAC, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_encipher_field(tt_client *client, const tt_encipher_field_request *request, tt_encipher_field_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ENCIPHER_FIELD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_decipher_field(tt_client *client, const tt_decipher_field_request *request, tt_decipher_field_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_DECIPHER_FIELD, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_translate_pin(tt_client *client, const tt_translate_pin_request *request, tt_translate_pin_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_TRANSLATE_PIN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_verify_pin(tt_client *client, const tt_verify_pin_request *request, tt_verify_pin_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_VERIFY_PIN, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_make_pin_value(tt_client *client, const tt_make_pin_value_request *request, tt_make_pin_value_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_MAKE_PIN_VALUE, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_draw_random(tt_client *client, const tt_draw_random_request *request, tt_draw_random_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_DRAW_RANDOM, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_digest(tt_client *client, const tt_digest_request *request, tt_digest_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_DIGEST, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_query_key(tt_client *client, const tt_query_key_request *request, tt_key_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_QUERY_KEY, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_issue_key(tt_client *client, const tt_issue_key_request *request, tt_key_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_ISSUE_KEY, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_import_key(tt_client *client, const tt_import_key_request *request, tt_key_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_IMPORT_KEY, request, response,
        timeout_ms, NULL, answer);
}

static inline int tt_retire_key(tt_client *client, const tt_retire_key_request *request, tt_key_response *response,
    int timeout_ms, tt_answer *answer)
{
    return tt_client_call(client, TT_TX_RETIRE_KEY, request, response,
        timeout_ms, NULL, answer);
}
/* end of calls */

#ifdef __cplusplus
}
#endif

#endif
