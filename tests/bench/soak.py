"""Does it drift? A server with two workers under steady load, while a worker is killed and the
database restarted in turn, every few minutes.

    make soak                                       half an hour at 3 000/s
    make soak ARGS="--minutes 2 --rate 500 --tokens 50000"
    make soak ARGS="--json soak.json --report soak.html --state /srv/soak"

Looked at every few seconds: resident memory, descriptors and threads of the supervisor and of the
worker that is never killed; from the generator: p50 and p99, told per minute as the median over its
calm seconds, those that are not within `AFTER_S` of a fault. In the end the whole log is verified.
Exit status 1 where one of these fails: resident memory of each process grows by no more than 1 MB
in ten minutes once it is warm; its descriptors and threads stay; p99 of the last third of the calm
seconds is at most half as much again as that of the first; each service came back; the log holds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from statistics import linear_regression, median
from typing import Any, Final

from tigertally_load.charts import Line, Tick, chart, legend, linear_axis, time_axis

SAMPLE_S: Final = 2.0
AFTER_S: Final = 15.0
WARM_SHARE: Final = 0.3
LEAST_S: Final = 40.0
"""Between faults, where the run is a short one."""
JUDGED_S: Final = 600.0
"""Shorter runs are all warming up: memory is told and not judged."""
SLOPE_MB: Final = 1.0
SLACK_MS: Final = 5.0
STYLE: Final = (
    "body{font:14px system-ui;margin:2em;max-width:60em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}"
    "svg{width:100%}line,.grid{stroke:#ddd}text{font-size:12px;fill:#444}"
    "polyline,path{fill:none;stroke-width:1.5}.p50{stroke:#2a7}.p99{stroke:#c52}"
    ".key{margin-right:1.5em}"
    ".swatch{display:inline-block;width:1.2em;height:3px;margin:0 .4em 3px 0}"
    ".swatch.p50{background:#2a7}.swatch.p99{background:#c52}"
    ".swatch.one{background:#25c}.swatch.two{background:#a3a}"
    ".one{stroke:#25c}.two{stroke:#a3a}.mark{stroke:#999;stroke-dasharray:3}"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one time."""

    at: float
    process: str
    pid: int
    resident_mb: float
    descriptors: int
    threads: int


@dataclass
class Soak:
    """What was seen."""

    samples: list[Sample] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    checks: list[tuple[str, str, bool]] = field(default_factory=list)

    def check(self, name: str, told: str, *, good: bool) -> None:
        self.checks.append((name, told, good))


def sample(at: float, process: str, pid: int) -> Sample:
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if ":" in line
    )
    descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    resident = int(status["VmRSS"].split()[0]) / 1024
    return Sample(at, process, pid, resident, descriptors, int(status["Threads"]))


class Site:
    """An installation with a running server."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.arguments = folder, arguments
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        config = folder / "soak.toml"
        config.write_text(
            f'[database]\nstate_dir = "{folder / "var"}"\n[log]\nlevel = "warning"\n[server]\n'
            f'listen = ["127.0.0.1:{arguments.port}"]\noperations_listen = ""\nworkers = 2\n',
            encoding="utf-8",
        )
        self.tigertally = [sys.executable, "-m", "tigertally_server.cli.main", "-c", str(config)]

    def prepare(self) -> None:
        self._run("load", "--prepare-only", f"--tokens={self.arguments.tokens}")

    def serve(self) -> subprocess.Popen[str]:
        log = (self.folder / "server.log").open("w")
        server = subprocess.Popen(
            [*self.tigertally, "serve"], stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert server.stdout is not None
        if not server.stdout.readline():
            raise SystemExit(f"the server did not start: see {log.name}")
        return server

    def generator(self) -> list[str]:
        """The C one where a compiler is there: it takes less of the machine."""
        made = self.arguments.generator
        if made == "python" or (made == "auto" and shutil.which("cc") is None):
            return [*self.tigertally, "load"]
        folder = Path(__file__).parents[2] / "clients/c"
        subprocess.run(["make", "--silent", "-C", str(folder), "build/load"], check=True)
        credentials = self.folder / "var/load/credentials.json"
        return [str(folder / "build/load"), f"--credentials={credentials}"]

    def workers(self) -> dict[int, int]:
        told = json.loads((self.folder / "var/supervisor-node-1.json").read_text())
        return {int(slot): int(pid) for slot, pid in told["workers"]}

    def postmaster(self) -> int:
        return int((self.folder / "var/postgres/data/postmaster.pid").read_text().split()[0])

    def verify(self) -> tuple[bool, str]:
        done = subprocess.run(
            [*self.tigertally, "audit", "verify"], capture_output=True, text=True, check=False
        )
        return done.returncode == 0, (done.stdout or done.stderr).strip().splitlines()[-1]

    def _run(self, *words: str) -> None:
        subprocess.run([*self.tigertally, *words], check=True)


def soak(site: Site, arguments: argparse.Namespace) -> tuple[Soak, dict[str, Any]]:
    """The run itself: what was seen, and the generator's result."""
    site.prepare()
    server, seen, result = site.serve(), Soak(), site.folder / "result.json"
    seconds = arguments.minutes * 60
    command = [*site.generator(), f"--rate={arguments.rate}", f"--seconds={seconds}"]
    command += [f"--server=127.0.0.1:{arguments.port}", f"--tokens={arguments.tokens}"]
    try:
        load = subprocess.Popen([*command, f"--json={result}", "--quiet"])
        _watch(site, seen, server.pid, load, seconds, arguments.every or max(LEAST_S, seconds / 8))
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(60)
    seen.check("the server ended in order", f"status {status}", good=status == 0)
    return seen, json.loads(result.read_text())


