"""Figures for docs/PERFORMANCE.md: what one verification costs, part by part, and the whole server
under load.

    make bench                      all of it (some minutes)
    make bench ARGS="micro"         codec, MAC, seal, leaf, each method: µs of CPU
    make bench ARGS="crypto"        the crypto engine and SM2: µs of CPU
    make bench ARGS="batch"         units of work on a real PostgreSQL, by batch size
    make bench ARGS="log"           the audit log's share of a transaction, verification, proofs
    make bench ARGS="load --rate 3000 --seconds 60 --tokens 1000000 --json F --report F"
    make bench ARGS="load --workers 2 --generator c …"    two processes, generator of the C client
    make bench ARGS="load --mix methods"      TOTP, HOTP, OCRA, SMS, PIN and OTP, MS-CHAPv2
    make bench ARGS="import --tokens 1000000"    token files, by format
    make bench ARGS="overload --tokens 400000 --workers 2"   overload and hostility: see overload.py
    make bench ARGS="audit --entries 10000000"   the log: looks, verification, archive (10 minutes)

Every part states its baseline from the same run, because machines differ and are busy: compare
ratios. CPU is process time, PostgreSQL's is read from /proc. Nothing here asserts a time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from overload import overload

from tigertally_load.mix import Mix
from tigertally_testing.bench_audit import measure_audit
from tigertally_testing.bench_crypto import measure_crypto
from tigertally_testing.bench_log import measure_log
from tigertally_testing.bench_methods import measure_methods
from tigertally_testing.bench_units import measure_batches, measure_parts
from tigertally_testing.token_files import Sealing, oath_csv_pieces, pskc_pieces

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds of a process and all below it, and its own resident memory in MB."""

    cpu_s: float
    resident_mb: float


def machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024 // 1024
    system = f"{platform.platform()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} × {model}, {memory} GB, {system}"


def table(title: str, rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    print(f"\n{title}\n")
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for number, row in enumerate(cells):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
        if number == 0:
            print("  ".join("-" * width for width in widths))


def micro() -> None:
    parts = measure_parts()
    baseline = parts[0].us
    rows = [(part.name, f"{part.us:.2f}", f"{part.us / baseline:.1f}") for part in parts]
    table(
        "Parts of one verification (µs of CPU; ×: against the first line)",
        rows,
        ("part", "µs", "×"),
    )
    table(
        "Each method's decision about a right proof (µs of CPU; ×: against the table above)",
        [(part.name, f"{part.us:.1f}", f"{part.us / baseline:.1f}") for part in measure_methods()],
        ("method", "µs", "×"),
    )


def crypto() -> None:
    rows = [(part.name, f"{part.us:.1f}") for part in measure_crypto()]
    table("The crypto engine (µs of CPU)", rows, ("operation", "µs"))


def batch() -> None:
    figures = measure_batches((1, 16, 64, 256))
    baseline = figures[0]
    rows = [
        (
            f.name,
            f"{f.server_us:.0f}",
            f"{f.database_us:.0f}",
            f"{f.per_s:,.0f}",
            f"{f.per_s / baseline.per_s:.1f}",
        )
        for f in figures
    ]
    head = ("unit of work", "server µs", "PostgreSQL µs", "per s, one writer", "×")
    table("Durable verifications, per transaction (fsync and synchronous_commit on)", rows, head)


def audit(arguments: argparse.Namespace) -> None:
    """Not part of `all`: it takes minutes and gigabytes."""
    begun = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {text}", file=sys.stderr, flush=True)

    made = measure_log(arguments.entries, tell)
    values = asdict(made)
    looks = values.pop("looks")
    rows = [(name.replace("_", " "), f"{value:,.1f}") for name, value in values.items()]
    rows.append(("10^8 verified in, minutes", f"{1e8 / made.verified_per_s / 60:,.0f}"))
    table(f"A log of {made.entries:,} entries (bytes: per entry)", rows, ("figure", "value"))
    found = [(k["name"], *(f"{k[name]:.1f}" for name in ("p50", "p99", "longest"))) for k in looks]
    head = ("found by", "p50 ms", "p99 ms", "longest ms")
    table("The first page of 50, whole answer", found, head)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), **asdict(made)}, indent=2))


