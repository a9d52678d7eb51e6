"""The crypto engine on real servers and a real PostgreSQL, through the Python client: keys issued,
replaced and retired while servers run, the same answer on second connection and second server,
wrong PINs limited over both, and nothing of it in the database in the clear.
"""

from __future__ import annotations

import hashlib

import psycopg
import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.crypto_operations import CBC, CMAC, SM3, VERIFIER
from tigertally_client.settings import ClientSettings
from tigertally_engines.crypto.ciphers import block_cipher
from tigertally_engines.crypto.key_blocks import CarriedKey, disclose, enclose
from tigertally_engines.crypto.pin_blocks import ClearPin, PinFormat, make_block, open_block
from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.crypto.finding import owner_of_channel
from tigertally_server.store.keys import next_ids
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import inform

TRANSPORT = hashlib.sha256(b"a transport key").digest()
CONTROL = "CONTROL-77aa"
CARD, PIN, OTHER_PIN = "6222021234567890123", "918273645546", "645546918273"
FIELD = b"planted-field-6222021234567890123"
SETTINGS = ClientSettings(connections=1, timeout_s=30.0, attempt_timeout_s=10.0)


@pytest.fixture(scope="module")
def line(house):
    line = house.add_channel(suite=2, field_cipher=1)
    owner = owner_of_channel(line.channel_id)
    with house.connect() as conn:
        (key_id,) = next_ids(conn, 1)
    bare = KeyRecord(
        id=key_id,
        level=KeyLevel.WORKING,
        purpose="transport",
        state=KeyState.CURRENT,
        owner=owner,
        name="kek",
        algorithm="aes-256",
        created_at_ms=house.now_ms(),
    )
    house.bank.operate(PutKey(house.environment.keyring.sealed_record(bare, TRANSPORT)))
    return line


def client_of(line, *servers):
    return Client(credentials(line, *servers), settings=SETTINGS)


def block_of(key, pin):
    cipher = block_cipher("aes-128", key)
    return make_block(cipher, PinFormat.ISO_4, ClearPin(pin), CARD, bytes(range(8)))


async def issued(client, name, purpose, algorithm):
    """The key as its channel then has it, too."""
    answer = await client.issue_key(name, purpose, algorithm, transport_key="kek")
    assert answer.code is C.CHANGED
    return disclose("aes-256", TRANSPORT, answer.key_block).key


async def test_the_life_of_a_mac_key(server, line):
    await inform(server)
    async with client_of(line, server) as client:
        key = await issued(client, "life", "mac", "sm4")
        made = await client.generate_mac("life", b"message", algorithm=CMAC)
        assert (made.code, made.key_generation, len(made.mac)) == (C.COMPUTED, 1, 16)
        assert made.entry is not None
        assert (await client.verify_mac("life", b"message", made.mac)).approved
        assert (await client.verify_mac("life", b"massage", made.mac)).code is C.MAC_WRONG
        assert (await issued(client, "life", "mac", "sm4")) != key
        assert not (await client.verify_mac("life", b"message", made.mac)).approved
        assert (await client.verify_mac("life", b"message", made.mac, generation=1)).approved
        assert (await client.retire_key("life", "mac")).key_state == "old"
        assert (await client.generate_mac("life", b"message")).code is C.KEY_NOT_USABLE
        assert (await client.query_key("life", "mac", generation=2)).key_algorithm == "sm4"
        assert (await client.decipher_field("life", bytes(32), mode=CBC)).code is C.KEY_NOT_FOR_THIS