def _watch(
    site: Site,
    seen: Soak,
    supervisor: int,
    load: subprocess.Popen[bytes],
    seconds: float,
    every: float,
) -> None:
    """Samples, and a fault each `every` seconds. Slot 0 is never killed: it is to show drift."""
    kinds: Sequence[tuple[str, Callable[[], None]]] = (
        ("worker killed", lambda: os.kill(site.workers()[1], signal.SIGKILL)),
        ("database restarted", lambda: os.kill(site.postmaster(), signal.SIGINT)),
    )
    begun, steady = time.monotonic(), site.workers()[0]
    next_fault = every
    while load.poll() is None:
        time.sleep(SAMPLE_S)
        at = time.monotonic() - begun
        seen.samples.append(sample(at, "supervisor", supervisor))
        seen.samples.append(sample(at, "worker 0", steady))
        if at >= next_fault and at < seconds - AFTER_S:
            name, fault = kinds[len(seen.faults) % len(kinds)]
            fault()
            seen.faults.append((round(at, 1), name))
            print(f"{at:6.0f} s  {name}", file=sys.stderr, flush=True)
            next_fault += every
    both = site.workers()
    seen.check("both workers serve in the end", str(both), good=both.keys() == {0, 1})
    seen.check("the worker that was spared lived", str(steady), good=both.get(0) == steady)


