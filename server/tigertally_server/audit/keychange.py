"""How a checkpoint key gives way to the next one: a note that both of them sign.

Text, under the key name ``tigertally/<installation id>/keys``::

    tigertally/<installation id>/keys
    change <generation of the new key: 2, 3, …>
    time <ms since 1970-01-01 UTC>
    from <verifier key of the old key>
    to <verifier key of the new key>
    rounds <n>
    shard <number> <n>        one line for each shard, in order

``n`` is the size of the largest checkpoint that the old key signed of that log; what is larger is
the new key's. So whoever trusts the first key trusts all later ones, and a key that was given up
can't sign what comes after it.

Knows notes and numbers; not where a private key lies (``app.signers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tigertally_server.audit.note import (
    NoteError,
    NoteSigner,
    VerifierKey,
    open_note,
    parse_verifier_key,
    split_note,
)

_TEXT: Final = re.compile(
    r"(?P<name>tigertally/[^\s+/]+/keys)\nchange (?P<generation>[1-9]\d{0,8})\n"
    r"time (?P<time>0|[1-9]\d{0,18})\nfrom (?P<old>\S+)\nto (?P<new>\S+)\n"
    r"rounds (?P<rounds>0|[1-9]\d{0,18})\n(?P<shards>(?:shard \d+ \d+\n)+)",
    re.ASCII,
)


class KeyChange(msgspec.Struct, frozen=True):
    """One change. ``sizes``: by shard, the last size under the old key; ``rounds``: of the log of
    rounds.
    """

    installation_id: str
    generation: int
    at_ms: int
    old: bytes
    new: bytes
    rounds: int
    sizes: tuple[int, ...]

    def text(self) -> str:
        """Return the lines that both keys sign."""
        name = keys_name(self.installation_id)
        shards = "".join(f"shard {n} {size}\n" for n, size in enumerate(self.sizes))
        return (
            f"{name}\nchange {self.generation}\ntime {self.at_ms}\n"
            f"from {VerifierKey(name, self.old).text()}\nto {VerifierKey(name, self.new).text()}\n"
            f"rounds {self.rounds}\n{shards}"
        )


def keys_name(installation_id: str) -> str:
    """Return the key name under which changes are signed."""
    return f"tigertally/{installation_id}/keys"


def build_change(change: KeyChange, old: NoteSigner, new: NoteSigner) -> str:
    """Return the note, signed by both. Raises NoteError where a signer isn't the one named."""
    if (old.public_key, new.public_key) != (change.old, change.new) or change.old == change.new:
        raise NoteError("a change of keys is signed by the old and by the new key")
    name, text = keys_name(change.installation_id), change.text()
    return old.sign(name, text) + new.signature_line(name, text)


def parse_change(note: str) -> KeyChange:
    """Read a note *without* verifying it. Raises NoteError for any but its one spelling."""
    text = split_note(note)[0]
    match = _TEXT.fullmatch(text)
    if match is None:
        raise NoteError("the note's text is no change of keys")
    change = KeyChange(
        installation_id=match["name"].split("/")[1],
        generation=int(match["generation"]),
        at_ms=int(match["time"]),
        old=parse_verifier_key(match["old"]).public_key,
        new=parse_verifier_key(match["new"]).public_key,
        rounds=int(match["rounds"]),
        sizes=tuple(int(line.split()[2]) for line in match["shards"].splitlines()),
    )
    if change.text() != text:
        raise NoteError("the change of keys isn't written in its one spelling")
    return change


def verify_changes(
    installation_id: str, first_key: bytes, notes: Iterable[str]
) -> tuple[KeyChange, ...]:
    """Return the changes in order, after both signatures of each were verified.

    Raises:
        NoteError: one is missing, of another system, doesn't follow the key before it, or goes
            back in size; the text names the generation.
    """
    changes: list[KeyChange] = []
    key = first_key
    for generation, note in enumerate(notes, start=2):
        try:
            change = parse_change(note)
            for half in (change.old, change.new):
                open_note(note, VerifierKey(keys_name(installation_id), half))
        except NoteError as problem:
            raise NoteError(f"the change to checkpoint key {generation}: {problem}") from None
        before = changes[-1] if changes else None
        if (
            change.installation_id != installation_id
            or change.generation != generation
            or change.old != key
            or (before is not None and _goes_back(before, change))
        ):
            raise NoteError(f"the change to checkpoint key {generation} follows no earlier key")
        key = change.new
        changes.append(change)
    return tuple(changes)


def _goes_back(before: KeyChange, change: KeyChange) -> bool:
    pairs = zip(before.sizes, change.sizes, strict=False)
    return (
        change.rounds < before.rounds
        or len(before.sizes) != len(change.sizes)
        or any(later < earlier for earlier, later in pairs)
    )


def shard_key(first_key: bytes, changes: Iterable[KeyChange], shard: int, size: int) -> bytes:
    """Return the key that signs a shard's checkpoint of this size."""
    return _key(first_key, ((c, c.sizes[shard : shard + 1]) for c in changes), size)


def rounds_key(first_key: bytes, changes: Iterable[KeyChange], size: int) -> bytes:
    """Return the key that signs the log of rounds at this size."""
    return _key(first_key, ((c, (c.rounds,)) for c in changes), size)


def _key(key: bytes, steps: Iterable[tuple[KeyChange, tuple[int, ...]]], size: int) -> bytes:
    for change, last in steps:
        if last and size > last[0]:
            key = change.new
    return key


def sizes_by_shard(shards: int, sizes: Mapping[int, int]) -> tuple[int, ...]:
    """Return every shard's size, 0 where it has no checkpoint yet."""
    return tuple(sizes.get(shard, 0) for shard in range(shards))
