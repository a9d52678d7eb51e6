"""How fast rows are sealed anew: `make bench-keys`.

An installation of its own with so many tokens; the seed key is rotated, every seed sealed anew page
by page as `tigertally key rewrap` and the servers do it, one process, one connection. Prints rows
per second by page size, what of it is cryptography, and one rotation's own time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tigertally_server.app.environment import Environment, open_databases, open_environment
from tigertally_server.app.operators import Acting
from tigertally_server.cli.house import house_of
from tigertally_server.cli.key_house import key_work, place_of
from tigertally_server.cli.key_rotating import Rotation
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_server.services.rewrapping import Rewrapper
from tigertally_server.store import arrays
from tigertally_testing.house import House
from tigertally_testing.processes import reachable_folder

ACTING = Acting("bench", "tigertally_app", separated=False)
INSTITUTION = "0001"
INSERT = (
    "INSERT INTO tigertally.token (id, institution, serial, type_name, overrides, issuer, "
    "imported_at, key_id, seed) SELECT id, '0001', 'B' || id, 'totp-6', '', '', 0, %s, seed "
    "FROM unnest(%b, %b) AS v (id, seed)"
)


def fill(environment: Environment, count: int) -> None:
    """Tokens with seeds of 20 bytes."""
    keyring = environment.keyring
    key = keyring.current(Purpose.SEED)
    with environment.databases.connect("tigertally_app", patient=True) as conn:
        arrays.register(conn)
        for start in range(1, count + 1, 10_000):
            ids = range(start, min(start + 10_000, count + 1))
            sealed = [
                key.seal(bytes(20), seed_identity(INSTITUTION, f"B{i}"), nonce)
                for i, nonce in zip(ids, keyring.nonces(len(ids)), strict=True)
            ]
            conn.execute(
                INSERT.encode(),
                (key.id, arrays.Int8Array(list(ids)), arrays.ByteaArray(sealed)),
            )
            conn.commit()


def rotate(environment: Environment) -> float:
    """Seconds of the two steps, without the pause between them."""
    with house_of(environment, ACTING) as house, key_work(house) as conn:
        began = time.perf_counter()
        Rotation(house, conn, 0).rotate(place_of(environment.keyring, "seed"))
        return time.perf_counter() - began


def seal_anew(environment: Environment, page: int) -> tuple[int, float, float]:
    """Rows, seconds, the slowest page's seconds."""
    rewrapper = Rewrapper(environment.keyring, environment.clock, page)
    slowest, began = 0.0, time.perf_counter()
    with environment.databases.connect("tigertally_app", patient=True) as conn:
        while True:
            at = time.perf_counter()
            progress = rewrapper.step(conn, "token")
            slowest = max(slowest, time.perf_counter() - at)
            assert progress is not None
            if progress.finished:
                return progress.sealed_anew, time.perf_counter() - began, slowest


def cryptography(environment: Environment, count: int) -> float:
    """Seconds to open and to seal so many seeds, without a database."""
    keyring = environment.keyring
    key, nonce = keyring.current(Purpose.SEED), keyring.nonces(1)[0]
    identity = seed_identity(INSTITUTION, "B1")
    sealed = key.seal(bytes(20), identity, nonce)
    began = time.perf_counter()
    for _ in range(count):
        key.seal(key.open(sealed, identity), identity, nonce)
    return time.perf_counter() - began


def measure(environment: Environment, count: int) -> None:
    """Prints the figures."""
    fill(environment, count)
    for page in (200, 500, 2_000):
        took = rotate(environment)
        rows, seconds, slowest = seal_anew(environment, page)
        print(
            f"page {page:>5}: {rows:,} rows in {seconds:.1f} s = {rows / seconds:,.0f} rows/s, "
            f"slowest page {1000 * slowest:.0f} ms; the rotation itself {1000 * took:.0f} ms"
        )
    print(f"open and seal alone: {1e6 * cryptography(environment, 50_000) / 50_000:.1f} µs a row")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=200_000)
    arguments = parser.parse_args()
    with reachable_folder() as folder:
        config = House(Path(folder) / "state").config
        databases = open_databases(config)
        try:
            environment = open_environment(config, databases, tell=lambda text: None)
            with databases.connect("tigertally_app") as conn:
                environment.ensure_partitions(conn)
            measure(environment, arguments.tokens)
        finally:
            databases.close()


if __name__ == "__main__":
    main()
