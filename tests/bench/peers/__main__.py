"""The public benchmark: FreeRADIUS, privacyIDEA and Tigertally in turn on this machine, the same
users, seeds and codes, all on the PostgreSQL that Tigertally brings.

    make bench-peers                                      some ten minutes
    make bench-peers ARGS="--seconds 20 --users 400000 --json F --report F.html --png F.png"
    make bench-peers ARGS="--only Tigertally,FreeRADIUS"

What each step does: compare.py. How each is set up: conf/. What the figures mean and what they
don't: docs/PERFORMANCE.md. A product that can't be installed is named, and the others go on.
Nothing here asserts a time; everything that was started is stopped, also after Ctrl-C.
"""

from __future__ import annotations

import argparse
import hmac
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from peers.compare import STEADY_SHARE, Figures, steps
from peers.freeradius import FreeRadius
from peers.ours import Ours, tokens_from
from peers.picture import NoBrowser, page, photograph, promise_rows
from peers.privacyidea import PrivacyIdea
from peers.product import NotHere, Product
from peers.workload import Workload
from run import machine, table

from tigertally_load.population import Population
from tigertally_load.walk import TokensExhausted

NAMES: Final = ("privacyIDEA", "FreeRADIUS", "Tigertally")


def tell(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def baseline_us() -> float:
    """The HMAC that every figure of docs/PERFORMANCE.md is beside."""
    rounds = 100_000
    began = time.process_time()
    for _ in range(rounds):
        hmac.digest(b"k" * 32, b"x" * 200, "sha256")
    return round((time.process_time() - began) / rounds * 1e6, 2)


def measured(product: Product, folder: Path, seconds: float) -> Figures:
    """Raises NotHere."""
    print(f"\n{product.name}", file=sys.stderr, flush=True)
    versions = product.install()
    tell(", ".join(" ".join(pair) for pair in versions.items()))
    folder.mkdir()
    folder.chmod(0o711)
    with product.at_work(folder) as rig:
        before = baseline_us()
        most, cost, calm, twice, killed = steps(rig, seconds, tell)
        return Figures(
            name=product.name,
            versions=versions,
            promises=product.promises,
            baseline_us=(before, baseline_us()),
            capacity=most,
            cost=cost,
            steady_per_s=round(most.per_s * STEADY_SHARE, 1),
            steady=calm,
            replay=twice,
            killed=killed,
        )


def rows_of(found: Sequence[Figures]) -> list[tuple[str, list[str]]]:
    return [
        ("answers per second, at most", [f"{f.capacity.per_s:,.1f}" for f in found]),
        ("— wrong or missing answers", [f"{f.capacity.error_share:.2%}" for f in found]),
        ("server CPU, µs an answer", [f"{f.cost.server_us:,.0f}" for f in found]),
        ("PostgreSQL CPU, µs", [f"{f.cost.database_us:,.0f}" for f in found]),
        ("generator CPU, µs", [f"{f.cost.generator_us:,.0f}" for f in found]),
        ("memory of the server, MB (PSS)", [f"{f.cost.server_mb:,.0f}" for f in found]),
        ("memory of PostgreSQL, MB (PSS)", [f"{f.cost.database_mb:,.0f}" for f in found]),
        ("at half of that: offered per second", [f"{f.steady_per_s:,.1f}" for f in found]),
        (
            "— latency p50, p99 (ms)",
            [f"{f.steady.p50_ms:,.1f}, {f.steady.p99_ms:,.1f}" for f in found],
        ),
        ("— wrong or missing answers", [f"{f.steady.error_share:.2%}" for f in found]),
        *promise_rows(found),
        (
            "the baseline HMAC before, after (µs)",
            [f"{f.baseline_us[0]} {f.baseline_us[1]}" for f in found],
        ),
    ]


def show(found: Sequence[Figures], arguments: argparse.Namespace) -> None:
    caption = f"{arguments.users:,} users, {arguments.seconds:g} s each, {machine()}"
    for name, cells in rows_of(found):
        if any(len(cell) > 30 for cell in cells):
            for figures, cell in zip(found, cells, strict=True):
                print(f"{name}, {figures.name}: {cell}")
    short = [row for row in rows_of(found) if all(len(cell) <= 30 for cell in row[1])]
    rows = [(name, *cells) for name, cells in short]
    table(f"Beside other products: {caption}", rows, ("", *(f.name for f in found)))
    if arguments.json:
        record = {"machine": machine(), "users": arguments.users, "seconds": arguments.seconds}
        text = json.dumps(record | {"products": [asdict(f) for f in found]}, indent=2)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if arguments.report or arguments.png:
        picture(found, caption, arguments)


def picture(found: Sequence[Figures], caption: str, arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="tigertally-peers-") as name:
        html = arguments.report or Path(name) / "peers.html"
        html.write_text(page(found, caption), encoding="utf-8")
        if arguments.png:
            try:
                photograph(html, arguments.png)
            except NoBrowser as problem:
                print(f"\nNO PNG: {problem}", file=sys.stderr)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="peers", description=__doc__, formatter_class=raw)
    parser.add_argument("--seconds", type=float, default=20, help="of each product's closed load")
    parser.add_argument("--users", type=int, default=400_000, help="the same for each")
    parser.add_argument("--only", default=",".join(NAMES), help="names with commas between")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", type=Path, help="the page, HTML")
    parser.add_argument("--png", type=Path, help="the page, photographed")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = arguments.only.split(",")
    if unknown := set(wanted) - set(NAMES):
        parser.error(f"--only: there is no {', '.join(unknown)}; there are {', '.join(NAMES)}")
    try:
        found, missing = compared(wanted, arguments)
    except TokensExhausted:
        sys.exit(f"{arguments.users:,} users are too few: each code is used once; more: --users")
    except KeyboardInterrupt:
        sys.exit("stopped; everything that was started has ended")
    if found:
        show(found, arguments)
    for name, why in missing:
        print(f"\nNOT MEASURED: {name}: {why}", file=sys.stderr)
    sys.exit(1 if missing else 0)


def compared(
    wanted: Sequence[str], arguments: argparse.Namespace
) -> tuple[list[Figures], list[tuple[str, str]]]:
    """Each in turn; the others are at rest meanwhile."""
    found, missing = [], []
    with tempfile.TemporaryDirectory(prefix="tigertally-peers-") as name:
        state = Path(name)
        state.chmod(0o711)
        (state / "ours").mkdir(mode=0o711)
        ours = Ours(state / "ours", arguments.users)
        ours.prepare()  # its users are everybody's
        people = Population.load(tokens_from(ours.state))
        products: dict[str, Product] = {
            "privacyIDEA": PrivacyIdea(Workload(people)),
            "FreeRADIUS": FreeRadius(Workload(people)),
            "Tigertally": ours,
        }
        for product in (products[name] for name in NAMES if name in wanted):
            try:
                found.append(measured(product, state / product.name, arguments.seconds))
            except NotHere as problem:
                missing.append((product.name, str(problem)))
    return found, missing


if __name__ == "__main__":
    main()
