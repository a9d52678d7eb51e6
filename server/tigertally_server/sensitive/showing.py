"""Records on their way to a screen or a log, with what is sensitive in them masked.

By the name of a member, as the catalogue has it. Names that mean many things on a screen (`name`,
`text`, `key` …) are masked where they are made, not here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_server.sensitive.fields import FIELDS
from tigertally_server.sensitive.kinds import KINDS, Class, Kind, masked
from tigertally_server.sensitive.masks import HIDDEN

_AMBIGUOUS: Final = {
    *("name", "text", "reason", "words", "session", "data", "plain", "account", "proof", "answer"),
    *("purpose", "bank", "amount"),
}
PERSONAL: Final[dict[str, Kind]] = {
    name: row.kind
    for name, row in FIELDS.items()
    if KINDS[row.kind].cls is Class.PERSONAL and name not in _AMBIGUOUS
} | {"phone": Kind.PHONE}
"""What a screen masks. A secret is on a screen only where a command hands it over, once."""
SENSITIVE: Final[dict[str, Kind]] = PERSONAL | {
    name: row.kind
    for name, row in FIELDS.items()
    if KINDS[row.kind].cls is Class.SECRET and name not in _AMBIGUOUS
}
"""What a log masks."""


def masked_record(
    record: Mapping[str, Any],
    known: Collection[str] = (),
    kinds: Mapping[str, Kind] = PERSONAL,
) -> dict[str, Any]:
    """The record with its sensitive members masked, in records within it too. `known`: what the
    reader has said himself, which is no news to him.
    """
    return {name: _shown(name, value, known, kinds) for name, value in record.items()}


def _shown(name: str, value: Any, known: Collection[str], kinds: Mapping[str, Kind]) -> Any:
    if isinstance(value, SecretText | SecretBytes):
        return HIDDEN
    if isinstance(value, Mapping):
        return masked_record(value, known, kinds)
    if isinstance(value, list | tuple):
        return [_shown(name, item, known, kinds) for item in value]
    kind = kinds.get(name)
    if kind is None or not isinstance(value, str) or not value or value in known:
        return value
    return masked(kind, value)


def masked_event(_logger: Any, _method: str, event: Any) -> Any:
    """A processor of structlog: as `masked_record`, for an event of the log."""
    return masked_record(event, (), SENSITIVE)
