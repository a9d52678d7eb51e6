"""``tigertally-witness``: an independent witness of audit logs, run by somebody who is not the
bank's operations, on a machine of his own.

    tigertally-witness --init --state DIR --name auditor.example/w1     makes key and memory
    tigertally-witness --state DIR --logs FILE --listen 127.0.0.1:7130  co-signs
    tigertally-witness --state DIR --logs FILE --show                   what was co-signed

FILE holds one verifier key of a log per line, as `tigertally audit keys` prints them; it is read
again on SIGHUP. Comments begin with #.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tigertally_client.verification.notes import COSIGNATURE, Key, NotGenuine, parse_key
from tigertally_witness.server import WitnessServer
from tigertally_witness.state import StateError, WitnessState
from tigertally_witness.witness import Witness


def read_logs(path: Path) -> dict[str, list[Key]]:
    """Origin → keys. Raises StateError."""
    logs: dict[str, list[Key]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise StateError(f"{path}: {problem.strerror}") from None
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            key = parse_key(text)
        except NotGenuine as problem:
            raise StateError(f"{path}, line {number}: {problem}") from None
        logs.setdefault(key.name, []).append(key)
    if not logs:
        raise StateError(f"{path} names no log")
    return logs


def create(state: Path, name: str) -> Key:
    """Makes memory and key of a new witness. Raises StateError, OSError."""
    if not name or "+" in name or any(c.isspace() for c in name):
        raise StateError("a witness's name has no space and no plus: auditor.example/w1")
    WitnessState.create(state)
    private = Ed25519PrivateKey.generate()
    fd = os.open(state / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(f"{name}\n{private.private_bytes_raw().hex()}\n")
        file.flush()
        os.fsync(fd)
    return Key(name, COSIGNATURE, private.public_key().public_bytes_raw())


def read_key(state: Path) -> tuple[Ed25519PrivateKey, Key]:
    """The witness's own key. Raises StateError."""
    path = state / "key"
    try:
        if path.stat().st_mode & 0o077:
            raise StateError(f"{path} is open to other users; run: chmod 600 {path}")
        name, secret = path.read_text(encoding="utf-8").split()
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    except OSError as problem:
        raise StateError(f"{path}: {problem.strerror}") from None
    except ValueError:
        raise StateError(f"{path} is not a witness's key file") from None
    return private, Key(name, COSIGNATURE, private.public_key().public_bytes_raw())


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tigertally-witness", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the witness's folder")
    parser.add_argument("--init", action="store_true", help="make a new witness")
    parser.add_argument("--name", default="", help="with --init: its name")
    parser.add_argument("--logs", type=Path, help="verifier keys of the logs, one a line")
    parser.add_argument("--listen", default="127.0.0.1:7130", help="HOST:PORT")
    parser.add_argument("--show", action="store_true", help="print what was co-signed")
    options = parser.parse_args(arguments)
    try:
        if options.init:
            sys.stdout.write(f"{create(options.state, options.name).text()}\n")
            return 0
        if options.logs is None:
            raise StateError("--logs is missing: the keys of the logs to watch")
        return _show(options) if options.show else _serve(options)
    except (StateError, OSError) as problem:
        sys.stderr.write(f"tigertally-witness: {problem}\n")
        return 1


def _show(options: argparse.Namespace) -> int:
    state = WitnessState(options.state)
    for origin in read_logs(options.logs):
        sys.stdout.write(state.notes(origin))
    return 0


def _serve(options: argparse.Namespace) -> int:
    private, key = read_key(options.state)
    logs = read_logs(options.logs)
    witness = Witness(private, key, logs, WitnessState(options.state), lambda: int(time.time()))

    def reload(*_: object) -> None:
        try:
            witness.logs = read_logs(options.logs)
        except StateError as problem:
            sys.stderr.write(f"tigertally-witness: logs not read again: {problem}\n")

    def stop(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGHUP, reload)
    signal.signal(signal.SIGTERM, stop)
    host, _, port = options.listen.rpartition(":")
    with WitnessServer((host.strip("[]"), int(port)), witness) as server:
        sys.stdout.write(f"listening on {host}:{server.server_port}\n")
        sys.stdout.write(f"{key.text()}\n")
        sys.stdout.flush()
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
