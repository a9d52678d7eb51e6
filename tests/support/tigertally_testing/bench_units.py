"""What `make bench` measures in its own process: the parts of one verification, and units of work
on a real PostgreSQL.
"""

from __future__ import annotations

import hmac
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tigertally_drivers.postgres.cluster import EmbeddedCluster
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER, SUPERUSER, ClusterSettings
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_engines.otp import decide, kernel
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_protocol import registry
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest, VerifyOtpResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import SUITES
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.audit import leaf, merkle
from tigertally_server.domain.administration import InsertTokens
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.entry import Entry
from tigertally_server.domain.token import Token
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_server.services.request import Request
from tigertally_server.store.migrate import migrate
from tigertally_server.store.port import inline
from tigertally_testing.bank import INSTITUTION, Bank, HeldToken, memory_installation
from tigertally_testing.postgres_bank import install_postgres, open_store

ROUNDS = 5
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Part:
    """µs of CPU of one call, the best of five rounds."""

    name: str
    us: float


@dataclass(frozen=True, slots=True)
class BatchFigure:
    name: str
    server_us: float
    database_us: float
    per_s: float


def cost_us(work: Callable[[], object], calls: int = 5_000) -> float:
    """CPU per call; the best round, because a busy machine only ever adds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, time.process_time() - begun)
    return best / calls * 1e6


def measure_parts() -> list[Part]:
    """The baseline first."""
    data, key, seed = bytes(200), bytes(range(32)), bytes(range(20))
    request = registry.message_type(Transaction.VERIFY_OTP, Kind.REQUEST, 1)
    response = registry.message_type(Transaction.VERIFY_OTP, Kind.RESPONSE, 1)
    assert request is not None
    assert response is not None
    asked = VerifyOtpRequest(
        institution="0001", customer="C0000001", reference="R" * 20, otp=SecretText("123456")
    )
    answered = VerifyOtpResponse(token="T0000001", token_state=2, remaining_tries=5)
    body = registry.encode_body(request, asked, "utf-8")
    parameters, state = OtpParameters("totp"), OtpState()  # type: ignore[arg-type]
    now_ms = 1_767_225_600_000
    code = kernel.hotp(seed, kernel.totp_step(now_ms, 30), 6)
    entry = Entry(
        0,
        1,
        20_000,
        1,
        1,
        0,
        0x301,
        1,
        now_ms,
        "",
        1,
        1,
        0,
        0,
        bytes(32),
        1,
        bytes(180),
        0,
        bytes(100),
    )
    leaves = [bytes(32)] * 64
    frontier = merkle.append(merkle.EMPTY, leaves)
    work: list[tuple[str, Callable[[], object]]] = [
        ("hmac.digest SHA-256 over 200 bytes (baseline)", lambda: hmac.digest(key, data, "sha256")),
        ("decode a verify request's body", lambda: registry.decode_body(request, body, "utf-8")),
        (
            "encode a verify response's body",
            lambda: registry.encode_body(response, answered, "utf-8"),
        ),
        (
            "TOTP decision, right code, window ±1",
            lambda: decide.verify(parameters, seed, state, code, now_ms),
        ),
        ("entry: canonical encoding and leaf hash", lambda: leaf.leaf_hash(entry)),
        ("Merkle append, per leaf in batches of 64", lambda: merkle.append(frontier, leaves)),
    ]
    parts = [Part(name, cost_us(call)) for name, call in work]
    parts[-1] = Part(parts[-1].name, parts[-1].us / len(leaves))
    frame = bytes(304)
    for suite in SUITES.values():
        mac = MacKey(suite.mac, key[: suite.mac_key_bytes])
        name = f"MAC of a {len(frame)}-byte frame, {suite.id.name}"
        parts.append(Part(name, cost_us(partial(mac.tag, frame))))
    parts.append(Part("whole decision in memory, batches of 64", _memory_decision_us()))
    return parts


def _memory_decision_us() -> float:
    """Unit of work over the in-memory store: all Python of the server but SQL and sockets."""
    clock, entropy = SystemClock(), SystemEntropy()
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    held = [bank.customer_with_token(number) for number in range(1, 1 + 64 * 20)]
    now_ms = clock.now_ms()
    batches = [
        [bank.verification(h, h.code(now_ms)) for h in held[i : i + 64]]
        for i in range(0, len(held), 64)
    ]
    begun = time.process_time()
    for batch in batches:
        bank.run(*batch)
    return (time.process_time() - begun) / len(held) * 1e6


def measure_batches(sizes: Sequence[int], tokens: int = 30_000) -> list[BatchFigure]:
    """The first size is the baseline: one transaction a commit."""
    with open_bank(tokens) as (bank, held, backend):
        figures = []
        for size in sizes:
            share = held[: 500 if size == 1 else len(held) // (len(sizes) - 1)]
            del held[: len(share)]
            figures.append(_measure_batch(bank, share, size, backend))
        return figures


def _measure_batch(bank: Bank, held: Sequence[HeldToken], size: int, backend: int) -> BatchFigure:
    now_ms = bank.clock.now_ms()
    batches: list[list[Request]] = [
        [bank.verification(h, h.code(now_ms)) for h in held[i : i + size]]
        for i in range(0, len(held), size)
    ]
    database, own, begun = _backend_cpu_s(backend), time.process_time(), time.perf_counter()
    approved = sum(outcome.code == 1 for batch in batches for outcome in bank.run(*batch))
    elapsed = time.perf_counter() - begun
    assert approved == len(held)
    return BatchFigure(
        f"{size} transactions",
        (time.process_time() - own) / len(held) * 1e6,
        (_backend_cpu_s(backend) - database) / len(held) * 1e6,
        len(held) / elapsed,
    )


def _backend_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def open_bank(tokens: int) -> Iterator[tuple[Bank, list[HeldToken], int]]:
    """A bank on a PostgreSQL of its own, its holders, and the backend's process."""
    with tempfile.TemporaryDirectory(prefix="tigertally-bench-") as name:
        Path(name).chmod(0o711)
        with EmbeddedCluster(Path(name), ClusterSettings()) as cluster:
            with connect(cluster.dsn(OWNER)) as conn:
                migrate(conn)
            clock, entropy = SystemClock(), SystemEntropy()
            _, context = install_postgres(lambda: connect(cluster.dsn(APP)), clock, entropy)
            store = open_store(lambda: connect(cluster.dsn(APP)))
            bank = Bank(store, context, clock, entropy)
            held: list[HeldToken] = []
            for first in range(1, tokens + 1, CHUNK):
                held += _populate(bank, first)
            with connect(cluster.dsn(SUPERUSER)) as conn:
                conn.autocommit = True
                conn.execute("VACUUM ANALYZE")
            try:
                yield bank, held, inline(store.connection()).info.backend_pid
            finally:
                store.close()


def _populate(bank: Bank, first: int) -> list[HeldToken]:
    """CHUNK customers with a token each, through the real services."""
    held, tokens = [], []
    for number in range(first, first + CHUNK):
        one = HeldToken(f"C{number:07d}", f"T{number:07d}", bank.entropy.token_bytes(20))
        identity = seed_identity(INSTITUTION, one.serial)
        key_id, sealed = bank.context.keyring.seal(Purpose.SEED, one.seed, identity)
        tokens.append(
            Token(
                id=number,
                institution=INSTITUTION,
                serial=one.serial,
                type_name="totp-6",
                seed_key_id=key_id,
                sealed_seed=sealed,
                otp=OtpState(),
                valid_from_ms=0,
                valid_to_ms=FOR_EVER_MS,
            )
        )
        held.append(one)
    bank.operate(InsertTokens(tuple(tokens), "bench", bank.clock.now_ms()))
    bank.run(
        *(
            bank.request(Transaction.REGISTER_USER, RegisterUserRequest(customer=h.customer))
            for h in held
        )
    )
    bank.run(
        *(
            bank.request(
                Transaction.BIND_TOKEN, BindTokenRequest(customer=h.customer, token=h.serial)
            )
            for h in held
        )
    )
    return held
