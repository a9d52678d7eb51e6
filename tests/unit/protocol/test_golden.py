"""The golden frames are current, complete, and mean to both ends what the file says."""

from __future__ import annotations

import json

import pytest

from tigertally_protocol.connection import RequestReceived, ResponseReceived
from tigertally_protocol.suites import ALLOWED_PAIRS
from tigertally_testing import golden
from tigertally_testing.layouts import ROWS
from tigertally_testing.wire import ChannelSetup, WirePair, drain

CONVERSATIONS = json.loads(golden.PATH.read_text("utf-8"))


def test_the_wire_has_not_changed():
    """If this fails, a layout or an algorithm changed. Add a schema instead."""
    assert golden.render() == golden.PATH.read_text("utf-8")


def test_every_layout_and_every_channel_is_there():
    types = {frame["type"] for talk in CONVERSATIONS for frame in talk["frames"]}
    assert {row.name for row in ROWS} <= types
    assert {(t["suite"], t["field_cipher"]) for t in CONVERSATIONS} == set(ALLOWED_PAIRS)


@pytest.mark.parametrize("talk", CONVERSATIONS, ids=lambda t: f"{t['suite']}-{t['field_cipher']}")
def test_both_ends_read_the_recorded_bytes(talk):
    """Fresh ends, fed with the file: events carry the file's messages."""
    pair = WirePair(ChannelSetup(talk["suite"], talk["field_cipher"], talk["charset"]))
    client_frames = [f for f in talk["frames"] if f["header"]["kind"] == 1]
    expected = [f["message"] for f in client_frames if f["header"]["transaction"] >= 0x0100]
    seen = []
    recorder = iter(talk["frames"])
    for frame in recorder:
        raw = bytes.fromhex(frame["hex"])
        if frame["header"]["kind"] != 1:
            pair.client.feed(raw)
            for event in drain(pair.client):
                if isinstance(event, ResponseReceived):
                    assert golden._plain(event.message) == frame["message"]
            continue
        if frame["type"] == "SIGN_ON request 1":
            pair.server.greeting(pair.now_ms)
            pair.client.sign_on(pair.now_ms, pair.next_serial(), frame["header"]["business_day"])
        elif frame["type"] == "KEY_CHANGE request 1":
            pair.client.key_change(frame["header"]["serial"], business_day=0, now_ms=0)
        pair.server.feed(raw, pair.now_ms)
        for event in drain(pair.server):
            if frame["type"] == "SIGN_ON request 1":
                pair.accept(event)
            elif frame["type"] == "KEY_CHANGE request 1":
                pair.server.change_keys(event.header, pair.setup.working_keys(2), 0)
            elif isinstance(event, RequestReceived):
                seen.append(golden._plain(event.message))
    assert seen == expected
