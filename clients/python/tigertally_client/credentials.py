"""The channel credentials file: who this front-end is, its channel master key, its servers.

`tigertally channel add --key-out FILE` writes it: JSON, mode 0600, format 1. It is refused when
others than its owner may read it, and when the key's check value differs from the one written
beside it: a mistyped key would otherwise show only as a refused sign-on.

Invariants: the key never appears in a repr, an error or a pickle; unknown members of the file are
refused, so that a misspelt one is noticed.
"""

from __future__ import annotations

import hmac
import os
import stat
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tigertally_client.errors import CredentialsError
from tigertally_client.servers import ServerAddress
from tigertally_protocol.constants import CHARSETS
from tigertally_protocol.errors import BadKey
from tigertally_protocol.keys import master_key_check_value
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId, is_allowed

E = TypeVar("E", bound=IntEnum)

FORMAT: Final = 1
_SIZE_MAX: Final = 65536


class MasterKey:
    """The channel master key. `reveal()` gives the bytes; nothing else does."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def reveal(self) -> bytes:
        return self._key

    def __repr__(self) -> str:
        return "«secret»"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a master key is not copied or pickled")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's members, as the server writes them."""

    format: int
    channel: int
    name: str
    institution: str
    suite: str
    field_cipher: str
    charset: str
    key_version: int
    master_key_hex: str
    check_value: str
    servers: list[str]

    def __repr__(self) -> str:
        return f"<credentials file of channel {self.channel}>"


class ChannelCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a client needs to sign on.

    Attributes:
        channel: channel id.
        name: channel name, for people.
        institution: meant when a call names none.
        suite: the channel's suite.
        field_cipher: the channel's field cipher.
        charset: of Text fields, utf-8 or gb18030.
        key_version: version of the channel master key.
        master_key: 32 bytes, 16 in the legacy suite.
        servers: `host:port`, at least one.
    """

    channel: int
    name: str
    institution: str
    suite: SuiteId
    field_cipher: FieldCipherId
    charset: str
    key_version: int
    master_key: MasterKey
    servers: tuple[str, ...]

    @classmethod
    def load(cls, path: Path | str) -> ChannelCredentials:
        """Read and check the file.

        Raises:
            CredentialsError: missing, readable by others, damaged, or of another format.
        """
        return cls.parse(_read(Path(path)), str(path))

    @classmethod
    def parse(cls, data: bytes, origin: str = "credentials") -> ChannelCredentials:
        """The same from bytes; `origin` names them in errors."""
        try:
            file = msgspec.json.decode(data, type=_File)
        except msgspec.ValidationError as problem:
            raise CredentialsError(f"{origin}: {problem}") from None
        except msgspec.DecodeError:
            raise CredentialsError(f"{origin} is not JSON, or is damaged") from None
        if file.format != FORMAT:
            raise CredentialsError(f"{origin} has format {file.format}; this client reads {FORMAT}")
        return _checked(file, origin)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            _check_mode(path, os.fstat(stream.fileno()).st_mode)
            return stream.read(_SIZE_MAX)
    except FileNotFoundError:
        raise CredentialsError(
            f"no credentials at {path}; make them with: tigertally channel add --key-out {path}"
        ) from None
    except OSError as problem:
        raise CredentialsError(f"cannot read {path}: {problem.strerror}") from None


def _check_mode(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise CredentialsError(f"{path} is not a regular file")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsError(f"{path} is open to other users; run: chmod 600 {path}")


def _checked(file: _File, origin: str) -> ChannelCredentials:
    suite = _named(SuiteId, file.suite, "suite", origin)
    cipher = _named(FieldCipherId, file.field_cipher, "field_cipher", origin)
    if not is_allowed(suite, cipher):
        raise CredentialsError(f"{origin}: {cipher.name} doesn't go with {suite.name}")
    if file.charset not in CHARSETS:
        raise CredentialsError(f"{origin}: charset must be one of {', '.join(CHARSETS)}")
    try:
        key = bytes.fromhex(file.master_key_hex)
    except ValueError:
        key = b""
    wanted = SUITES[suite].master_key_bytes
    if len(key) != wanted:
        raise CredentialsError(f"{origin}: master_key_hex must be {2 * wanted} hexadecimal digits")
    check_value = _check_value(suite, key, origin).hex()
    if not hmac.compare_digest(check_value, file.check_value.lower()):
        raise CredentialsError(
            f"{origin}: the master key's check value is {check_value}, not the one in the file; "
            "the key was altered or mistyped"
        )
    _check_servers(file.servers, origin)
    return ChannelCredentials(
        channel=file.channel,
        name=file.name,
        institution=file.institution,
        suite=suite,
        field_cipher=cipher,
        charset=file.charset,
        key_version=file.key_version,
        master_key=MasterKey(key),
        servers=tuple(file.servers),
    )


def _check_value(suite: SuiteId, key: bytes, origin: str) -> bytes:
    try:
        return master_key_check_value(SUITES[suite], key)
    except BadKey as problem:
        raise CredentialsError(f"{origin}: {problem}") from None


def _named(kind: type[E], name: str, member: str, origin: str) -> E:
    try:
        return kind[name]
    except KeyError:
        known = ", ".join(item.name for item in kind)
        raise CredentialsError(f"{origin}: {member} must be one of {known}") from None


def _check_servers(servers: list[str], origin: str) -> None:
    if not servers:
        raise CredentialsError(f"{origin}: servers is empty")
    for server in servers:
        try:
            ServerAddress.parse(server)
        except ValueError as problem:
            raise CredentialsError(f"{origin}: {problem}") from None
