"""The customers and tokens of a load test, made in bulk: as real as any other, only derived instead
of enrolled.

Each has a data key of its own, sealed personal data, a sealed seed, a token bound and active. They
come in chunks, one recorded act each; a run that was interrupted goes on after the last whole
chunk, because serials and chunks go in order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_load.population import LOAD_KEY_BYTES, Population, PopulationError
from tigertally_protocol.transactions import UserState
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.cli.population_methods import (
    TYPES,
    credentials_of,
    first_state,
    prepare_types,
)
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import (
    AdminWrite,
    InsertAccounts,
    InsertCredentials,
    InsertTokens,
)
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.services.keyring import (
    DATA_KEY_BYTES,
    Purpose,
    customer_identity,
    seed_identity,
)
from tigertally_server.services.users import PersonalData, personal_identity
from tigertally_server.store import reading

CHUNK: Final = 50_000


def open_population(house: House, path: Path, wanted: int, *, methods: bool = False) -> Population:
    """The population of the file, or a new one with a fresh key; `count` is what the file vouches
    for. Raises CommandError.

    Each file has an institution of its own, so that a lost file costs tokens that nobody can use,
    and no more.
    """
    try:
        return Population.load(path)
    except PopulationError as problem:
        if path.exists():
            raise CommandError(f"{problem}\nMove it away to begin with a new population.") from None
    key = house.environment.entropy.token_bytes(LOAD_KEY_BYTES)
    tag = house.environment.entropy.token_bytes(3).hex().upper()
    return Population(min(wanted, CHUNK), key, f"LOAD-{tag}", methods=methods)


def grow(
    house: House, path: Path, population: Population, wanted: int, progress: Callable[[int], None]
) -> Population:
    """Makes tokens up to `wanted` and keeps the file in step; returns the population as it is then.
    Raises CommandError.
    """
    done = _prepared(house, population)
    prepare_types(house, methods=population.methods)
    while done < wanted:
        stop = min(done + CHUNK, wanted)
        larger = population.first(stop)
        # The key must be on disk before anything is sealed that only it can use.
        if done == 0:
            larger.save(path)
        _insert(house, larger, done, stop)
        larger.save(path)
        population, done = larger, stop
        progress(done)
    vouched = population.first(done)
    if done != population.count or not path.exists():
        vouched.save(path)
    return vouched


def _prepared(house: House, population: Population) -> int:
    """How many of its tokens the database has."""
    with house.reading() as conn:
        last = reading.last_serial(conn, population.institution)
    return int(last.removeprefix(population.serial(0)[:2])) + 1 if last else 0


def _insert(house: House, population: Population, start: int, stop: int) -> None:
    with house.reading() as conn:
        account_ids = reading.new_ids(conn, "account_id", stop - start)
        token_ids = reading.new_ids(conn, "token_id", stop - start)
    now_ms = house.environment.clock.now_ms()
    accounts = _accounts(house, population, account_ids, start, now_ms)
    tokens = _tokens(house, population, account_ids, token_ids, start)
    details = {
        "institution": population.institution,
        "customers and tokens": stop - start,
        "first": population.serial(start),
        "last": population.serial(stop - 1),
        "methods": "several" if population.methods else "totp",
    }
    writes: list[AdminWrite] = [
        InsertAccounts(accounts),
        InsertTokens(tokens, "load", now_ms),
    ]
    if population.methods:
        writes.append(InsertCredentials(credentials_of(house, population, accounts, start, now_ms)))
    house.act("load prepare", details, writes)


def _accounts(
    house: House, population: Population, ids: list[int], start: int, now_ms: int
) -> tuple[Account, ...]:
    keyring, entropy = house.environment.keyring, house.environment.entropy
    wrapping, institution = keyring.current(Purpose.CUSTOMER), population.institution
    nonces = iter(keyring.nonces(2 * len(ids)))
    keys = entropy.token_bytes(DATA_KEY_BYTES * len(ids))
    encode = msgspec.msgpack.Encoder().encode
    made = []
    for offset, account_id in enumerate(ids):
        customer = population.customer(start + offset)
        raw = keys[offset * DATA_KEY_BYTES : (offset + 1) * DATA_KEY_BYTES]
        nonce = next(nonces)
        data = encode(PersonalData(f"负载客户{start + offset}", f"139{start + offset:08d}"))
        made.append(
            Account(
                id=account_id,
                institution=institution,
                customer=customer,
                state=UserState.ACTIVE,
                registered_at_ms=now_ms,
                key_id=wrapping.id,
                data_key=wrapping.seal(raw, customer_identity(institution, customer), next(nonces)),
                personal=nonce
                + AESGCM(raw).encrypt(nonce, data, personal_identity(institution, customer)),
            )
        )
    return tuple(made)


def _tokens(
    house: House, population: Population, account_ids: list[int], token_ids: list[int], start: int
) -> tuple[Token, ...]:
    keyring, institution = house.environment.keyring, population.institution
    sealing = keyring.current(Purpose.SEED)
    nonces = keyring.nonces(len(token_ids))
    made = []
    for offset, token_id in enumerate(token_ids):
        serial = population.serial(start + offset)
        made.append(
            Token(
                id=token_id,
                institution=institution,
                serial=serial,
                type_name=TYPES[population.method(start + offset)],
                seed_key_id=sealing.id,
                sealed_seed=sealing.seal(
                    population.seed(start + offset),
                    seed_identity(institution, serial),
                    nonces[offset],
                ),
                owner_id=account_ids[offset],
                owner_state=UserState.ACTIVE,
                state=TokenState.ACTIVE,
                otp=first_state(population.method(start + offset)),
                valid_from_ms=0,
                valid_to_ms=FOR_EVER_MS,
            )
        )
    return tuple(made)
