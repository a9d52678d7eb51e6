"""Host commands as octets, in the manner of payShield devices: framing, commands, error codes.

    length (2, big-endian, of all that follows) ‖ header (8) ‖ command (2) ‖ body
    length                                      ‖ header     ‖ answer (2)  ‖ error (2) ‖ body

The device gives the header back as it came, so it is what joins an answer to its question; the
answer's name is the command's with its second letter one further (NC → ND). Keys travel as *blobs*,
enciphered under the device's own master key (LMK), which is all that the device keeps.

Command letters and error codes are those of the family; bodies are the few fields that this driver
needs, declared here once: a make of device that differs is another table. Variable fields have four
hexadecimal digits of length before them. Pure: no socket, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, Unavailable
from tigertally_drivers.hsm.port import Busy, DoesNotOpen, KeyKind, MacHash, NotAble

HEADER_BYTES: Final = 8
LONGEST: Final = 32_768
"""Of a frame that we take from a device."""
_LENGTH_BYTES: Final = 2
_SHORTEST_ANSWER: Final = HEADER_BYTES + 4


class Command(StrEnum):
    """What is asked."""

    DIAGNOSTICS = "NC"
    RANDOM = "N0"
    GENERATE = "A0"
    IMPORT = "A6"
    ENCIPHER = "M0"
    DECIPHER = "M2"
    HMAC = "LQ"
    SIGN = "EW"


KIND_CODES: Final[dict[KeyKind, bytes]] = {
    KeyKind.SEAL: b"S1",
    KeyKind.HMAC_SHA256: b"H6",
    KeyKind.ED25519: b"E5",
    KeyKind.EC_P256: b"EC",
}
"""Of labelled keys. There is no enclosing key: the LMK itself encloses."""
HASH_CODES: Final[dict[MacHash, bytes]] = {
    MacHash.SHA1: b"01",
    MacHash.SHA256: b"06",
    MacHash.SHA512: b"08",
    MacHash.SM3: b"20",
}

_ERRORS: Final[dict[bytes, tuple[type[DriverError], str]]] = {
    b"01": (DoesNotOpen, "the authentication tag is wrong"),
    b"10": (DoesNotOpen, "the key is not one of this device's master key"),
    b"13": (Unavailable, "the device's master key is not loaded"),
    b"15": (Rejected, "the device takes such an input for invalid"),
    b"26": (NotAble, "the device doesn't know the key's kind"),
    b"40": (Unavailable, "the device's firmware fails its own test"),
    b"41": (Unavailable, "the device's hardware or memory fails"),
    b"47": (Unavailable, "the device's processor reports an error"),
    b"67": (NotAble, "the device has no licence for the command"),
    b"68": (NotAble, "the command is disabled in the device"),
    b"80": (Rejected, "the device takes the data's length for wrong"),
    b"B1": (Busy, "the device has too much to do"),
}


class Answer(NamedTuple):
    """One answer, not yet looked into."""

    header: bytes
    command: bytes
    error: bytes
    body: bytes


def frame(header: bytes, command: Command, body: bytes) -> bytes:
    """One question. `header` has `HEADER_BYTES`."""
    whole = header + command.value.encode() + body
    return len(whole).to_bytes(_LENGTH_BYTES) + whole


def answer_name(command: Command) -> bytes:
    """The name of the answer to a command."""
    first, second = command.value.encode()
    return bytes((first, second + 1))


class Answers:
    """Takes octets as they come and gives whole answers."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, octets: bytes) -> Iterable[Answer]:
        """Raises Misbehaved for what can't be an answer."""
        self._held += octets
        while len(self._held) >= _LENGTH_BYTES:
            length = int.from_bytes(self._held[:_LENGTH_BYTES])
            if not _SHORTEST_ANSWER <= length <= LONGEST:
                raise Misbehaved("the device's answer has an impossible length")
            whole = _LENGTH_BYTES + length
            if len(self._held) < whole:
                return
            one, self._held = self._held[_LENGTH_BYTES:whole], self._held[whole:]
            rest = one[HEADER_BYTES:]
            yield Answer(one[:HEADER_BYTES], rest[:2], rest[2:4], rest[4:])


def checked_body(command: Command, answer: Answer) -> bytes:
    """The body of an answer without error. Raises DriverError."""
    if answer.command != answer_name(command):
        raise Misbehaved("the device answers another command than was asked")
    if answer.error == b"00":
        return answer.body
    kind, text = _ERRORS.get(answer.error, (Misbehaved, "the device reports an unknown error"))
    raise kind(text)


def field(octets: bytes) -> bytes:
    """A variable field: its length before it."""
    return b"%04X" % len(octets) + octets


def fields(body: bytes, count: int) -> list[bytes]:
    """Exactly so many variable fields. Raises Misbehaved."""
    found, rest = [], body
    for _ in range(count):
        try:
            length = int(rest[:4], 16)
        except ValueError:
            raise Misbehaved("a field of the device's answer has no length") from None
        if not 0 <= length <= len(rest) - 4:
            raise Misbehaved("a field of the device's answer is cut off")
        found.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    if rest:
        raise Misbehaved("the device's answer is longer than it should be")
    return found
