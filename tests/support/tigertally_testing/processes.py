"""`tigertally serve` as a real process: started, waited for, asked, signalled, read.

Every wait is for an event (a line, an exit, a condition) and bounded; none is a guessed pause. What
a server wrote is kept, and shown by the integration tests' conftest when a test fails.
"""

from __future__ import annotations

import http.client
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import trio

from tigertally_testing.house import House, database_section

START_S = 60.0
STOP_S = 30.0
POLL_S = 0.02
_TAKEN = "Address already in use"

T = TypeVar("T")

ALL: list[ServerProcess] = []
"""Every server that a running test may have to do with; the conftest shows their logs."""


class StartFailed(AssertionError):
    """The server ended, or said nothing in time; the text is what it wrote."""


class ServerProcess:
    """One node on a house. `sections` are those of the configuration file."""

    def __init__(
        self, house: House, folder: Path, node: str = "node-1", **sections: Mapping[str, Any]
    ) -> None:
        self.node, self.house = node, house
        self._folder, self._sections = folder, sections
        self.config_file = folder / f"{node}.toml"
        self.log_file = folder / f"{node}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.addresses: list[tuple[str, int]] = []
        self.operations_port = 0

    # ------------------------------------------------------------------ life

    def start(self, environment: Mapping[str, str] | None = None) -> ServerProcess:
        """Until it says that it serves. Raises StartFailed with its log."""
        if self not in ALL:
            ALL.append(self)
        for _ in range(5):
            self.operations_port = free_port()
            self._write_configuration()
            self._spawn(environment or {})
            if self._wait_until_ready():
                return self
            if _TAKEN not in self.log():
                break
        raise StartFailed(f"{self.node} did not start:\n{self.log()[-4000:]}")

    def _spawn(self, environment: Mapping[str, str]) -> None:
        path = os.pathsep.join(part for part in sys.path if part)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tigertally_server.cli.main",
                    "-c",
                    self.config_file,
                    "serve",
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path, **environment},
                start_new_session=True,
            )

    def _wait_until_ready(self) -> bool:
        process, said = self._process, b""
        assert process is not None
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        end = time.monotonic() + START_S
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while time.monotonic() < end:
                if not selector.select(end - time.monotonic()):
                    break
                part = process.stdout.read()
                if not part:
                    self._ended()
                    return False
                said += part
                first, newline, _ = said.partition(b"\n")
                if newline:
                    self.addresses = _addresses(first.decode())
                    return True
        self.kill()
        return False

    def stop(self, timeout_s: float = STOP_S) -> int:
        """SIGTERM, and its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout_s)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        assert self._process is not None
        try:
            return self._process.wait(timeout_s)
        finally:
            self._ended()

    def _ended(self) -> None:
        process = self._process
        if process is not None and process.stdout is not None:
            process.stdout.close()
            if process.poll() is None:
                process.kill()
                process.wait(STOP_S)

    def close(self) -> None:
        """For tear-down: stopped if it runs, whatever state it is in."""
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.kill()
        if self in ALL:
            ALL.remove(self)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def workers(self) -> int:
        """Processes that serve, as configured."""
        return int(self._sections.get("server", {}).get("workers", 1))

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    # ------------------------------------------------------------------ asking it

    @property
    def address(self) -> tuple[str, int]:
        """Of the plain listener."""
        return self.addresses[0]

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def events(self) -> list[dict[str, Any]]:
        """The log's JSON lines."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def faults(self) -> list[str]:
        """Lines that should never be there, whatever peers and databases do."""
        signs = ("ended by a fault", "Traceback", "request not executed")
        return [line for line in self.log().splitlines() if any(sign in line for sign in signs)]

    def get(self, target: str) -> tuple[int, str]:
        """From the operations port."""
        asked = http.client.HTTPConnection("127.0.0.1", self.operations_port, timeout=10)
        try:
            asked.request("GET", target)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()
        finally:
            asked.close()

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value; 0 where there is none yet."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.get("/metrics")[1].splitlines():
            sample, _, value = line.rpartition(" ")
            found, _, inner = sample.partition("{")
            if found == name and set(filter(None, inner.rstrip("}").split(","))) == wanted:
                return float(value)
        return 0.0

    def resident_bytes(self) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    # ------------------------------------------------------------------ configuration

    def _write_configuration(self) -> None:
        sections: dict[str, dict[str, Any]] = {
            "server": {
                "node": self.node,
                "listen": ["127.0.0.1:0"],
                "operations_listen": f"127.0.0.1:{self.operations_port}",
            },
            "database": database_section(self.house.state_dir),
        }
        for name, values in self._sections.items():
            sections.setdefault(name, {}).update(values)
        self.config_file.write_text(_toml(sections), encoding="utf-8")

    def reconfigure(self, **sections: Mapping[str, Any]) -> None:
        """Writes the file anew; SIGHUP is the test's to send."""
        for name, values in sections.items():
            self._sections[name] = {**self._sections.get(name, {}), **values}
        self._write_configuration()


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A temporary folder that others may pass: PostgreSQL may run under another account."""
    with tempfile.TemporaryDirectory(prefix="tigertally-it-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def spawner(house: House) -> Iterator[Callable[..., ServerProcess]]:
    """Gives spawn(node, section={key: value}): starts a server; all are stopped in the end."""
    started: list[ServerProcess] = []
    with reachable_folder() as folder:

        def spawn(node: str = "node-1", **sections: Mapping[str, Any]) -> ServerProcess:
            server = ServerProcess(house, folder, node, **sections)
            started.append(server)
            return server.start()

        try:
            yield spawn
        finally:
            for server in started:
                server.close()


def _addresses(line: str) -> list[tuple[str, int]]:
    _, _, rest = line.partition(" serves on ")
    assert rest, f"not a ready line: {line!r}"
    found = []
    for text in rest.split(", "):
        host, _, port = text.rpartition(":")
        found.append((host, int(port)))
    return found


def _toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """JSON's scalars and lists are TOML's, too."""
    lines: list[str] = []
    for name, values in sections.items():
        plain = {k: v for k, v in values.items() if not isinstance(v, Mapping)}
        lines += [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in plain.items())]
        for key, inner in values.items():
            if isinstance(inner, Mapping):
                lines += [f"[{name}.{key}]", *(f"{k} = {json.dumps(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def until(condition: Callable[[], T], what: str, within_s: float = 10.0) -> T:
    """Waits until `condition()` is true, and returns it; fails saying `what` did not come."""
    with trio.move_on_after(within_s):
        while True:
            if found := condition():
                return found
            await trio.sleep(POLL_S)
    raise AssertionError(f"did not happen within {within_s} s: {what}")
