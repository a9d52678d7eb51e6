"""`tigertally load --mix methods` against a real server: every method of the mix, codes by SMS
through outbox, dispatcher and file gateway, and not one unexpected answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tigertally_testing.processes import free_port

SMS = {"gateway": "file"}


def command(server, *arguments):
    path = os.pathsep.join(part for part in sys.path if part)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tigertally_server.cli.main",
            "-c",
            server.config_file,
            "load",
            "--mix=methods",
            "--tokens=1000",
            "--quiet",
            *arguments,
        ],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def prepared(spawn):
    """A server that knows the load's channel from its start."""
    # The load writes its server into the channel's file, so the port must be one.
    first = spawn("mixed", sms=SMS, server={"listen": [f"127.0.0.1:{free_port()}"]})
    done = command(first, "--prepare-only")
    assert done.returncode == 0, done.stderr
    first.stop()
    return first.start()


@pytest.mark.timeout(240)
def test_every_method_of_the_mix_is_approved(prepared):
    for _ in range(2):  # the second run goes on where the first one ended, HOTP's counters too
        done = command(prepared, "--rate=25", "--seconds=4", "--json=-")
        assert done.returncode == 0, done.stdout + done.stderr
        result = json.loads(done.stdout)
        assert result["errors_by_code"] == {}
        assert result["answered"] == result["offered"] == 100
        assert {kind: set(answers) for kind, answers in result["by_kind"].items()} == {
            "approve": {"APPROVED"},
            "hotp": {"APPROVED"},
            "ocra-issue": {"CHANGED"},
            "ocra-verify": {"APPROVED"},
            "sms-issue": {"CHANGED"},
            "sms-verify": {"APPROVED"},
            "pin-otp": {"APPROVED"},
            "mschapv2": {"APPROVED"},
        }
    assert prepared.faults() == []
