"""After a run with everything logged, no secret lies anywhere in the clear: not in the server's
log, the metrics, the database's files, its write-ahead log, or the state folder.

The search is known to work: a control string, put where it is allowed to be, is found by it.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import psycopg
import pytest

from tigertally_engines.otp import kernel
from tigertally_protocol import client_connection
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.token import ResyncTokenRequest
from tigertally_protocol.messages.user import QueryUserRequest, RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.house import House
from tigertally_testing.peer import Peer, inform, join, verification
from tigertally_testing.processes import reachable_folder, spawner

CONTROL = "CONTROL-7d1c0a5e93"
NAMES = ("欧阳玛瑙", "Zaphod-Unforgettable")
MOBILES = ("13912345678", "+8613587654321")
GARBLED = b"GARBLED-SECRET-0d7f"


@pytest.fixture(scope="module")
def lived():
    """A house, the folder of all its files, and servers to live in it."""
    with reachable_folder() as folder, House(folder / "state") as house, spawner(house) as spawn:
        yield folder, house, spawn


def spellings(raw):
    """A key as somebody might have written it."""
    return {
        "raw": raw,
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "base32": base64.b32encode(raw).rstrip(b"="),
        "base64": base64.b64encode(raw).rstrip(b"="),
        "repr": repr(raw)[2:-1].encode(),
    }


def texts(text):
    return {charset: text.encode(charset) for charset in ("utf-8", "gb18030", "utf-16-le")} | {
        "escaped": text.encode("unicode_escape"),
        "hex": text.encode().hex().encode(),
    }


async def test_no_secret_is_left_in_the_clear(lived, tmp_path):
    folder, house, spawn = lived
    secrets: dict[str, bytes] = {}
    plain = house.add_channel()
    sealed = house.add_channel(suite=1, field_cipher=2)
    held = house.holders(6, "hotp-6", overrides='{"digits": 10}', name=NAMES[0])
    server = spawn("talkative", log={"level": "debug", "format": "json"})
    await inform(server)
    for line in (plain, sealed):
        await _live(server, line, held, secrets)
    metrics = server.get("/metrics")[1].encode()
    assert server.stop() == 0

    secrets |= _keys_of(house, held, (plain, sealed))
    for name in NAMES:
        secrets.update({f"name {name} {how}": value for how, value in texts(name).items()})
    for mobile in MOBILES:
        secrets[f"mobile {mobile}"] = mobile.encode()
    secrets["garbled field"] = GARBLED

    _flush(house)
    places = {"log": server.log_file.read_bytes(), "metrics": metrics}
    places |= files(folder)
    assert len(places) > 100, "the database's files were not found"
    # Keys lie where the operator was told that they lie; nowhere else.
    master = places.pop(str(house.config.master_key_file))
    found = {what for what, value in secrets.items() if value in master}
    assert found, "the search doesn't find what is known to be there"
    assert all(what.startswith("master key") for what in found)

    control = CONTROL.encode()
    finds = [name for name, data in places.items() if control in data]
    assert any("/base/" in name for name in finds), "not in the tables: nothing is searched"
    assert any("/pg_wal/" in name for name in finds), "not in the write-ahead log"
    leaks = [
        (what, place)
        for what, value in secrets.items()
        for place, data in places.items()
        if value in data
    ]
    assert leaks == []


async def _live(server, line, held, secrets):
    """Everything that a channel may do with secrets, right and wrong."""
    async with await join(server, line) as peer:
        generation = peer.conn._outgoing.generation
        assert generation is not None
        for number, mobile in enumerate(MOBILES):
            message = RegisterUserRequest(
                institution=INSTITUTION,
                customer=f"NEW{line.channel_id}{number}",
                reference=CONTROL,
                name=SecretText(NAMES[number]),
                mobile=SecretText(mobile),
            )
            assert (await peer.ask(message)).code is C.CHANGED
            told = await peer.ask(QueryUserRequest(customer=message.customer))
            assert told.message.mobile.reveal() == mobile
        await _codes(peer, held[line.channel_id % 2 :: 2], secrets)
        await _nonsense(peer, held[0])
        for what, value in _working_keys(peer).items():
            secrets[f"channel {line.channel_id} {what}"] = value
        await peer.send(b"NONSENSE" + GARBLED)
        await peer.until_closed()


def code_of(item, counter):
    """Ten digits: six would be found in any big file by chance."""
    return kernel.hotp(item.seed, counter, 10, "sha1")


async def _codes(peer, held, secrets):
    for item in held:
        right, wrong = code_of(item, 0), "9182736450"
        answer = await peer.ask(verification(item, right, reference=CONTROL))
        assert answer.code is C.APPROVED
        await peer.ask(verification(item, wrong))
        two = code_of(item, 20), code_of(item, 21)
        resync = ResyncTokenRequest(
            institution=INSTITUTION,
            customer=item.customer,
            token=item.serial,
            otp_1=SecretText(two[0]),
            otp_2=SecretText(two[1]),
        )
        assert (await peer.ask(resync)).code is C.CHANGED
        for code in (right, wrong, *two):
            secrets[f"code {code}"] = code.encode()


async def _nonsense(peer, item):
    """Fields that are refused: the name may be told, what stood in it not."""
    frame = peer.build(verification(item, "123456"))
    serial = int.from_bytes(frame[16:24], "big")
    if peer.line.field_cipher == 0:
        await peer.send(peer.spoil(frame, "otp", b"code-91827"))
        assert (await peer.collect([serial]))[0].code is C.BAD_FIELD
    frame = peer.build(verification(item, "123456"))
    serial = int.from_bytes(frame[16:24], "big")
    await peer.send(peer.spoil(frame, "end_user_address", b"\xff" + GARBLED))
    assert (await peer.collect([serial]))[0].code is C.BAD_FIELD


def _working_keys(peer: Peer) -> dict[str, bytes]:
    """As delivered at this session's sign-on; found by unwrapping the answer once more."""
    found = {}
    for slot, key in RECORDED[id(peer.conn)].items():
        for how, value in spellings(key).items():
            found[f"{slot} {how}"] = value
    return found


