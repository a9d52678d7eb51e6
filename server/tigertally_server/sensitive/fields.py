"""Which field of which message is of which kind, and where it stays: the catalogue's second half.

A field is classified by its name, whatever message it stands in; `EXCEPTIONS` has those whose name
means something else in one message. A test holds the table against every layout of the registry: a
new field without a row fails it. Knows names only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_server.sensitive.kinds import Kind


@dataclass(frozen=True, slots=True)
class FieldRow:
    """`kept`: in which columns a trace of it stays, and how; "" where nothing does."""

    kind: Kind
    kept: str = ""


_ENTRY: Final = "entry.personal, under the customer's own key"
_CHALLENGE: Final = "challenge.sealed"
_OUTCOME: Final = "entry.outcome, for a repeated request"
_PHONE: Final = "credential.sealed; message.sealed while one is on its way"
_STRETCHED: Final = "credential.sealed, stretched and peppered"
_IN_TEXT: Final = f"{_CHALLENGE}; message.sealed; the text in {_ENTRY}"

FIELDS: Final[dict[str, FieldRow]] = {
    # secrets
    "otp": FieldRow(Kind.CODE),
    "otp_1": FieldRow(Kind.CODE),
    "otp_2": FieldRow(Kind.CODE),
    "answer": FieldRow(Kind.CODE),
    "host_code": FieldRow(Kind.CODE, _OUTCOME),
    "emergency_code": FieldRow(Kind.CODE, f"token_state.extra, stretched; {_OUTCOME}"),
    "activation_code": FieldRow(Kind.CODE, f"{_CHALLENGE}; message.sealed; {_OUTCOME}"),
    "pin": FieldRow(Kind.PIN),
    "new_pin": FieldRow(Kind.PIN, _STRETCHED),
    "password": FieldRow(Kind.PASSWORD, _STRETCHED),
    "known": FieldRow(Kind.PASSWORD),
    "new_password": FieldRow(Kind.PASSWORD, f"{_STRETCHED}; a drawn one in {_OUTCOME}"),
    "app_key": FieldRow(Kind.KEY, "credential.sealed"),
    "uri": FieldRow(Kind.KEY, f"the seed in token.seed; {_OUTCOME}"),
    "proof": FieldRow(Kind.PROOF),
    "factor_body": FieldRow(Kind.PROOF),
    "nt_response": FieldRow(Kind.PROOF),
    "chap_response": FieldRow(Kind.PROOF),
    "authenticator_response": FieldRow(Kind.PROOF, _OUTCOME),
    "pin_block": FieldRow(Kind.PIN),
    "pin_value": FieldRow(Kind.PIN),
    "random_octets": FieldRow(Kind.KEY),
    "key_block": FieldRow(Kind.TECHNICAL, f"{_OUTCOME}; the key in key_record.sealed"),
    # personal
    "account": FieldRow(Kind.ACCOUNT),
    "data": FieldRow(Kind.TEXT),
    "plain": FieldRow(Kind.TEXT),
    "mobile": FieldRow(Kind.PHONE, f"account.personal, under the customer's own key; {_PHONE}"),
    "number_tail": FieldRow(Kind.PHONE, _OUTCOME),
    "name": FieldRow(Kind.NAME, "account.personal, under the customer's own key"),
    "payee_name": FieldRow(Kind.NAME, _IN_TEXT),
    "customer": FieldRow(Kind.CUSTOMER, f"account.customer, until erased; {_ENTRY}"),
    "user_name": FieldRow(Kind.CUSTOMER),
    "payee": FieldRow(Kind.ACCOUNT, _IN_TEXT),
    "amount": FieldRow(Kind.MONEY, _CHALLENGE),
    "sum": FieldRow(Kind.MONEY, _IN_TEXT),
    "end_user_address": FieldRow(Kind.ADDRESS, _ENTRY),
    "reason": FieldRow(Kind.TEXT, _ENTRY),
    "purpose": FieldRow(Kind.TEXT, _IN_TEXT),
    "free_fields": FieldRow(Kind.TEXT, _CHALLENGE),
    "bank": FieldRow(Kind.TEXT, _IN_TEXT),
    "text": FieldRow(Kind.TEXT, _IN_TEXT),
    "words": FieldRow(Kind.TEXT, "message.sealed"),
    "greeting": FieldRow(Kind.TEXT, "credential.sealed"),
    "question": FieldRow(Kind.TEXT, _CHALLENGE),
    "session": FieldRow(Kind.TEXT),
    # the bank's own
    "token": FieldRow(Kind.TOKEN, "token.serial"),
    "new_token": FieldRow(Kind.TOKEN, "token.serial"),
    "replaced_by": FieldRow(Kind.TOKEN, "token.serial"),
    **{f"token_{n}": FieldRow(Kind.TOKEN, "token.serial") for n in range(1, 9)},
    "reference": FieldRow(Kind.REFERENCE, "entry.reference"),
    "operator": FieldRow(Kind.STAFF, _ENTRY),
    "confirmed_by": FieldRow(Kind.STAFF, _CHALLENGE),
    "institution": FieldRow(Kind.TECHNICAL),
    "client_name": FieldRow(Kind.TECHNICAL),
    "app": FieldRow(Kind.REFERENCE, "credential.sealed"),
    # handles
    **dict.fromkeys(
        ("challenge", "flow", "verification", "message_id", "server_code"), FieldRow(Kind.HANDLE)
    ),
}

# Fresh random numbers, wrapped keys and check values of the session: worth nothing to others.
_SESSION: Final = (
    "server_nonce client_nonce authenticator_challenge peer_challenge identifier text_digest "
    "mac_request_wrapped mac_request_check mac_request_length mac_response_wrapped "
    "mac_response_check mac_response_length field_request_wrapped field_request_check "
    "field_request_length field_response_wrapped field_response_check field_response_length"
)
# The crypto engine's: names of keys, sizes, what is enciphered or digested already.
_ENGINE: Final = (
    "key new_key pin_key transport_key key_purpose key_algorithm key_state key_generation "
    "pin_key_generation key_expires_at check_value mac_algorithm padding mac_length mac_value "
    "data_length context mode plain_length cipher_length ciphertext pin_format new_format "
    "pin_method pin_index octet_count digest_algorithm digest_length digest_value"
)
# Words of closed sets, counters, times, states, sizes.
_TECHNICAL: Final = (
    "reserved seal_trailer act activation_until algorithm app_count assign attempts began_at "
    "began_channel business_day carry_pin cell_digits cells cells_left changed_at channel "
    "channel_1 channel_2 channel_3 channel_4 confirmed_at currency deadline_s delivery_reason "
    "detail emergency_until ended_at entry_seq entry_shard expires_at expression factor "
    "factor_result factor_schema factor_transaction failures flow_state generation grace_ms "
    "heartbeat_s idle_s in_flight_limit key_life_s kind language lasts_s locked_until "
    "message_state method new_token_state node of_result of_seq of_serial of_shard of_state "
    "of_time of_transaction ordered_at password_state phone_state pin_carried policy proven "
    "purpose_word queued_at registered_at remaining_tries resend_at scene serial server_time slot "
    "text_version token_count token_state token_type usable_from user_state uses uses_left "
    "valid_from valid_s valid_to verdict verification_state wanted wanted_in_flight "
    + " ".join(f"token_{n}_state" for n in range(1, 9))
)
FIELDS.update(dict.fromkeys(f"{_SESSION} {_ENGINE} {_TECHNICAL}".split(), FieldRow(Kind.TECHNICAL)))

EXCEPTIONS: Final[dict[tuple[str, str], FieldRow]] = {}
"""(class of the message, field): what the name means there."""


def row_of(message: str, field: str) -> FieldRow | None:
    """The row of a field, None where nobody has classified it."""
    return EXCEPTIONS.get((message, field)) or FIELDS.get(field)
