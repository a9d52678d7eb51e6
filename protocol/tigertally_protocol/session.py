"""What both sides of a signed-on connection share: terms, generations of keys, and the two
directions of traffic under them.

`Outgoing` numbers, seals and MACs; `Incoming` judges and opens. Invariants: every frame built takes
the next sequence number, so frames must be sent in the order they were built; a frame's number
counts as seen only after its MAC held; at most two generations are received, and only while keys
change.

Knows nothing of states or of what messages mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import (
    FLAG_SEALED,
    HEADER_LENGTH,
    MAC_LENGTH,
    REJECT_LENGTH,
    SEAL_TRAILER_LENGTH,
)
from tigertally_protocol.errors import SealError
from tigertally_protocol.frame import Frame
from tigertally_protocol.header import Header, pack_header
from tigertally_protocol.keys import WorkingKeys
from tigertally_protocol.mac import MacKey
from tigertally_protocol.registry import MessageType
from tigertally_protocol.seal import FieldKey
from tigertally_protocol.suites import SUITES, FieldCipherId, Suite
from tigertally_protocol.transactions import Direction, Kind

NO_MAC: Final = bytes(MAC_LENGTH)
_REJECT: Final = int(Kind.REJECT)
_ZERO_TRAILER: Final = bytes(SEAL_TRAILER_LENGTH)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a channel has agreed on; stands in every header and can't be talked down."""

    channel_id: int
    suite: Suite
    field_cipher: int
    charset: str

    @property
    def seals(self) -> bool:
        return self.field_cipher != FieldCipherId.NONE


class Generation:
    """Working keys of one generation, ready for use on one side.

    Attributes:
        frames: MACed or verified under it so far.
    """

    __slots__ = ("frames", "number", "open", "receive", "seal", "send")

    def __init__(self, number: int, terms: Terms, keys: WorkingKeys, sends: Direction) -> None:
        mac = terms.suite.mac
        request, response = MacKey(mac, keys.mac_request), MacKey(mac, keys.mac_response)
        forth: FieldKey | None = None
        back: FieldKey | None = None
        if terms.seals:
            forth = FieldKey(terms.field_cipher, keys.field_request)
            back = FieldKey(terms.field_cipher, keys.field_response)
        client = sends is Direction.REQUEST
        self.number = number
        self.frames = 0
        self.send, self.receive = (request, response) if client else (response, request)
        self.seal, self.open = (forth, back) if client else (back, forth)


class Outgoing:
    """One side's frames to the other: numbered, sealed, MACed."""

    __slots__ = ("_direction", "generation", "sequence", "session_id", "terms")

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self.session_id = 0
        self.sequence = 0
        self.terms: Terms | None = None
        self.generation: Generation | None = None

    def frame(
        self,
        row: MessageType,
        body: bytes,
        *,
        serial: int,
        now_ms: int,
        business_day: int,
        code: int = 0,
        budget_ms: int = 0,
        flags: int = 0,
    ) -> bytes:
        """A frame under the current working keys. `body` is unsealed."""
        terms, generation = self.terms, self.generation
        assert terms is not None
        assert generation is not None
        self.sequence = sequence = self.sequence + 1
        seal = generation.seal if row.secret_offset >= 0 else None
        header = pack_header(
            row.frame_size,
            row.transaction,
            row.kind,
            flags if seal is None else flags | FLAG_SEALED,
            terms.channel_id,
            serial,
            now_ms,
            code,
            budget_ms,
            generation.number,
            terms.suite.id,
            terms.field_cipher,
            self.session_id,
            sequence,
            row.schema,
            business_day,
        )
        if seal is not None:
            start = row.secret_offset
            block = body[start : start + row.secret_width]
            block, trailer = seal.seal(block, header, self._direction, sequence)
            body = body[:start] + block + trailer
        data = header + body
        generation.frames += 1
        return data + generation.send.tag(data)

    def before_keys(
        self,
        row: MessageType,
        body: bytes,
        *,
        mac: MacKey | None,
        generation: int,
        serial: int,
        now_ms: int,
        business_day: int,
        code: int = 0,
    ) -> bytes:
        """A greeting or sign-on frame: under a key of its own, or none."""
        terms = self.terms
        self.sequence += 1
        data = (
            pack_header(
                row.frame_size,
                row.transaction,
                row.kind,
                0,
                terms.channel_id if terms else 0,
                serial,
                now_ms,
                code,
                0,
                generation,
                terms.suite.id if terms else 0,
                terms.field_cipher if terms else 0,
                self.session_id,
                self.sequence,
                row.schema,
                business_day,
            )
            + body
        )
        return data + (NO_MAC if mac is None else mac.tag(data))

    def reject(self, about: Header | None, code: ResponseCode, now_ms: int) -> bytes:
        """A header-only frame that echoes what it speaks of; MACed as soon as there are keys."""
        terms, generation = self.terms, self.generation
        self.sequence += 1
        own_channel = terms.channel_id if terms else 0
        data = pack_header(
            REJECT_LENGTH,
            about.transaction if about else 0,
            Kind.REJECT,
            0,
            about.channel_id if about else own_channel,
            about.serial if about else 0,
            now_ms,
            code,
            0,
            generation.number if generation else 0,
            terms.suite.id if terms else 0,
            terms.field_cipher if terms else 0,
            self.session_id,
            self.sequence,
            about.schema if about else 0,
            about.business_day if about else 0,
        )
        if generation is None:
            return data + NO_MAC
        generation.frames += 1
        return data + generation.send.tag(data)


