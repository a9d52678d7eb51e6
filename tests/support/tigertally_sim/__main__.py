"""python -m tigertally_sim [--seed 7] [--steps 500] [--quiet], or --runs 100 from a seed on.

Without a seed, it takes one by chance and says which. Prints what happened, what is wrong, and the
digest. Ends with 1 where a checker found something;
the last line is then the command that shows it again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from tigertally_sim.checkers import check
from tigertally_sim.options import STEPS, drawn
from tigertally_sim.world import counts_of, simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="tigertally_sim")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--runs", type=int, default=0, help="so many seeds, beginning with --seed")
    parser.add_argument("--quiet", action="store_true", help="no trace")
    parser.add_argument("--digest", action="store_true", help="the digest alone")
    asked = parser.parse_args()
    if asked.digest:
        print(simulate(drawn(asked.seed, asked.steps)).trace.digest)
        return 0
    if not asked.runs:
        return _one(asked.seed, asked.steps, quiet=asked.quiet)
    for seed in range(asked.seed, asked.seed + asked.runs):
        if _one(seed, asked.steps, quiet=True):
            return 1
    return 0


def _one(seed: int, steps: int, *, quiet: bool) -> int:
    options = drawn(seed, steps)
    if not quiet:
        print(options)
    began = time.process_time()
    result = simulate(options, show=None if quiet else print)
    found = check(result.evidence)
    spent = time.process_time() - began
    print(f"seed {seed}: digest {result.trace.digest}, {spent:.1f} s; {counts_of(result)}")
    for checker, text in found[:40]:
        print(f"  WRONG {checker}: {text}")
    if found:
        print(f"make sim SEED={seed}" + ("" if steps == STEPS else f" STEPS={steps}"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