RECORDED: dict[int, dict[str, bytes]] = {}


@pytest.fixture(autouse=True)
def recorded_keys(monkeypatch):
    """The client's working keys: they are kept nowhere, so they are noted as they are unwrapped."""
    original = client_connection.ClientConnection._unwrap

    def unwrap(self, message):
        keys = original(self, message)
        slots = ("mac_request", "mac_response", "field_request", "field_response")
        RECORDED[id(self)] = {slot: getattr(keys, slot) for slot in slots if getattr(keys, slot)}
        return keys

    monkeypatch.setattr(client_connection.ClientConnection, "_unwrap", unwrap)


def _keys_of(house, held, lines):
    keys = {f"seed of {item.serial}": item.seed for item in held}
    keys |= {f"channel master key {line.channel_id}": line.master_key for line in lines}
    keys["master key"] = _read_master(house)
    for key in house.environment.keyring._keys.values():
        keys[f"data key {key.id}"] = key._raw
    return {f"{what} {how}": v for what, raw in keys.items() for how, v in spellings(raw).items()}


def _read_master(house):
    """Its file's last line in hexadecimal, however it is introduced."""
    return bytes.fromhex(house.config.master_key_file.read_text(encoding="ascii").strip()[-64:])


def _flush(house):
    """All tables into their files."""
    with psycopg.connect(house.cluster.superuser_dsn("tigertally"), autocommit=True) as conn:
        conn.execute("CHECKPOINT")


def files(folder: Path) -> dict[str, bytes]:
    """Everything below, whatever it is."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                found[str(path)] = path.read_bytes()
    return found
