"""What `serve --demo` prepares and `try` uses: one channel, one customer, one token, and their
files.

Everything is made once. A file that was lost is made again: the channel gets a new key, the token's
seed is opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import CredentialsError
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.channel_keys import add_channel, rotate
from tigertally_server.cli.house import House, demand
from tigertally_server.cli.keyfile import default_servers, write_secret
from tigertally_server.cli.token_making import NewToken, drawn_seed, sealed_tokens, type_named
from tigertally_server.config import Config
from tigertally_server.domain.administration import InsertTokens, UpdateChannel
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState
from tigertally_server.domain.token import NO_OWNER
from tigertally_server.services.keyring import seed_identity
from tigertally_server.store import reading

CHANNEL: Final = "demo"
INSTITUTION: Final = "0001"
CUSTOMER: Final = "C0001"
SERIAL: Final = "DEMO-0001"
TYPE: Final = "totp-6"


def credentials_file(config: Config) -> Path:
    """The demo channel's credentials."""
    return config.state_dir / "demo" / "credentials.json"


def token_file(config: Config) -> Path:
    """The demo token: serial, customer, seed."""
    return config.state_dir / "demo" / "token.json"


def prepare_demo(house: House) -> None:
    """Makes what is missing. Raises CommandError."""
    prepare_channel(
        house,
        credentials_file(house.config),
        Channel(
            id=0,
            name=CHANNEL,
            institution=INSTITUTION,
            suite=SuiteId.INTL_HMAC,
            field_cipher=FieldCipherId.AES_256_GCM,
        ),
    )
    _prepare_customer(house)
    _prepare_token(house)


def prepare_channel(house: House, path: Path, wanted: Channel) -> None:
    """A channel of this program's own, with a credentials file that fits it; the `id` of `wanted`
    is given here.

    An existing one keeps its settings but the institution. Raises CommandError.
    """
    servers = default_servers(house.config)
    existing = house.environment.directory.snapshot.channels_by_name.get(wanted.name)
    if existing is None:
        with house.reading() as conn:
            next_id = reading.next_channel_id(conn)
        added = replace(wanted, id=next_id, created_at_ms=house.environment.clock.now_ms())
        add_channel(house, added, path, servers, replace=True)
        return
    if existing.institution != wanted.institution:
        existing = replace(existing, institution=wanted.institution)
        details = {"channel": existing.id, "name": existing.name, "institution": wanted.institution}
        house.act("channel change", details, [UpdateChannel(existing)])
    with house.reading() as conn:
        keys = reading.channel_keys(conn, existing.id)
    if not _fits(path, existing, keys, servers):
        rotate(house, existing, keys, path, servers, retire_old=True, replace_file=True)


def _fits(path: Path, channel: Channel, keys: Sequence[ChannelKey], servers: Sequence[str]) -> bool:
    """Whether the credentials file is this channel's, with its current key."""
    try:
        held = ChannelCredentials.load(path)
    except CredentialsError:
        return False
    check_value = bytes.fromhex(_check_value(path))
    return (
        (held.channel, held.institution, list(held.servers))
        == (channel.id, channel.institution, list(servers))
        and (held.suite, held.field_cipher, held.charset)
        == (channel.suite, channel.field_cipher, channel.charset)
        and any(
            key.state is ChannelKeyState.CURRENT
            and (key.version, key.check_value) == (held.key_version, check_value)
            for key in keys
        )
    )


def _check_value(path: Path) -> str:
    """The check value that stands in a credentials file; `ChannelCredentials.load` held it against
    the key.
    """
    value: str = json.loads(path.read_bytes())["check_value"]
    return value.lower()


def _prepare_customer(house: House) -> None:
    with house.reading() as conn:
        if reading.account(conn, (INSTITUTION, CUSTOMER)) is not None:
            return
    message = RegisterUserRequest(
        institution=INSTITUTION,
        customer=CUSTOMER,
        name=SecretText("演示客户"),
        mobile=SecretText("13800000000"),
    )
    outcome = house.ask(Transaction.REGISTER_USER, message, INSTITUTION)
    demand(outcome, ResponseCode.CHANGED, ResponseCode.USER_EXISTS)


def _prepare_token(house: House) -> None:
    with house.reading() as conn:
        known = reading.token(conn, (INSTITUTION, SERIAL))
    if known is None:
        parameters = type_named(house, TYPE)
        seed = drawn_seed(house, parameters)
        new = NewToken(serial=SERIAL, type_name=TYPE, parameters=parameters, seed=seed)
        now_ms = house.environment.clock.now_ms()
        rows = sealed_tokens(house, INSTITUTION, [new])
        details = {"institution": INSTITUTION, "serial": SERIAL, "type": TYPE, "why": "demo"}
        house.act("token add", details, [InsertTokens(rows, "demo", now_ms)])
    else:
        token = known.token
        seed = house.environment.keyring.open(
            token.seed_key_id, token.sealed_seed, seed_identity(token.institution, token.serial)
        )
    if known is None or known.token.owner_id == NO_OWNER:
        message = BindTokenRequest(institution=INSTITUTION, customer=CUSTOMER, token=SERIAL)
        demand(house.ask(Transaction.BIND_TOKEN, message, INSTITUTION), ResponseCode.CHANGED)
    _write_token_file(house, seed)


def _write_token_file(house: House, seed: bytes) -> None:
    members = {
        "format": 1,
        "institution": INSTITUTION,
        "customer": CUSTOMER,
        "serial": SERIAL,
        "type": TYPE,
        "algorithm": "totp",
        "hash": "sha1",
        "digits": 6,
        "step_s": 30,
        "seed_hex": seed.hex(),
    }
    data = json.dumps(members, indent=2).encode() + b"\n"
    path = token_file(house.config)
    if not path.exists() or path.read_bytes() != data:
        write_secret(path, data, replace=True)
