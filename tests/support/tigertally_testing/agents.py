"""The agents of `tests/agents`, one for each client library, driven over their standard streams.

    async with agent("java", credentials_file, timeout_ms=2000) as one:
        words = await one.ask("verify", "C0001", "123456")     # ["answer", "APPROVED", …]

`command(language)` builds what must be built, once for a run, and raises `Missing` where compiler
or JDK is not there.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import trio

from tigertally_protocol.keys import master_key_check_value
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.house import Line

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "agents"
LANGUAGES = ("python", "c", "java")
_ANSWER_S = 60.0


class Missing(Exception):
    """An agent can't be built here; the text says what it lacks."""


@functools.cache
def command(language: str) -> tuple[str, ...]:
    """How to start this agent. Raises Missing."""
    return _BUILDS[language]()


def _python() -> tuple[str, ...]:
    return (sys.executable, str(FOLDER / "agent.py"))


def _java() -> tuple[str, ...]:
    for program in ("java", "javac"):
        if shutil.which(program) is None:
            raise Missing(f"no {program}: apt-get install openjdk-17-jdk-headless")
    sources = ROOT / "clients" / "java" / "src" / "main" / "java"
    out = _build_folder("java")
    files = [str(path) for path in sorted(sources.rglob("*.java"))]
    _run(["javac", "-nowarn", "--release", "8", "-Xlint:-options", "-d", str(out), *files,
          str(FOLDER / "Agent.java")])  # fmt: skip
    # A small heap and one compiler tier: agents are many and short-lived.
    return ("java", "-Xmx64m", "-Xshare:auto", "-XX:+UseSerialGC", "-cp", str(out), "Agent")


def _c() -> tuple[str, ...]:
    for program in ("cc", "make"):
        if shutil.which(program) is None:
            raise Missing(f"no {program}: apt-get install gcc libc6-dev make")
    library, out = ROOT / "clients" / "c", _build_folder("c")
    _run(
        [
            "make",
            "--silent",
            "-C",
            str(library),
            f"BUILD={out}",
            "OPT=-O1",
            str(out / "libtigertally.a"),
        ]
    )
    program, source = str(out / "agent"), str(FOLDER / "agent.c")
    flags = ["-O1", "-std=gnu99", "-Wall", "-Wextra", "-Werror", "-pthread"]
    headers, archive = str(library / "include"), str(out / "libtigertally.a")
    _run(["cc", *flags, "-I", headers, "-o", program, source, archive])
    return (program,)


_BUILDS = {"python": _python, "java": _java, "c": _c}


def _build_folder(language: str) -> Path:
    """Kept until this process ends."""
    folder = tempfile.TemporaryDirectory(prefix=f"tigertally-agent-{language}-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _run(arguments: Sequence[str]) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def write_credentials(folder: Path, line: Line, servers: Sequence[tuple[str, int]]) -> Path:
    """The file as `channel add --key-out` writes it."""
    path = folder / f"channel-{next(_numbers)}.json"
    suite = SUITES[line.suite]
    text = json.dumps(
        {
            "format": 1,
            "channel": line.channel_id,
            "name": line.name,
            "institution": INSTITUTION,
            "suite": SuiteId(line.suite).name,
            "field_cipher": FieldCipherId(line.field_cipher).name,
            "charset": line.charset,
            "key_version": line.version,
            "master_key_hex": line.master_key.hex(),
            "check_value": master_key_check_value(suite, line.master_key).hex(),
            "servers": [f"{host}:{port}" for host, port in servers],
        }
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


_numbers = count(1)


class Agent:
    """A running agent."""

    def __init__(self, language: str, process: trio.Process) -> None:
        self.language = language
        self.process = process
        self.said: list[str] = []
        self._numbers = count(1)
        self._sending = trio.Lock()
        self._waiting: dict[str, trio.Event] = {}
        self._answers: dict[str, list[str]] = {}
        self.ended = False

    async def ask(self, verb: str, *words: object) -> list[str]:
        """The words of the answer, without the id."""
        number = str(next(self._numbers))
        event = self._waiting[number] = trio.Event()
        line = " ".join([number, verb, *map(str, words)]) + "\n"
        assert self.process.stdin is not None
        async with self._sending:
            await self.process.stdin.send_all(line.encode("ascii"))
        with trio.move_on_after(_ANSWER_S):
            await event.wait()
        assert number in self._answers, f"{self.language} said nothing to {verb}: {self.said[-5:]}"
        return self._answers.pop(number)

    async def stats(self) -> Mapping[str, int]:
        """Its counters."""
        words = (await self.ask("stats"))[1:]
        return {name: int(value) for name, _, value in (word.partition("=") for word in words)}

    async def listen(self) -> None:
        assert self.process.stdout is not None
        rest = b""
        while part := await self.process.stdout.receive_some(65536):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                text = line.decode("utf-8")
                self.said.append(text)
                number, *words = text.split()
                self._answers[number] = words
                if number in self._waiting:
                    self._waiting[number].set()
        self.ended = True
        for event in self._waiting.values():
            event.set()

    async def quit(self) -> int:
        """Lets it sign off; its exit status."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(b"quit\n")
        return await self.process.wait()


@asynccontextmanager
async def agent(language: str, credentials: Path, **settings: int) -> AsyncIterator[Agent]:
    """A running agent, killed in the end. Raises Missing."""
    arguments = [*command(language), str(credentials)]
    arguments += [f"{name}={value}" for name, value in settings.items()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    async with trio.open_nursery() as nursery:
        process = await nursery.start(
            functools.partial(
                trio.run_process,
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
                env=environment,
            )
        )
        one = Agent(language, process)
        nursery.start_soon(one.listen)
        try:
            yield one
        finally:
            process.kill()
            nursery.cancel_scope.cancel()
