"""make fuzz ARGS="--minutes 60": every target in turn, for as long as told.

With atheris installed (`make fuzz` tries) libFuzzer looks for inputs that reach new code; without
it, seeded mutations are tried. What a target should not raise is kept as a file under --found and
shown with its traceback; `--replay FILE --target NAME` runs it again. Status 1 where something was
found.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

from tigertally_fuzz.mutate import inputs
from tigertally_fuzz.targets import TARGETS, Target

SLOW_S = 5.0


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def guided(target: Target, seconds: float, found: Path, seed: int) -> int:
    """In a process of its own: libFuzzer ends its process."""
    corpus = found / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    for good in target.seeds:
        (corpus / hashlib.sha256(good).hexdigest()[:16]).write_bytes(good)
    command = [
        sys.executable,
        "-m",
        "tigertally_fuzz",
        f"--guided={target.name}",
        f"--found={found}",
    ]
    command += [f"--seconds={seconds}", f"--seed={seed}"]
    return subprocess.run(command, check=False).returncode


def run_guided(target: Target, seconds: float, found: Path, seed: int) -> None:
    """Does not return."""
    import atheris

    with atheris.instrument_imports(include=["tigertally"]):
        atheris.instrument_func(target.run)
    options = [sys.argv[0], str(found / "corpus" / target.name), f"-max_total_time={seconds:.0f}"]
    options += [f"-seed={seed & 0x7FFFFFFF}", "-max_len=20000", "-timeout=20", "-verbosity=0"]
    atheris.Setup([*options, f"-artifact_prefix={found}/{target.name}-"], target)
    atheris.Fuzz()


def mutated(target: Target, seconds: float, found: Path, seed: int) -> int:
    end, tried = time.monotonic() + seconds, 0
    for data in inputs(target.seeds, seed):
        began = time.monotonic()
        if began > end:
            break
        tried += 1
        try:
            target(data)
            if time.monotonic() - began > SLOW_S:
                raise AssertionError("takes longer than it should")
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            keep = found / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}"
            keep.write_bytes(data)
            traceback.print_exc()
            sys.stderr.write(f"{target.name}: kept as {keep}\n")
            return 1
    tell(f"{target.name:<18}{tried:>10,} inputs")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--target", help="one of: " + ", ".join(each.name for each in TARGETS))
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--found", type=Path, default=Path("build/fuzz-found"))
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--plain", action="store_true", help="mutations even where atheris is")
    parser.add_argument("--guided", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.found.mkdir(parents=True, exist_ok=True)
    by_name = {target.name: target for target in TARGETS}
    if arguments.guided:
        one = by_name[arguments.guided]
        run_guided(one, arguments.seconds, arguments.found, arguments.seed)
    chosen = [by_name[arguments.target]] if arguments.target else list(TARGETS)
    if arguments.replay:
        chosen[0](arguments.replay.read_bytes())
        return 0
    seeing = importlib.util.find_spec("atheris") is not None and not arguments.plain
    tell(f"seed {arguments.seed}, {'atheris' if seeing else 'WITHOUT atheris: mutations only'}")
    each_s = arguments.minutes * 60 / len(chosen)
    run = guided if seeing else mutated
    failed = [t.name for t in chosen if run(t, each_s, arguments.found, arguments.seed)]
    tell("found something: " + ", ".join(failed) if failed else "nothing found")
    return 1 if failed else 0


sys.exit(main())
