"""Tigertally itself: `tigertally serve` with its own database, driven by the C client's generator.

The same machinery as `make bench ARGS="load --workers 2 --generator c"`; single questions go
through the Python client.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psycopg
from peers import processes
from peers.measure import WARM_S, Run
from peers.product import ROOT, NotHere, Promises, Rig
from peers.workload import MIX, Attempt, Workload
from run import serving

from tigertally_client.blocking import BlockingClient
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import ClientError
from tigertally_drivers.postgres.cluster import EmbeddedCluster
from tigertally_load.codes import STEP_S
from tigertally_load.population import Population

PORT: Final = 18443
WORKERS: Final = 2
BOUNDED: Final = ("--connections=4", "--in-flight=100")
SPARE: Final = ("--connections=8", "--in-flight=1024")
TOKENS_PER_S: Final = STEP_S + 1
"""So many users are walked for each request per second."""
_PATIENCE_S: Final = 5.0
_HELD_BACK: Final = 0.95
_NEVER_SENT: Final = "NEVER_SENT"
"""Places in the schedule that the bound on what is in flight kept back: no requests."""


def tokens_from(state: Path) -> Path:
    """Where `tigertally load` keeps the population that it prepared."""
    return state / "var/load/credentials.json.population"


class Ours:
    """See the module's text. Prepares the users, which the peers then get too."""

    name = "Tigertally"
    promises = Promises(
        transport="TCP, each frame with a MAC, fields enciphered",
        before_the_answer="guarded counter and a sealed entry in the Merkle log, one transaction",
        log_can_be_checked="whole: `tigertally audit verify`, signed checkpoints, proofs",
    )

    def __init__(self, state: Path, users: int) -> None:
        self.state, self._users = state, users
        self._refs: dict[str, tuple[int, int]] = {}
        self._mutex = threading.Lock()
        config = state / "bench.toml"
        config.write_text(
            f'[database]\nstate_dir = "{state / "var"}"\n[log]\nlevel = "warning"\n'
            f'[server]\nlisten = ["127.0.0.1:{PORT}"]\noperations_listen = ""\n'
            f"workers = {WORKERS}\n",
            encoding="utf-8",
        )
        self._command = [str(Path(sys.executable).with_name("tigertally")), "-c", str(config)]

    def install(self) -> Mapping[str, str]:
        try:
            folder = str(ROOT / "clients/c")
            subprocess.run(["make", "--silent", "-C", folder, "build/load"], check=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise NotHere("the C client's generator could not be built") from problem
        return {"Tigertally": version("tigertally")}

    def prepare(self) -> None:
        options = ["load", "--prepare-only", f"--tokens={self._users}"]
        subprocess.run([*self._command, *options], check=True)

    @contextmanager
    def at_work(self, folder: Path) -> Iterator[Rig]:
        """Its state lies where it was prepared, not in `folder`."""
        workload = Workload(Population.load(tokens_from(self.state)))
        with serving(self._command) as server, self._client() as client:
            yield self._rig(server, workload, client)

    def _client(self) -> BlockingClient:
        credentials = ChannelCredentials.load(self.state / "var/load/credentials.json")
        return BlockingClient(credentials)

    def _database(self) -> int:
        written = self.state / "var/postgres/data/postmaster.pid"
        return int(written.read_text().split()[0])

    def _load(self, seconds: float, per_s: float | None) -> Run:
        result = self.state / "result.json"
        # As many as the users give codes for; what is in flight is bounded, so it is a closed load.
        rate = self._users / TOKENS_PER_S if per_s is None else per_s
        command = [
            str(ROOT / "clients/c/build/load"),
            f"--credentials={self.state / 'var/load/credentials.json'}",
            f"--server=127.0.0.1:{PORT}",
            f"--mix={MIX}",
            f"--rate={rate}",
            f"--seconds={seconds}",
            f"--json={result}",
            "--quiet",
            *(BOUNDED if per_s is None else SPARE),
        ]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the generator ended with status {done.returncode}")
        run = run_of(json.loads(result.read_text()), seconds)
        if per_s is None and run.per_s > _HELD_BACK * rate:
            print(f"HELD BACK by {self._users:,} users' codes; more: --users", file=sys.stderr)
        return run

    def _ask(self, client: BlockingClient, attempt: Attempt) -> bool:
        try:
            result = client.verify_otp(attempt.user, attempt.code, timeout_s=_PATIENCE_S)
        except ClientError as problem:
            raise OSError(type(problem).__name__) from problem
        if result.approved and result.entry is not None:
            with self._mutex:
                self._refs[attempt.user] = (result.entry.shard, result.entry.seq)
        return bool(result.approved)

    def _recorded(self, users: list[str]) -> int:
        places = [self._refs[user] for user in users]
        with EmbeddedCluster(self.state / "var") as cluster:
            dsn = cluster.superuser_dsn("tigertally")
            with psycopg.connect(dsn) as conn:
                found = conn.execute(
                    "SELECT count(*) FROM tigertally.entry WHERE (shard, seq) IN "
                    "(SELECT * FROM unnest(%s::smallint[], %s::bigint[]))",
                    ([shard for shard, _ in places], [seq for _, seq in places]),
                ).fetchone()
        return int(found[0]) if found else 0

    def _verified(self) -> str:
        command = [*self._command, "audit", "verify", "--quiet"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return "the whole log verified" if done.returncode == 0 else f"REFUTED: {done.stdout[:200]}"

    def _rig(self, server: int, workload: Workload, client: BlockingClient) -> Rig:
        return Rig(
            server=server,
            database=self._database,
            workload=workload,
            load=self._load,
            ask=lambda attempt: self._ask(client, attempt),
            kill=lambda: processes.kill(server, self._database()),
            mark=self._refs.clear,
            recorded=self._recorded,
            verified=self._verified,
        )


def run_of(figures: Mapping[str, Any], seconds: float) -> Run:
    """The generator's result in the comparison's terms: the same window."""
    begin = min(WARM_S, seconds / 2)
    rows = [row for row in figures["rows"] if begin <= row["at"] and row["at"] < seconds]
    width = sum(row["width"] for row in rows)
    cpu_s = figures["generator_cpu_us_per_request"] * figures["offered"] / 1e6
    return Run(
        answered=figures["answered"],
        per_s=round(sum(row["answered"] for row in rows) / width, 1) if width else 0.0,
        errors={k: v for k, v in figures["errors_by_code"].items() if k != _NEVER_SENT},
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        generator_cpu_s=cpu_s,
    )
