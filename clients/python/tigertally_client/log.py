"""An auditor's verifier of a published log: ``python -m tigertally_client.log``.

    verify FOLDER --key KEY [--witness KEY] [--stamps CA.pem]   tiles, rounds, cosignatures, stamps
    consistency FILE --key KEY                                  a document of `audit consistency`
    grown NOTES FOLDER --key KEY [--witness KEY]                notes kept from before (a witness's
                                                                own, or last month's checkpoints)

FOLDER is a copy of what the bank publishes outside its database. KEY is the first checkpoint key,
as the bank published it when the system was installed (hex, base64 or a verifier key): all later
keys are followed through the changes that both keys signed. Uses nothing of the server.

Exit status: 0 everything holds, 1 it doesn't (each finding is a line), 2 it can't be judged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.x509 import Certificate

from tigertally_client.verification import stamps
from tigertally_client.verification.notes import NotGenuine, parse_key
from tigertally_client.verification.published import KeyHistory, Published, notes_of
from tigertally_client.verification.tree import consistent

CONSISTENCY = "tigertally-consistency-1"


def check_consistency(document: bytes, keys: KeyHistory) -> str:
    """Return what a consistency document proves, in a sentence. Raises NotGenuine."""
    try:
        found = json.loads(document)
        old, new, proof = found["old"], found["new"], [bytes.fromhex(h) for h in found["proof"]]
    except (ValueError, KeyError, TypeError):
        raise NotGenuine("not a consistency document") from None
    if found.get("format") != CONSISTENCY or set(found) != {"format", "old", "new", "proof"}:
        raise NotGenuine(f"not a document of the format {CONSISTENCY}")
    first, second = keys.verified(old), keys.verified(new)
    if first.origin != second.origin:
        raise NotGenuine("the two checkpoints are of different logs")
    if not consistent(first.size, second.size, first.root, second.root, proof):
        raise NotGenuine(
            f"{second.origin} with {second.size} entries does NOT begin with its {first.size}"
        )
    return f"{second.origin}: the log of {second.size} begins with that of {first.size}"


def check_grown(notes: str, published: Published) -> list[str]:
    """Return what is wrong when notes kept from before are held against the published logs."""
    problems = []
    for note in notes_of(notes):
        try:
            found = published.keys.verified_by_anyone(note, published.witnesses)
            problems += published.contradiction(found)
        except NotGenuine as problem:
            problems.append(f"a note that was kept: {problem}")
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        keys = KeyHistory(options.key)
        if options.command == "consistency":
            keys.follow(options.changes.read_text(encoding="utf-8") if options.changes else "")
            sys.stdout.write(f"{check_consistency(options.file.read_bytes(), keys)}\n")
            return 0
        witnesses = [parse_key(text) for text in options.witness]
        published = Published(options.folder, keys, witnesses)
        problems = published.check() if options.command == "verify" else []
        if options.command == "verify":
            problems += published.check_stamps(_authorities(options.stamps))
        else:
            problems += check_grown(options.notes.read_text(encoding="utf-8"), published)
    except NotGenuine as problem:
        sys.stderr.write(f"NOT PROVEN: {problem}.\n")
        return 1
    except OSError as problem:
        sys.stderr.write(f"can't be judged: {problem.filename}: {problem.strerror}\n")
        return 2
    for line in published.told:
        sys.stdout.write(f"{line}\n")
    for what in problems:
        sys.stdout.write(f"FOUND  {what}\n")
    if problems:
        return 1
    sys.stdout.write("The published log holds.\n")
    return 0


def _authorities(path: Path | None) -> Sequence[Certificate]:
    return stamps.load_authorities(path.read_bytes()) if path else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tigertally_client.log", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("verify", help="everything in a published folder")
    grown = commands.add_parser("grown", help="notes kept from before against a folder")
    grown.add_argument("notes", type=Path)
    for command in (whole, grown):
        command.add_argument("folder", type=Path)
        command.add_argument("--witness", action="append", default=[], help="its verifier key")
    whole.add_argument("--stamps", type=Path, help="PEM of the time-stamping authority's root")
    one = commands.add_parser("consistency", help="a document of `tigertally audit consistency`")
    one.add_argument("file", type=Path)
    one.add_argument("--changes", type=Path, help="the published file `keys`")
    for command in (whole, grown, one):
        command.add_argument("--key", required=True, help="the first checkpoint key")
    return parser


if __name__ == "__main__":
    sys.exit(main())
