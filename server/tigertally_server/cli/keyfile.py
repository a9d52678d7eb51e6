"""Files that hold a secret: mode 0600 from the first byte, on disk before the command goes on,
never overwritten unawares.

The channel credentials file is the one that `tigertally_client.credentials` reads; what is written
here was read back by it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tigertally_client.credentials import FORMAT, ChannelCredentials
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_server.cli.output import CommandError
from tigertally_server.config import Config, parse_address
from tigertally_server.domain.channel import Channel

_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - the names of "any address"


def write_secret(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Writes `data` readable by us only. `replace`: an older file of ours gives way, in one step.
    Raises CommandError.
    """
    target = path.with_name(path.name + ".new") if replace else path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if replace:
            target.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(target, flags, 0o600), "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            target.replace(path)
    except FileExistsError:
        raise CommandError(f"{path} exists and is not overwritten; name another file") from None
    except OSError as problem:
        raise CommandError(f"cannot write {path}: {problem.strerror}") from None


def encode_credentials(
    channel: Channel, version: int, key: bytes, check_value: bytes, servers: Sequence[str]
) -> bytes:
    """The credentials file of a channel. Raises the client's CredentialsError where that would
    refuse it.
    """
    members = {
        "format": FORMAT,
        "channel": channel.id,
        "name": channel.name,
        "institution": channel.institution,
        "suite": SuiteId(channel.suite).name,
        "field_cipher": FieldCipherId(channel.field_cipher).name,
        "charset": channel.charset,
        "key_version": version,
        "master_key_hex": key.hex(),
        "check_value": check_value.hex(),
        "servers": list(servers),
    }
    data = json.dumps(members, indent=2).encode() + b"\n"
    ChannelCredentials.parse(data)
    return data


def default_servers(config: Config) -> list[str]:
    """Where this configuration's server is reached from this machine."""
    servers = []
    for address in config.server.listen:
        host, port = parse_address(address)
        host = _ANYWHERE.get(host, host)
        servers.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return servers
