"""What each field means, in one line each, for the generated specification.

Names mean the same in every layout, so one table serves all; a test holds it complete.
"""

from __future__ import annotations

from typing import Final

HEADER_FIELDS: Final = {
    "magic": "`5454`, the letters TT",
    "version": "`01`",
    "header_length": "`40` (64)",
    "total_length": "of the frame: header, body and MAC; must be the message type's",
    "transaction": "transaction code",
    "kind": "1 request, 2 response, 3 notify, 4 reject",
    "flags": "bit 0 SEALED, bit 1 RETRY (requests only); other bits 0",
    "channel_id": "the calling system; 0 in the greeting",
    "serial": "requests: 1 … 2^63−1, the sender's number; "
    "responses and rejects echo it; notifies 0",
    "sender_time": "sender's clock, ms since 1970-01-01 UTC; informative, never a reason to refuse",
    "return_code": "responses and rejects: a response code; otherwise 0",
    "budget_ms": "requests: time left for execution, 0 = the server's default; "
    "responses: wait so long before asking again, 0 = nothing said",
    "key_generation": "of the working keys; in SIGN_ON the version of the channel master key; "
    "0 in the greeting and in rejects before sign-on",
    "suite": "suite id, the channel's; 0 where key_generation is 0",
    "field_cipher": "field cipher id, the channel's; 0 where key_generation is 0",
    "session_id": "from the greeting, in every frame of the connection",
    "sequence": "per connection and direction, from 1, strictly rising (gaps are allowed)",
    "schema": "version of the body's layout; responses have the request's",
    "business_day": "days since 1970-01-01, chosen by the requester, unchanged in a retry; "
    "responses echo it; notifies 0",
}

_SLOT: Final = {
    "wrapped": "the {} working key under the KEK, left-justified, zero-padded; "
    "zeros when there is none",
    "length": "of the key itself, 16 or 32; 0 = there is none",
    "check": "its check value; zeros when there is none",
}