class Incoming:
    """The other side's frames: judged and opened."""

    __slots__ = (
        "_channel_id",
        "_direction",
        "_field_cipher",
        "_generations",
        "_seals",
        "_suite",
        "sequence",
        "session_id",
    )

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._channel_id = self._suite = self._field_cipher = 0
        self._seals = False
        self._generations: dict[int, Generation] = {}
        self.session_id = 0
        self.sequence = 0

    def start(self, terms: Terms, generation: Generation) -> None:
        """Receive under `terms` from now on."""
        self._channel_id, self._seals = terms.channel_id, terms.seals
        self._suite, self._field_cipher = int(terms.suite.id), int(terms.field_cipher)
        self._generations = {generation.number: generation}

    def overlap(self, generation: Generation) -> None:
        """Receive under `generation` too, until its first frame or `only_newest`."""
        self._generations[generation.number] = generation
        assert len(self._generations) <= 2

    @property
    def overlapping(self) -> bool:
        return len(self._generations) > 1

    def only_newest(self) -> None:
        """Receive under the newest generation only."""
        while len(self._generations) > 1:
            del self._generations[min(self._generations)]

    def judge(self, frame: Frame) -> ResponseCode | None:
        """Why `frame` is not an authentic frame of this session, None if it is one.

        A frame that is one moves the sequence on, and ends the overlap of generations if it is the
        newest's first.
        """
        header = frame.header
        if header.session_id != self.session_id:
            return ResponseCode.BAD_SESSION
        # A reject about another channel's frame echoes that channel's number.
        if header.channel_id != self._channel_id and header.kind != _REJECT:
            return ResponseCode.UNKNOWN_CHANNEL
        if header.suite != self._suite or header.field_cipher != self._field_cipher:
            return ResponseCode.SUITE_MISMATCH
        generation = self._generations.get(header.key_generation)
        if generation is None:
            return ResponseCode.UNKNOWN_GENERATION
        raw = frame.raw
        if not generation.receive.verify(raw[:-MAC_LENGTH], raw[-MAC_LENGTH:]):
            return ResponseCode.BAD_MAC
        if header.sequence <= self.sequence:
            return ResponseCode.BAD_SEQUENCE
        self.sequence = header.sequence
        generation.frames += 1
        if len(self._generations) > 1 and generation.number == max(self._generations):
            self.only_newest()
        return None

    def seal_fits(self, frame: Frame, row: MessageType) -> bool:
        """Whether SEALED is set exactly when this channel seals this message type."""
        sealed = frame.header.flags & FLAG_SEALED != 0
        return sealed == (self._seals and row.secret_offset >= 0)

    @staticmethod
    def body_in_clear(frame: Frame) -> bytes:
        """The body of a frame of a type that has nothing to seal."""
        return frame.raw[HEADER_LENGTH:-MAC_LENGTH]

    def body(self, frame: Frame, row: MessageType) -> bytes:
        """The unsealed body of a judged frame, its seal trailer zero.

        Raises:
            SealError: the secret block does not open.
        """
        header, raw = frame.header, frame.raw
        if not header.flags & FLAG_SEALED:
            return raw[HEADER_LENGTH:-MAC_LENGTH]
        key = self._generations[header.key_generation].open
        if key is None:
            raise SealError("sealed without a key")
        start = HEADER_LENGTH + row.secret_offset
        end = start + row.secret_width
        block = key.open(
            raw[start:end],
            raw[end : end + SEAL_TRAILER_LENGTH],
            raw[:HEADER_LENGTH],
            self._direction,
            header.sequence,
        )
        return raw[HEADER_LENGTH:start] + block + _ZERO_TRAILER


def terms_of(channel_id: int, suite: int, field_cipher: int, charset: str) -> Terms:
    """`Terms` with the suite's row. Raises KeyError for a suite number that doesn't exist."""
    return Terms(channel_id, SUITES[suite], field_cipher, charset)
