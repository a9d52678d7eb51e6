"""The file driver: whole lines, on the disk, ours alone."""

from __future__ import annotations

import json
import os
import stat

import pytest
import trio

from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.sms.file import open_file_gateway
from tigertally_drivers.sms.port import DeliveryState, SmsMessage, SubmitResult, Surroundings

MESSAGE = SmsMessage(b"\1" * 16, "+8613800138000", "码 314159\n{}", 300)


@pytest.fixture
def gateway(clock, entropy, tmp_path):
    return open_file_gateway({"path": "sms.jsonl"}, Surroundings(clock, entropy, tmp_path))


async def test_a_message_is_one_line_of_a_private_file(gateway, clock, tmp_path):
    assert await gateway.submit(MESSAGE) == SubmitResult("01" * 16, DeliveryState.DELIVERED)
    file = tmp_path / "sms.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "id": "01" * 16,
        "at_ms": clock.now_ms(),
        "number": MESSAGE.number,
        "text": MESSAGE.text,
        "valid_for_s": 300,
    }


async def test_messages_that_come_together_share_flushes(gateway, tmp_path, monkeypatch):
    flushes = []
    real = os.fsync

    def counted(descriptor):
        flushes.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(gateway.submit, MESSAGE)
    assert len((tmp_path / "sms.jsonl").read_text(encoding="utf-8").splitlines()) == 50
    assert 1 <= len(flushes) < 25


async def test_a_line_that_a_crash_cut_spoils_no_other(gateway, tmp_path):
    file = tmp_path / "sms.jsonl"
    file.write_text('{"id": "half')
    file.chmod(0o600)
    await gateway.submit(MESSAGE)
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[1])["id"] == "01" * 16


@pytest.mark.parametrize("place", ["link", "open", "folder", "pipe", "absent"])
async def test_it_writes_nowhere_else(clock, entropy, tmp_path, place):
    target = tmp_path / "elsewhere"
    target.touch(0o600)
    path = tmp_path / "sms.jsonl"
    if place == "link":
        path.symlink_to(target)
    elif place == "open":
        path.touch()
        path.chmod(0o644)
    elif place == "folder":
        path.mkdir()
    elif place == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path = tmp_path / "nowhere" / "sms.jsonl"
    gateway = open_file_gateway({"path": str(path)}, Surroundings(clock, entropy, tmp_path))
    with pytest.raises(Unavailable):
        await gateway.submit(MESSAGE)
    assert target.read_bytes() == b""


async def test_a_full_disk_is_an_unknown_outcome_for_all_who_wait(gateway, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    failed = []

    async def one():
        with pytest.raises(Misbehaved, match="No space"):
            await gateway.submit(MESSAGE)
        failed.append(1)

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(one)
    assert len(failed) == 5


def test_an_empty_path_is_refused(clock, entropy, tmp_path):
    with pytest.raises(Rejected, match="path"):
        open_file_gateway({"path": ""}, Surroundings(clock, entropy, tmp_path))
