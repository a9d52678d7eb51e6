"""Known secrets go through every transaction there is, right and wrong, on a real server that is
killed and started again; then nothing of them lies anywhere in the clear: not in any table, data
file or write-ahead log, not in our log or PostgreSQL's, not in metrics, staging or temporary files.

The same search finds a planted value in every form, and the bank's references, which may stand in
the clear, in the tables and in the write-ahead log: it would find a leak.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from tigertally_engines.otp import kernel
from tigertally_protocol.codes import CODES
from tigertally_protocol.constants import HEADER_LENGTH, MAC_LENGTH
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretText
from tigertally_server.cli.main import cli
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.house import House
from tigertally_testing.peer import Closed, inform, join, today
from tigertally_testing.planted import Plants, forms, needles_of, requests, search
from tigertally_testing.processes import reachable_folder, spawner

CONTROL = "CONTROL-4c1d77"
NOBODY = "nobody-1"
KNOWN = {
    "institution": INSTITUTION,
    "reference": CONTROL,
    "language": "zh",
    "kind": 1,
    "slot": "",
    "app": "phone-1",
    "algorithm": "aes-gcm",
    "REGISTER_APP_KEY.app_key": "5ec7e7" + "c0ffee55" * 3 + "ab",
    "SEND_SMS_CODE.app": "",
    "DIGEST.data": b"plantation-of-the-digest-input-0123456789",
    "scene": "payment",
    "currency": "CNY",
    "amount": 1_234_567,
    "sum": "76543.21",
    "act": "transfer",
    "verdict": "confirm",
    "BEGIN_TRANSACTION_VERIFICATION.method": "service",
    "COMPLETE_TRANSACTION_VERIFICATION.method": "service",
    "expression": "password",
    "BEGIN_FLOW.policy": "pay",
    "factor": "password",
    "factor_schema": 1,
    "uses": 1,
    "valid_s": 600,
    "SET_PASSWORD.password": "Zq7-plantation-first",
    "CHANGE_PASSWORD.password": "Zq7-plantation-first",
    "CHANGE_PASSWORD.new_password": "Hw9-plantation-second",
    "VERIFY_PASSWORD.password": "Hw9-plantation-second",
    "RESET_PASSWORD.password": "",
    "octet_count": 64,
    "serial": 1,
    "free_fields": "invoice=密语八八六六四四二二",
    "SET_PASSWORD.otp": "",
    "SET_PASSWORD.known": "",
    "CHANGE_PASSWORD.otp": "",
    "CHANGE_PASSWORD.known": "",
    "greeting": "密语月下独酌花间",
    "digest_algorithm": 1,
    "data_length": 41,
    "pin": "",
    "SET_TOKEN_PIN.new_pin": "8520369417",
    "VERIFY_PIN_OTP.pin": "8520369417",
    "operator": "teller-1",
    "words": "请注意安全密语八八六六四四",
    "account": "6222029876543210987",
    "payee": "6222025647382910333",
}
MUST_SUCCEED = {
    "REGISTER_USER", "QUERY_USER", "BIND_PHONE", "SEND_SMS_WARNING", "SET_PASSWORD", "CHANGE_PASSWORD", "VERIFY_PASSWORD",  # noqa: E501
    "SET_GREETING", "GET_GREETING", "REGISTER_APP_KEY", "VERIFY_OTP", "DISABLE_TOKEN", "ENABLE_TOKEN", "QUERY_TOKEN",  # noqa: E501
    "BEGIN_TRANSACTION_VERIFICATION", "BEGIN_OWN_FLOW", "SEND_SMS_CODE", "DIGEST", "DRAW_RANDOM", "CLOSE_USER",  # noqa: E501
}  # fmt: skip


@pytest.fixture(scope="module")
def lived():
    with reachable_folder() as folder, House(folder / "state") as house, spawner(house) as spawn:
        yield folder, house, spawn


def _section(folder):
    return {"gateway": "file", "file": {"path": str(folder / "outside-sms.jsonl")}}


HANDLES = ("challenge", "flow", "verification", "message_id", "session")


async def _drive(peer, plants, held, customers, driven, succeeded):
    """Every request with planted values, for a customer with a token and for a stranger. Handles
    that were answered are used in what follows.
    """
    handles = {customer: dict.fromkeys(HANDLES, "ab" * 16) for customer in customers}
    for row in requests():
        for customer in customers:
            known = KNOWN | handles[customer] | {"customer": customer, "business_day": today()}
            known["token"] = held.serial if customer == held.customer else "T-none"
            if "phone" in row.cls.__name__.lower() or row.transaction.name == "REGISTER_USER":
                known |= {"mobile": f"13{plants.digits(9)}"}
            if row.transaction.name == "VERIFY_OTP":
                known |= {"otp": kernel.hotp(held.seed, held.next(), 10, "sha1")}
            message = plants.message(row, known)
            try:
                answer = await peer.ask(message, transaction=row.transaction)
            except BadField as problem:
                raise AssertionError(f"{row.name}: {problem.field} can't be planted") from None
            driven.add(row.transaction)
            for name in HANDLES:
                if handle := getattr(answer.message, name, ""):
                    handles[customer][name] = handle
            answered = MESSAGES.get((row.transaction, 2, row.schema))
            plants.note_answer(answered, answer.message)
            if CODES[answer.code].cls.name in {"APPROVED", "CHANGED", "ANSWERED", "SUCCESS"}:
                succeeded.add(row.transaction.name)


async def _garbage(peer, plants):
    """Each request with its whole body spoilt, and with each secret field spoilt."""
    junk = f"GARBAGE-{plants.digits(12)}".encode()
    plants.secrets[junk] = "garbage in a body"
    for row in requests():
        frame = peer.build(row.blank, transaction=row.transaction)
        size = len(frame) - HEADER_LENGTH - MAC_LENGTH
        for body in ((junk * (size // len(junk) + 1))[:size], bytes([0xFF]) * size):
            try:
                frame = peer.build(row.blank, transaction=row.transaction)
                serial = int.from_bytes(frame[16:24], "big")
                await peer.send(peer.forge(frame, body))
                await peer.collect([serial])
            except Closed:
                raise AssertionError(f"{row.name}: a bad body ended the connection") from None


class Holder:
    """A HOTP token and its counter."""

    def __init__(self, item):
        self.customer, self.serial, self.seed = item.customer, item.serial, item.seed
        self._counter = -1

    def next(self):
        self._counter += 1
        return self._counter


async def test_nothing_planted_is_left_anywhere(lived, seed, monkeypatch):
    folder, house, spawn = lived
    plants = Plants(seed)
    plain, sealed = house.add_channel(), house.add_channel(suite=1, field_cipher=2)
    (item,) = house.holders(1, "hotp-6", overrides='{"digits": 10}', name="欧阳玛瑙密语")
    held = Holder(item)
    driven: set[int] = set()
    succeeded: set[str] = set()
    plants.secrets |= {"欧阳玛瑙密语": "name", item.seed: "seed"}
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        _import(house, folder, plants)
        _refused_by_postgresql(house, plants)
        log = {"level": "debug", "format": "json"}
        monkeypatch.setenv("TMPDIR", temporary)
        server = spawn("planted", log=log, sms=_section(folder))
        await inform(server)
        for line in (plain, sealed):
            # A customer who is new, has a password and a phone at the end; and nobody.
            fresh = f"K{plants.digits(9)}"
            async with await join(server, line) as peer:
                await peer.ask(
                    RegisterUserRequest(
                        institution=INSTITUTION,
                        customer=fresh,
                        name=SecretText("x"),
                        mobile=SecretText("13900000000"),
                    )
                )
                await _drive(
                    peer,
                    plants,
                    held,
                    (item.customer, fresh, NOBODY)[: 3 - line.field_cipher // 2],
                    driven,
                    succeeded,
                )
            async with await join(server, line) as peer:
                if line.field_cipher == 0:
                    await _garbage(peer, plants)
        metrics = folder / "metrics"
        metrics.write_text(server.get("/metrics")[1])
        server.kill()
        server.start()
        async with await join(server, plain) as peer:
            assert (
                await peer.ask(
                    RegisterUserRequest(institution=INSTITUTION, customer="K2", reference=CONTROL)
                )
            ).code is not None
        assert server.stop() == 0
        assert {row.transaction for row in requests()} == driven, "a transaction was not driven"
        assert succeeded | _missing() >= MUST_SUCCEED, sorted(MUST_SUCCEED - succeeded)
        _settle(house)
        dump = _dump(house, folder / "dump")
        places = [path for path in _files(folder) if path.name != "outside-sms.jsonl"]
        logs = [server.log_file, house.cluster.log, metrics]
        assert all(path.exists() for path in logs)
        _the_search_can_fail(folder, dump, places)
        assert search(needles_of(plants.secrets), [*places, *logs]) == []
        assert search(needles_of(plants.kept), logs) == []
        assert len(plants.secrets) > 200
        assert not [path for path in places if path.name.startswith("core")]


def _import(house, folder, plants):
    """Seeds in the staging, and in a file that is refused half-way."""
    config, stock = folder / "cli.toml", folder / "outside-tokens.csv"
    config.write_text(f"[database]\nstate_dir = {json.dumps(str(house.state_dir))}\n")
    for number, end in ((1, ""), (2, "broken line\n")):
        seeds = [plants.bytes(20) for _ in range(30)]
        plants.secrets |= dict.fromkeys(seeds, "imported seed")
        lines = [f"P{number}{i:03},{seed.hex()},totp,6,30\n" for i, seed in enumerate(seeds)]
        stock.write_text("serial,seed,type,digits,step\n" + "".join(lines) + end)
        start = f"-c {config} import start {stock} --format oath-csv --institution {INSTITUTION}"
        result = CliRunner().invoke(cli, start.split(" "))
        assert isinstance(result.exception, SystemExit | None), result.exception
        told = folder / f"told-{number}"
        told.write_text(result.output)
        assert result.exit_code == (1 if end else 0), result.output
    stock.unlink()


def _refused_by_postgresql(house, plants):
    """A statement that fails is logged, and what it was about is not."""
    value = f"密语{plants.digits(12)}"
    plants.secrets[value] = "value of a refused statement"
    conn = house.connect()
    try:
        with pytest.raises(psycopg.errors.DatabaseError):
            conn.execute("INSERT INTO tigertally.token_type VALUES (%s, %s::jsonb)", (value, value))
    finally:
        conn.close()
    assert "invalid input syntax for type json" in house.cluster.log.read_text()


def _missing():
    names = {row.transaction.name for row in requests()}
    return {name for name in MUST_SUCCEED if name not in names}


def _the_search_can_fail(folder, dump, places):
    """What is known to be there is found: in each form, and in each kind of place."""
    control = {CONTROL.encode(): "control"}
    found = [place for _, place in search(control, places)]
    assert str(dump) in found
    assert any("/base/" in place for place in found)
    assert any("/pg_wal/" in place for place in found)
    planted = folder / "leak"
    for value in ("欧阳玛瑙密语", "13812345678", b"\x01\xfe\x80seed-of-a-token"):
        for form, raw in forms(value).items():
            planted.write_bytes(b"\x00\xffbefore" + raw + b"behind\x00")
            assert search(needles_of({value: "it"}), [planted]), f"{value!r} is not found as {form}"
    planted.unlink()


def _settle(house):
    """All tables into their files."""
    with psycopg.connect(house.cluster.superuser_dsn("tigertally"), autocommit=True) as conn:
        conn.execute("CHECKPOINT")


def _dump(house, path):
    """Every table as text, as `pg_dump` would have it."""
    with (
        psycopg.connect(house.cluster.superuser_dsn("tigertally")) as conn,
        path.open("wb") as file,
    ):
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'tigertally%'"  # noqa: E501
        ).fetchall()
        assert len(tables) > 20
        for (table,) in tables:
            with conn.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                for part in copy:
                    file.write(part)
    return path


def _files(folder):
    return [
        Path(parent) / name
        for parent, _, names in os.walk(folder)
        for name in names
        if (Path(parent) / name).is_file() and not (Path(parent) / name).is_symlink()
    ]