FIELDS: Final = {
    "server_nonce": "16 random bytes of the server; in the request: as greeted",
    "server_time": "the server's clock, ms since the epoch",
    "node": "which server this is",
    "client_nonce": "16 random bytes of the client; in the response: as sent",
    "client_name": "for the server's logs",
    "wanted_in_flight": "requests the client wants to have open at once; 0 = as many as allowed",
    "in_flight_limit": "requests that may be open at once; more are answered BUSY",
    "heartbeat_s": "send a heartbeat after so many silent seconds",
    "idle_s": "the server closes after so many silent seconds",
    "generation": "of the working keys that follow",
    "key_life_s": "the server asks for a key change after so many seconds",
    "grace_ms": "DRAIN: open requests are answered within; KEY_CHANGE_DUE: change keys within",
    "detail": "with BAD_FIELD and the like: name of the bad field; otherwise blank",
    "entry_shard": "where the answer stands in the audit log; 0xFFFF = nothing was recorded",
    "entry_seq": "position in that shard",
    "institution": "legal entity the user belongs to",
    "customer": "customer number; with the institution it names a user",
    "token": "serial number of a token; VERIFY_OTP: blank = the user's single active one",
    "reference": "the bank's own name for this; may be blank",
    "operator": "member of staff who asked; may be blank",
    "reason": "why; may be blank",
    "end_user_address": "from where the customer came; may be blank",
    "otp": "one-time code; BIND_TOKEN: may be blank",
    "otp_1": "a one-time code",
    "otp_2": "the code right after it",
    "activation_code": "of a token on a mobile phone; otherwise blank",
    "new_token": "serial number of the token that takes the other's place",
    "new_token_state": "its token state; 0 where nothing was replaced",
    "assign": "1 = the new token waits for its activation; 0 = it can be used at once",
    "carry_pin": "1 = the old token's PIN becomes the new one's",
    "pin_carried": "1 = it has",
    "token_type": "name of the token's type",
    "replaced_by": "serial number of the token that took its place; may be blank",
    "cells_left": "unused cells of a scratch card; 0xFFFF = it is none",
    "valid_from": "ms since the epoch",
    "valid_to": "ms since the epoch",
    "activation_until": "until when the token can be activated, ms since the epoch; 0 = none waits",
    "emergency_until": "until when an emergency code stands in, ms since the epoch; 0 = none",
    "name": "the customer's name; may be blank",
    "mobile": "the customer's mobile number; may be blank",
    "user_state": "user state, or 0 where there is nothing to tell",
    "token_count": "how many tokens the user has; the first eight follow",
    "registered_at": "ms since the epoch",
    "token_state": "token state; 0 where there is nothing to tell or policy hides it",
    "remaining_tries": "wrong codes until the token locks; 255 where blank or hidden",
    "locked_until": "ms since the epoch; 0 = not locked, blank or hidden",
    "channel": "channel the question is about; 0 = one's own",
    "business_day": "business day the question is about; 0 = the header's",
    "serial": "serial the question is about",
    "of_state": "query state",
    "of_transaction": "transaction code of the recorded request; 0 = blank",
    "of_result": "its response code",
    "of_time": "when it was recorded, ms since the epoch",
    "of_serial": "its serial",
    "of_shard": "its place in the audit log; 0xFFFF = none",
    "of_seq": "position in that shard",
    "method": "how it was verified; blank if it wasn't",
    "policy": "name of a flow policy; in answers blank where the caller's own expression was used",
    "expression": "what the flow asks for, see *Flows*",
    "deadline_s": "the flow lapses after so many seconds; 0 = the policy's own",
    "channel_1": "a channel that may take steps beside the beginner; 0 = none",
    "channel_2": "as `channel_1`",
    "channel_3": "as `channel_1`",
    "channel_4": "as `channel_1`",
    "flow": "id of the flow, 32 hexadecimal digits",
    "flow_state": "flow state; 0 where there is no flow to tell about",
    "factor": "name of a factor, see *Flows*",
    "factor_transaction": "transaction code that the factor's verification has by itself; 0 = none or hidden",
    "factor_result": "response code of the factor's own verification; 0 = not looked at or hidden",
    "proven": "factors proven so far, with commas between",
    "wanted": "factors that may be tried now, with commas between",
    "challenge": "id of what the answer answers; blank for factors without one",
    "proof": "the code, password or response",
    "proof_2": "a second part, for factors that have one",
    "began_channel": "the channel that began it",
    "began_at": "ms since the epoch",
    "expires_at": "ms since the epoch",
    "ended_at": "ms since the epoch; 0 = not ended by a request",
    "failures": "refused tries so far; 255 = that many or more",
    "language": "of the texts, `zh` or `en`; in requests blank = the customer's or the channel's",
    "phone_state": "phone state; 0 where there is nothing to tell",
    "usable_from": "until then few scenes use the number, ms since the epoch; 0 = at once",
    "number_tail": "the last four digits of the phone number",
    "app": "name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text",
    "algorithm": "`sm4-gcm` or `aes-gcm`",
    "app_key": "the app's key, 32 or 64 hexadecimal digits",
    "app_count": "how many apps have a key now",
    "scene": "kind of act; blank: by amount and purpose `payment`, `confirm` or `login`",
    "amount": "in the currency's smallest unit; 0 with a blank currency = none",
    "currency": "three capital letters (ISO 4217); may be blank",
    "payee": "the payee's account; may be blank",
    "payee_name": "may be blank",
    "purpose": "what it is for, in the customer's words; may be blank",
    "free_fields": "further fields, `name=value; name=value`; may be blank",
    "message_id": "id of a message, 32 hexadecimal digits",
    "message_state": "message state; 0 = no such message of this user",
    "attempts": "how often it was handed to a gateway",
    "purpose_word": "what the message is: a scene, or the name of a notice",
    "queued_at": "ms since the epoch",
    "delivery_reason": "what gateway or network said; may be blank",
    "server_code": "server identification code: on the page and in the text",
    "resend_at": "before this another code is refused, ms since the epoch",
    "words": "the bank's own words",
    "user_name": "the name the peer computed its response with",
    "authenticator_challenge": "the challenge the peer was given",
    "peer_challenge": "the peer's own challenge",
    "nt_response": "the peer's response (RFC 2759)",
    "authenticator_response": "`S=` and 40 hexadecimal digits; blank unless approved",
    "kind": "password kind: password or PIN",
    "slot": "which of several passwords of that kind; blank = the ordinary one",
    "password": "a password or PIN; RESET_PASSWORD: blank = one is made",
    "new_password": "the new password or PIN; in the answer the one that was made, or blank",
    "known": "words and numbers that the bank knows of the user and that no password may be made "
    "of, separated by blanks; kept nowhere; may be blank",
    "password_state": "password state; 0 where there is nothing to tell or policy hides it",
    "changed_at": "when it was set, ms since the epoch; 0 = blank or hidden",
    "greeting": "the reserved greeting; SET_GREETING: blank takes it back",
    "reserved": "zero, checked",
    "seal_trailer": "see *Sealing*; zero when the frame is unsealed",
}


def field_meaning(name: str) -> str:
    """The line for a body's field. Raises KeyError for a field without one."""
    if name in FIELDS:
        return FIELDS[name]
    use, _, part = name.rpartition("_")
    if part in _SLOT:
        return _SLOT[part].format(use)
    if name.startswith("token_"):
        return "token state" if part == "state" else "serial number of a token; blank when fewer"
    raise KeyError(name)
