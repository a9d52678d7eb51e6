"""The first half hour of a new operator: serve --demo, try, load, prove, verify, on a database of
its own.
"""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tigertally_server.cli import trial
from tigertally_server.cli.output import CommandError

_TOOL = (sys.executable, "-m", "tigertally_server.cli.main")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Desk:
    """An installation with a server that runs."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.config = state / "tigertally.toml"
        self.config.write_text(
            f'[server]\nlisten = ["127.0.0.1:{_free_port()}"]\noperations_listen = ""\n'
            f"[database]\nstate_dir = {json.dumps(str(state))}\nshared_buffers_mb = 64\n"
        )
        self.log = state / "server.log"
        with self.log.open("w") as log:
            self.server = subprocess.Popen(
                [*_TOOL, "-c", str(self.config), "serve", "--demo"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.server.stdout is not None
        self.announced = [self.server.stdout.readline(), self.server.stdout.readline()]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_TOOL, "-c", str(self.config), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.state,
        )

    def stop(self) -> int:
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
        self.server.communicate(timeout=60)
        return self.server.returncode


@pytest.fixture
def desk(state_dir: Path) -> Iterator[Desk]:
    desk = Desk(state_dir)
    try:
        yield desk
    finally:
        desk.stop()


def test_from_serve_to_verified_log(desk: Desk) -> None:
    assert "serves on 127.0.0.1:" in desk.announced[0], desk.log.read_text()
    assert desk.announced[1].startswith("next: tigertally -c ")
    for name in ("credentials.json", "token.json"):
        assert stat.S_IMODE((desk.state / "demo" / name).stat().st_mode) == 0o600
    tried = desk.run("try")
    assert tried.returncode == 0, tried.stderr
    for part in ("APPROVED", "REPLAYED_CODE", "audit prove --entry"):
        assert part in tried.stdout
    place = tried.stdout.split("audit prove --entry ")[1].split()[0]

    loaded = desk.run(
        "load", "--tokens", "300", "--rate", "100", "--seconds", "2",
        "--mix", "approve=97,wrong=2,replay=1", "--quiet", "--json", "-",
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr + loaded.stdout
    figures = json.loads(loaded.stdout)
    assert figures["errors"] == 0
    assert figures["approved"] > 100
    more = desk.run("load", "--tokens", "500", "--prepare-only")
    assert more.returncode == 0, more.stderr

    assert desk.run("audit", "prove", "--entry", place, "--out", "proof.json").returncode == 0
    proof = [sys.executable, "-m", "tigertally_client.proof", "proof.json"]
    checked = subprocess.run(proof, capture_output=True, text=True, check=False, cwd=desk.state)
    assert "PROVEN" in checked.stdout, checked.stderr
    verified = desk.run("audit", "verify", "--json", "--quiet")
    assert verified.returncode == 0, verified.stdout
    report = json.loads(desk.run("report", "day", "--channel", "load", "--json").stdout)
    assert report["entries"] == figures["approved"] + figures["denied"]
    assert desk.stop() == 0
    assert json.loads(desk.run("audit", "verify", "--json", "--quiet").stdout)["ok"]


def test_files_that_were_lost_are_made_again(tool: Any) -> None:
    from tigertally_client.credentials import ChannelCredentials
    from tigertally_server.cli.demo import prepare_demo
    from tigertally_server.cli.house import open_house

    def prepare() -> tuple[bytes, ChannelCredentials]:
        with open_house(tool.config) as house:
            prepare_demo(house)
        folder = tool.state / "demo"
        credentials = ChannelCredentials.load(folder / "credentials.json")
        return (folder / "token.json").read_bytes(), credentials

    token, credentials = prepare()
    again, same = prepare()
    assert (again, same.key_version) == (token, credentials.key_version)
    (tool.state / "demo" / "token.json").unlink()
    (tool.state / "demo" / "credentials.json").unlink()
    again, renewed = prepare()
    assert again == token
    assert renewed.key_version == 2
    states = [key["state"] for key in tool.json("channel", "show", "demo")["keys"]]
    assert states == ["retired", "current"]


def test_without_a_server_try_says_what_to_start(tool: Any) -> None:
    assert "serve --demo" in tool.fails("try")


def test_codes_are_oathtools(oathtool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = trial.DemoToken("1", "C", "T", 6, 30, b"12345678901234567890")
    for now_ms in (59_000, 1_111_111_109_000, 1_234_567_890_000, 1_790_000_000_000):
        theirs = trial.make_code(token, now_ms)
        assert theirs.made_by == oathtool
        with monkeypatch.context() as patch:
            patch.setattr("shutil.which", lambda _: None)
            ours = trial.make_code(token, now_ms)
        assert "own client code" in ours.made_by
        assert (ours.digits, ours.step) == (theirs.digits, theirs.step)


def test_a_damaged_token_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    with pytest.raises(CommandError, match="serve --demo"):
        trial.DemoToken.load(path)
    path.write_text('{"seed_hex": "zz"}')
    with pytest.raises(CommandError, match="damaged"):
        trial.DemoToken.load(path)