async def test_a_key_is_brought_to_both_servers(server, second, line):
    await inform(server)
    await inform(second)
    carried = CarriedKey("field", "aes-128", bytes(range(16)), exportable=False)
    block = enclose("aes-256", TRANSPORT, carried, bytes(16))
    async with client_of(line, server) as here, client_of(line, second) as there:
        assert (await here.import_key("brought", block, transport_key="kek")).code is C.CHANGED
        made = await here.encipher_field("brought", FIELD, context="card/42", reference=CONTROL)
        with trio.fail_after(10):
            # The other process learns of the key with the next epoch, and then opens the field.
            while (
                opened := await there.decipher_field("brought", made.ciphertext, context="card/42")
            ).code is C.KEY_UNKNOWN:
                await trio.lowlevel.checkpoint()
        assert (opened.code, opened.plain.reveal()) == (C.COMPUTED, FIELD)
        moved = await there.decipher_field("brought", made.ciphertext, context="card/43")
        assert (moved.code, moved.detail) == (C.NOT_DECIPHERED, "")


async def test_the_same_serial_gets_the_same_answer_elsewhere(server, second, line):
    async with client_of(line, server) as here, client_of(line, second) as there:
        await issued(here, "twice", "field", "aes-256")
        ticket = here.new_ticket()
        first = await here.encipher_field("twice", FIELD, ticket=ticket)
        await issued(here, "twice", "field", "aes-256")
        again = await there.encipher_field("twice", FIELD, ticket=ticket)
        assert (again.ciphertext, again.entry) == (first.ciphertext, first.entry)
        assert again.key_generation == 1


async def test_pins_are_translated_verified_and_limited(server, second, line):
    async with client_of(line, server) as here, client_of(line, second) as there:
        zone = await issued(here, "zone", "pin-block", "aes-128")
        inner = await issued(here, "inner", "pin-block", "sm4")
        await issued(here, "pvk", "pin-verifier", "hmac-sm3")
        moved = await here.translate_pin(
            "zone", block_of(zone, PIN), CARD, new_key="inner", pin_format=4
        )
        cipher = block_cipher("sm4", inner)
        found = open_block(cipher, PinFormat.ISO_4, moved.pin_block.reveal(), CARD)
        assert found.reveal() == PIN
        kept = (
            await here.make_pin_value(
                "zone", block_of(zone, PIN), CARD, pin_key="pvk", method=VERIFIER
            )
        ).pin_value.reveal()

        async def verified(client, pin):
            return await client.verify_pin(
                "zone", block_of(zone, pin), CARD, pin_key="pvk", pin_value=kept, method=VERIFIER
            )

        assert (await verified(here, PIN)).approved
        with trio.fail_after(10):
            while (await verified(there, OTHER_PIN)).code is not C.PIN_WRONG:
                await trio.lowlevel.checkpoint()
        for client in (here, there, here, there, here):
            assert (await verified(client, OTHER_PIN)).code is C.PIN_WRONG
        for client in (here, there):
            assert (await verified(client, PIN)).code is C.PIN_TRIES_EXCEEDED


async def test_random_octets_and_digests(server, line):
    async with client_of(line, server) as client:
        drawn = await client.draw_random(64)
        assert (drawn.code, len(drawn.octets.reveal()), drawn.entry) == (C.ANSWERED, 64, None)
        digest = await client.digest(b"abc", algorithm=SM3)
        assert digest.digest.hex().startswith("66c7f0f462eeedd9")


def test_nothing_lies_in_the_clear(house, server, second):
    """In no table, no file of the database and its log, no log line, no metric."""
    with psycopg.connect(house.cluster.superuser_dsn("tigertally"), autocommit=True) as conn:
        conn.execute("CHECKPOINT")
    places = [path.read_bytes() for path in house.state_dir.rglob("*") if path.is_file()]
    for process in (server, second):
        places += [process.log_file.read_bytes(), process.get("/metrics")[1].encode()]
    assert any(CONTROL.encode() in data for data in places), "nothing is searched"
    planted = [FIELD, PIN.encode(), OTHER_PIN.encode(), CARD.encode(), TRANSPORT]
    for secret in planted:
        for form in (secret, secret.hex().encode(), secret.hex().upper().encode()):
            assert not [1 for data in places if form in data], "a secret lies in the clear"


def test_the_log_is_whole(house):
    assert house.verify_log().ok