def usage_of(pid: int) -> Usage:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    resident = next(
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return Usage((int(fields[11]) + int(fields[12])) / TICKS, int(resident.split()[1]) / 1024)


def family(root: int) -> list[int]:
    """The pids of a process and its children's children."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                )
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


class Watch:
    """CPU of a process's whole family, and its resident memory in MB at most; what ended is counted
    by what was last seen of it. `without`: the root of a family inside it that counts elsewhere.
    """

    def __init__(self, root: int, without: int = 0) -> None:
        self._root, self._without = root, without
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self.resident_mb = 0.0
        self.look(first=True)

    def look(self, *, first: bool = False) -> None:
        resident = 0.0
        for pid in set(family(self._root)) - set(family(self._without) if self._without else ()):
            try:
                usage = usage_of(pid)
            except (FileNotFoundError, ProcessLookupError, StopIteration):
                continue
            self._last[pid] = usage.cpu_s
            resident += usage.resident_mb
            if first:
                self._first[pid] = usage.cpu_s
        self.resident_mb = max(self.resident_mb, resident)

    @property
    def cpu_s(self) -> float:
        return sum(cpu - self._first.get(pid, 0.0) for pid, cpu in self._last.items())


def load(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="tigertally-bench-") as name:
        state = Path(arguments.state or name)
        state.mkdir(exist_ok=True)
        state.chmod(0o711)
        config = state / "bench.toml"
        config.write_text(
            f'[database]\nstate_dir = "{state / "var"}"\n[log]\nlevel = "warning"\n'
            f'[server]\nlisten = ["127.0.0.1:{arguments.port}"]\noperations_listen = ""\n'
            f"workers = {arguments.workers}\n"
            '[sms]\ngateway = "file"\n',
            encoding="utf-8",
        )
        tigertally = [str(Path(sys.executable).with_name("tigertally")), "-c", str(config)]
        subprocess.run(
            [
                *tigertally,
                "load",
                "--prepare-only",
                f"--tokens={arguments.tokens}",
                f"--mix={arguments.mix}",
            ],
            check=True,
        )
        with serving(tigertally) as server:
            run_load(tigertally, server, state, arguments)


@contextmanager
def serving(tigertally: list[str]) -> Iterator[int]:
    """The pid of a server at work."""
    server = subprocess.Popen([*tigertally, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def imports(arguments: argparse.Namespace) -> None:
    """Whole runs of the command: hashing the file, reading, checking, writing, durable."""
    key = bytes(range(32))
    files: dict[str, tuple[Callable[[], Iterable[bytes]], str]] = {
        "OATH CSV": (
            lambda: oath_csv_pieces(range(arguments.tokens)),
            "oath-csv",
        ),
        "PSKC, plain": (lambda: pskc_pieces(range(arguments.tokens)), "pskc"),
        "PSKC, AES-256-CBC and HMAC-SHA256": (
            lambda: pskc_pieces(
                range(arguments.tokens), Sealing("aes256-cbc", key, mac="sha256"), "SE"
            ),
            "pskc",
        ),
    }
    rows = []
    with tempfile.TemporaryDirectory(prefix="tigertally-bench-") as name:
        state = Path(name)
        state.chmod(0o711)
        (state / "key").write_text(key.hex())
        (state / "key").chmod(0o600)
        config = state / "bench.toml"
        config.write_text(
            f'[database]\nstate_dir = "{state / "var"}"\n[log]\nlevel = "warning"\n'
            f'[server]\nlisten = ["127.0.0.1:{arguments.port}"]\noperations_listen = ""\n'
            f"workers = {arguments.workers}\n"
            '[sms]\ngateway = "file"\n',
            encoding="utf-8",
        )
        tigertally = [str(Path(sys.executable).with_name("tigertally")), "-c", str(config)]
        with serving(tigertally):
            postmaster = int((state / "var/postgres/data/postmaster.pid").read_text().split()[0])
            for title, (make, format_) in files.items():
                file = state / "tokens"
                with file.open("wb") as stream:
                    stream.writelines(make())
                command = [*tigertally, "import", "start", str(file), "--institution=0001"]
                command += [f"--format={format_}", f"--key-file={state / 'key'}"]
                rows.append((title, *run_import(command, postmaster, arguments)))
    head = ("format", "per s", "seconds", "program µs", "PostgreSQL µs", "resident MB, at most")
    table(f"Import of {arguments.tokens:,} tokens, and what one costs", rows, head)


def run_import(
    command: list[str], postmaster: int, arguments: argparse.Namespace
) -> tuple[str, ...]:
    database, began = Watch(postmaster), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ended = 0
    while not ended:
        time.sleep(0.05)
        database.look()
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import ended with status {process.returncode}")
    each = 1e6 / arguments.tokens
    return (
        f"{arguments.tokens / seconds:,.0f}",
        f"{seconds:.1f}",
        f"{(used.ru_utime + used.ru_stime) * each:.1f}",
        f"{database.cpu_s * each:.1f}",
        f"{used.ru_maxrss / 1024:.0f}",
    )


def run_load(
    tigertally: list[str], server: int, state: Path, arguments: argparse.Namespace
) -> None:
    postmaster = int((state / "var/postgres/data/postmaster.pid").read_text().split()[0])
    result = state / "result.json"
    command = [
        *_generator(tigertally, state, arguments),
        f"--tokens={arguments.tokens}",
        f"--rate={arguments.rate}",
        f"--server=127.0.0.1:{arguments.port}",
    ]
    if arguments.warm_up:
        print(f"{arguments.warm_up:g} s of the same load first, not counted:")
        _generate([*command, f"--seconds={arguments.warm_up}"], [])
    database, process = Watch(postmaster), Watch(server, without=postmaster)
    command += [f"--seconds={arguments.seconds}", f"--json={result}"]
    command += [f"--report={arguments.report}"] if arguments.report else []
    _generate(command, [database, process])
    figures = json.loads(result.read_text())
    answered = figures["answered_per_s"] * figures["seconds"]
    figures |= {
        "machine": machine(),
        "server_cpu_us_per_request": round(process.cpu_s / answered * 1e6, 1),
        "postgres_cpu_us_per_request": round(database.cpu_s / answered * 1e6, 1),
        "server_resident_mb_max": round(process.resident_mb, 1),
        "workers": arguments.workers,
        "generator": arguments.generator,
        "tokens": arguments.tokens,
        "warm_up_s": arguments.warm_up,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))
    rows = [(name, value) for name, value in figures.items() if not isinstance(value, dict | list)]
    table(
        "The whole server: real sockets, PostgreSQL and generator on this machine",
        rows,
        ("figure", "value"),
    )


def _generate(command: list[str], watches: list[Watch]) -> None:
    for watch in watches:
        watch.look()
    generator = subprocess.Popen(command)
    while generator.poll() is None:
        time.sleep(0.5)
        for watch in watches:
            watch.look()
    if generator.returncode not in (0, 1):
        raise SystemExit(f"the load generator ended with status {generator.returncode}")
    for watch in watches:
        watch.look()


def _generator(tigertally: list[str], state: Path, arguments: argparse.Namespace) -> list[str]:
    """The C one takes the same options, and its files from the preparation."""
    if arguments.generator == "python":
        return [*tigertally, "load", f"--mix={arguments.mix}"]
    folder = Path(__file__).parents[2] / "clients/c"
    subprocess.run(["make", "--silent", "-C", str(folder), "build/load"], check=True)
    credentials = state / "var/load/credentials.json"
    command = [str(folder / "build/load"), f"--credentials={credentials}", f"--mix={arguments.mix}"]
    if Mix.parse(arguments.mix).has_methods:
        command.append(f"--population={credentials}.methods.population")
        command.append(f"--sms-file={state / 'var/sms.jsonl'}")
    return command


def hostile(arguments: argparse.Namespace) -> None:
    """Not part of `all`: it takes minutes."""
    overload(arguments, serving, table, machine())


def audit_log() -> None:
    figures = measure_audit()
    rows = [
        (f.name, f"{f.value:,.1f}", f.unit, "" if f.share is None else f"{f.share:.1%}")
        for f in figures
    ]
    table("The audit log", rows, ("part", "value", "unit", "share of a transaction"))


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument(
        "part",
        nargs="?",
        choices=("micro", "crypto", "batch", "log", "load", "import", "audit", "overload", "all"),
        default="all",
    )
    parser.add_argument("--rate", type=float, default=3000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--warm-up", type=float, default=10, help="seconds of load before, not counted; 0: none"
    )
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--mix", default="codes", help="codes, methods, or shares of kinds")
    parser.add_argument("--workers", type=int, default=1, help="the server's processes")
    parser.add_argument(
        "--generator", choices=("python", "c"), default="python", help="c: the C client's"
    )
    parser.add_argument("--port", type=int, default=7417)
    parser.add_argument("--only", default="", help="scenarios of overload, with commas between")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument(
        "--state", help="keep the installation here, to run again without preparing"
    )
    arguments = parser.parse_args()
    print(machine())
    parts: dict[str, Callable[[], None]] = {
        "micro": micro,
        "crypto": crypto,
        "batch": batch,
        "log": audit_log,
        "load": lambda: load(arguments),
        "import": lambda: imports(arguments),
    }
    long: dict[str, Callable[[], None]] = {
        "audit": lambda: audit(arguments),
        "overload": lambda: hostile(arguments),
    }
    chosen = parts if arguments.part == "all" else (arguments.part,)
    for name in chosen:
        (parts | long)[name]()


if __name__ == "__main__":
    main()
