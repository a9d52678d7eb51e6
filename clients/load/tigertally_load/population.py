"""The tokens of a load test, all derived: serial, customer number and seed of token *i*.

The preparing step draws one load key, inserts the derived users and tokens in bulk, and writes the
population file; the generator reads that file and derives the same seeds, so that no list of seeds
exists anywhere. The file is as secret as the seeds: mode 0600.

Knows nothing of the database or the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

from tigertally_load.methods import Method, count_of, method_at, place_of

FORMAT: Final = 1
LOAD_KEY_BYTES: Final = 32
SEED_BYTES: Final = 20
_SPREAD: Final = 7919  # prime, and so no two customers of one population share a number
COUNT_MAX: Final = 10_000_000_000  # the serial has ten digits


class PopulationError(Exception):
    """The population file is missing, badly guarded or damaged; the text says what to do."""


class Population:
    """`count` derived tokens, each bound to a customer of its own.

    Args:
        count: how many, from 1.
        load_key: 32 secret bytes.
        institution: of the derived customers and tokens.
        methods: whether customers have the methods of a mixed load, or TOTP all of them.
    """

    __slots__ = ("_load_key", "count", "institution", "methods")

    def __init__(
        self, count: int, load_key: bytes, institution: str = "", *, methods: bool = False
    ) -> None:
        if not 1 <= count <= COUNT_MAX:
            raise ValueError(f"a population has 1 to {COUNT_MAX} tokens")
        if len(load_key) != LOAD_KEY_BYTES:
            raise ValueError(f"a load key has {LOAD_KEY_BYTES} bytes")
        self.count = count
        self.institution = institution
        self.methods = methods
        self._load_key = load_key

    def __repr__(self) -> str:
        return f"<Population of {self.count}>"

    def first(self, count: int) -> Population:
        """The first `count` tokens of this population."""
        return Population(count, self._load_key, self.institution, methods=self.methods)

    def method(self, i: int) -> Method:
        """What customer `i` verifies with."""
        return method_at(i) if self.methods else Method.TOTP

    def count_of(self, method: Method) -> int:
        """How many customers have it."""
        if not self.methods:
            return self.count if method is Method.TOTP else 0
        return count_of(method, self.count)

    def place_of(self, method: Method, j: int) -> int:
        """Number of the `j`-th customer who has this method."""
        return place_of(method, j) if self.methods else j

    def serial(self, i: int) -> str:
        """Serial number of token `i`, 0 to count - 1."""
        return f"LD{i:010d}"

    def customer(self, i: int) -> str:
        """Customer number of its owner."""
        return f"LC{i:010d}"

    def seed(self, i: int) -> bytes:
        """Its seed: TOTP (RFC 6238), SHA-1, 6 digits, 30 s, unless its method is another."""
        return hmac.digest(self._load_key, i.to_bytes(8, "big"), "sha256")[:SEED_BYTES]

    def pin(self, i: int) -> str:
        """Six digits that go with token `i`, where its method has a PIN."""
        digest = hmac.digest(self._load_key, b"pin" + i.to_bytes(8, "big"), "sha256")
        return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"

    def phone(self, i: int) -> str:
        """Number of customer `i`, where the method has one; neighbours begin differently."""
        return f"+86139{i * _SPREAD % 100_000_000:08d}"

    @property
    def walk_key(self) -> int:
        """A number, fixed for this population, that chooses the order in which it is walked."""
        return int.from_bytes(hashlib.sha256(b"walk" + self._load_key).digest()[:8], "big")

    def save(self, path: Path) -> None:
        """Write the population file, mode 0600, replacing an older one."""
        members = {
            "format": FORMAT,
            "count": self.count,
            "institution": self.institution,
            "load_key_hex": self._load_key.hex(),
            "methods": self.methods,
        }
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(members)) + b"\n")
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> Population:
        """Read the population file.

        Raises:
            PopulationError: missing, readable by others, or damaged.
        """
        try:
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise PopulationError(f"{path} is open to other users; run: chmod 600 {path}")
            file = msgspec.json.decode(path.read_bytes(), type=_File)
            key = bytes.fromhex(file.load_key_hex)
        except FileNotFoundError:
            raise PopulationError(
                f"no population at {path}; prepare one: tigertally load --tokens N"
            ) from None
        except OSError as problem:
            raise PopulationError(f"cannot read {path}: {problem.strerror}") from None
        except (msgspec.DecodeError, ValueError):
            raise PopulationError(f"{path} is no population file, or is damaged") from None
        if file.format != FORMAT:
            raise PopulationError(f"{path} has format {file.format}; this program reads {FORMAT}")
        try:
            return cls(file.count, key, file.institution, methods=file.methods)
        except ValueError as problem:
            raise PopulationError(f"{path}: {problem}") from None


class _File(msgspec.Struct, frozen=True):
    format: int
    count: int
    institution: str
    load_key_hex: str
    methods: bool = False
