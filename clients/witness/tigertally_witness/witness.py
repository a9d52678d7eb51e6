"""The witness itself: takes a checkpoint, decides, remembers, co-signs
(https://c2sp.org/tlog-witness, cosignature/v1).

It co-signs a checkpoint only when the log signed it and proved that it begins with the last one
co-signed; so it never vouches for two histories of one log, and never for a shorter one after a
longer one. It knows tree sizes and roots, never an entry.

Invariant: what was answered is on disk before it is answered; decision and memory are one step
(one lock), so that two requests can't both be right.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tigertally_client.verification.notes import (
    Checkpoint,
    Key,
    NotGenuine,
    checkpoint_of,
    cosign,
    decode_base64,
    parse_checkpoint,
    split,
    verify,
)
from tigertally_client.verification.tree import EMPTY_ROOT, consistent
from tigertally_witness.state import StateError, WitnessState

MAX_PROOF: Final = 63
_OLD: Final = re.compile(r"old (0|[1-9]\d{0,18})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: str = ""
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Asked:
    old: int
    proof: list[bytes]
    note: str
    checkpoint: Checkpoint


class Witness:
    """One witness over several logs. ``logs``: origin → the keys that may sign it. ``alarm`` hears
    of every checkpoint that contradicts what was co-signed.
    """

    def __init__(
        self,
        private: Ed25519PrivateKey,
        key: Key,
        logs: Mapping[str, Sequence[Key]],
        state: WitnessState,
        now_s: Callable[[], int],
        alarm: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),
    ) -> None:
        self._private, self.key, self.logs = private, key, logs
        self._state, self._now_s, self._alarm = state, now_s, alarm
        self._lock = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """POST add-checkpoint."""
        try:
            asked = _parse(body)
        except (NotGenuine, UnicodeDecodeError) as problem:
            return Answer(400, f"{problem}\n")
        origin = asked.checkpoint.origin
        keys = self.logs.get(origin)
        if keys is None:
            return Answer(404, "this log is not watched here\n")
        try:
            signed = verify(asked.note, keys)
        except NotGenuine as problem:
            return Answer(403, f"{problem}\n")
        if asked.old > asked.checkpoint.size:
            return Answer(400, "the old size is larger than the checkpoint's\n")
        with self._lock:
            try:
                return self._decide(asked, body, [signature.line for _, signature in signed])
            except (StateError, OSError) as problem:
                self._alarm(f"WITNESS CANNOT REMEMBER, so it signs nothing: {problem}")
                return Answer(500, "the witness cannot remember\n")

    def last(self, origin: str) -> Answer:
        """GET: the note co-signed last."""
        if origin not in self.logs:
            return Answer(404, "this log is not watched here\n")
        note = self._state.last(origin)
        return Answer(404, "nothing co-signed yet\n") if note is None else Answer(200, note)

    def _decide(self, asked: _Asked, body: bytes, lines: list[str]) -> Answer:
        checkpoint = asked.checkpoint
        kept = self._state.last(checkpoint.origin)
        last = None if kept is None else checkpoint_of(kept)
        size, root = (0, EMPTY_ROOT) if last is None else (last.size, last.root)
        if checkpoint.size < size:
            self._contradicts(checkpoint, f"size {size} was co-signed before", body)
            return _conflict(size)
        if checkpoint.size == size and checkpoint.root != root:
            self._contradicts(checkpoint, "another root of that size was co-signed before", body)
            return _conflict(size)
        if asked.old != size:
            return _conflict(size)
        if not consistent(size, checkpoint.size, root, checkpoint.root, asked.proof):
            what = f"it isn't proven to begin with the {size} entries co-signed before"
            self._contradicts(checkpoint, what, body)
            return Answer(422, f"{what}\n")
        line = cosign(self._private, self.key, checkpoint.text, self._now_s())
        signatures = "".join(f"{each}\n" for each in lines)
        self._state.keep(checkpoint.origin, f"{checkpoint.text}\n{signatures}{line}")
        return Answer(200, line)

    def _contradicts(self, checkpoint: Checkpoint, what: str, body: bytes) -> None:
        path = self._state.refused(checkpoint.origin, body)
        self._alarm(
            f"LOG FORKED OR CUT: {checkpoint.origin} signed a checkpoint of size "
            f"{checkpoint.size}: {what}. Not co-signed; the signed proof is kept in {path}"
        )


def _conflict(size: int) -> Answer:
    return Answer(409, f"{size}\n", "text/x.tlog.size")


def _parse(body: bytes) -> _Asked:
    head, gap, note = body.decode("utf-8").partition("\n\n")
    lines = head.split("\n")
    match = _OLD.fullmatch(lines[0])
    if not gap or match is None:
        raise NotGenuine("the body begins with the old size and ends its proof with an empty line")
    if len(lines) - 1 > MAX_PROOF:
        raise NotGenuine("a consistency proof has at most 63 lines")
    proof = [decode_base64(line) for line in lines[1:]]
    if any(len(each) != 32 for each in proof):
        raise NotGenuine("a line of the proof is no hash")
    return _Asked(int(match[1]), proof, note, parse_checkpoint(split(note)[0]))