def calm_seconds(seen: Soak, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that no fault touched."""
    return [
        row
        for row in result["rows"]
        if row["width"] > 0.5
        and row["at"] > AFTER_S
        and not any(at - 2 <= row["at"] <= at + AFTER_S for at, _ in seen.faults)
    ]


def judge(seen: Soak, result: dict[str, Any], seconds: float) -> None:
    warm = WARM_SHARE * seconds
    for process in ("supervisor", "worker 0"):
        own = [each for each in seen.samples if each.process == process and each.at > warm]
        slope, _ = linear_regression([each.at for each in own], [each.resident_mb for each in own])
        told = f"{slope * 600:+.2f} MB in 10 minutes, {own[-1].resident_mb:.1f} MB in the end"
        if seconds < JUDGED_S:
            told += " (too short a run to judge)"
        seen.check(f"memory of {process}", told, good=slope * 600 <= SLOPE_MB or seconds < JUDGED_S)
        for name in ("descriptors", "threads"):
            third = len(own) // 3
            first, last = (
                median(getattr(each, name) for each in part) for part in (own[:third], own[-third:])
            )
            seen.check(f"{name} of {process}", f"{first:g} → {last:g}", good=last <= first + 2)
    calm = calm_seconds(seen, result)
    third = len(calm) // 3
    if not third:
        seen.check("calm seconds", "none: too many faults", good=False)
        return
    first, last = (median(r["p99_ms"] for r in part) for part in (calm[:third], calm[-third:]))
    good = last <= first * 1.5 + SLACK_MS
    seen.check(
        "p99 of calm seconds, first and last third", f"{first:.1f} → {last:.1f} ms", good=good
    )
    wrong = sum(row["errors"] for row in calm)
    seen.check("errors in calm seconds", str(wrong), good=wrong == 0)


def minutes(seen: Soak, result: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each."""
    calm, made = calm_seconds(seen, result), []
    for minute in range(int(max(row["at"] for row in result["rows"]) // 60) + 1):
        own = [row for row in calm if row["at"] // 60 == minute]
        here = {s.process: s for s in seen.samples if s.at // 60 == minute}
        worker = here.get("worker 0")
        if worker is None:
            continue
        made.append(
            {
                "minute": minute,
                "answered": sum(r["answered"] for r in result["rows"] if r["at"] // 60 == minute),
                "p50_ms": round(median(r["p50_ms"] for r in own), 2) if own else None,
                "p99_ms": round(median(r["p99_ms"] for r in own), 2) if own else None,
                "worker_mb": round(worker.resident_mb, 1),
                "supervisor_mb": round(here["supervisor"].resident_mb, 1),
                "descriptors": worker.descriptors,
                "threads": worker.threads,
                "faults": ", ".join(n for at, n in seen.faults if at // 60 == minute),
            }
        )
    return made


def report(seen: Soak, result: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """A page of its own, with charts."""
    end = max(row["at"] for row in result["rows"])
    marks = [Tick(at, name) for at, name in seen.faults]
    seconds = [row for row in result["rows"] if row["answered"]]
    latency = [
        Line(name=n, style=n, points=[(row["at"], row[f"{n}_ms"]) for row in seconds])
        for n in ("p50", "p99")
    ]
    memory = [
        Line(
            name=process,
            style=style,
            points=[(s.at, s.resident_mb) for s in seen.samples if s.process == process],
        )
        for process, style in (("supervisor", "one"), ("worker 0", "two"))
    ]
    calm = calm_seconds(seen, result)
    top = 2 * max((row["p99_ms"] for row in calm), default=1.0)
    body = [f"<style>{STYLE}</style><h1>Soak</h1>", _html(_check_rows(seen))]
    for title, lines, high in (
        ("latency, ms", latency, top),
        ("resident memory, MB", memory, 1.2 * max(s.resident_mb for s in seen.samples)),
    ):
        drawn = chart(title, time_axis(end), linear_axis(high, title), lines, marks)
        body.append(f"<h2>{title}</h2>{legend(lines)}{drawn}")
    return "<!doctype html><meta charset=utf-8>" + "".join([*body, _html(rows)])


def _check_rows(seen: Soak) -> list[dict[str, Any]]:
    return [{"what": n, "seen": told, "good": "yes" if g else "NO"} for n, told, g in seen.checks]


def _html(rows: Sequence[dict[str, Any]]) -> str:
    head = "".join(f"<th>{escape(name)}" for name in rows[0])
    lines = ("".join(f"<td>{escape(str(v))}" for v in row.values()) for row in rows)
    return f"<table><tr>{head}{''.join(f'<tr>{line}' for line in lines)}</table>"


def show(rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())
    print()


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=3000)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--every", type=float, default=0, help="seconds between faults")
    parser.add_argument("--port", type=int, default=7427)
    parser.add_argument("--generator", choices=("auto", "c", "python"), default="auto")
    parser.add_argument("--state", type=Path, help="keep the installation here")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tigertally-soak-") as name:
        Path(name).chmod(0o711)
        site = Site(arguments.state or Path(name) / "site", arguments)
        seen, result = soak(site, arguments)
        judge(seen, result, arguments.minutes * 60)
        holds, told = site.verify()
        seen.check("audit verify", told, good=holds)
    rows = minutes(seen, result)
    show(rows)
    show(_check_rows(seen))
    if arguments.json:
        whole = {"minutes": rows, **asdict(seen), "result": result}
        arguments.json.write_text(json.dumps(whole, indent=2))
    if arguments.report:
        arguments.report.write_text(report(seen, result, rows), encoding="utf-8")
    sys.exit(0 if all(good for _, _, good in seen.checks) else 1)


if __name__ == "__main__":
    main()
