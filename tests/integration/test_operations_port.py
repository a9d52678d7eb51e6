"""Metrics, liveness and readiness of a live server."""

from __future__ import annotations

import re

import trio
from prometheus_client.parser import text_string_to_metric_families

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import join

FAMILIES = {
    "tigertally_answers",
    "tigertally_rejects",
    "tigertally_answer_seconds",
    "tigertally_batch_size",
    "tigertally_batch_seconds",
    "tigertally_conflicts",
    "tigertally_queue",
    "tigertally_connections",
    "tigertally_in_flight",
    "tigertally_database_up",
    "tigertally_sender_skew_seconds",
    "tigertally_checkpoints",
    "tigertally_checkpoint_failures",
    "tigertally_closed_connections",
    "tigertally_spraying_alarms",
}
LABELS = {"transaction", "code", "state", "reason", "le", "channel", "level", "purpose"}


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


async def test_metrics_have_every_family_and_count(server, house):
    line = house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    approved = {"transaction": "VERIFY_OTP", "code": "APPROVED"}
    before = server.metric("tigertally_answers_total", **approved)
    async with await join(server, line) as peer:
        assert (await peer.verify(held, held.counter_code(0))).code is C.APPROVED
        assert (await peer.verify(held, "000000")).code is C.WRONG_CODE
    status, text = server.get("/metrics")
    assert status == 200
    found = families(text)
    assert FAMILIES - set(found) == set()
    assert server.metric("tigertally_answers_total", **approved) == before + 1
    assert server.metric("tigertally_database_up") == 1
    assert server.metric("tigertally_batch_size_count") > 0
    assert server.metric("tigertally_answer_seconds_count") > 0


async def test_metrics_name_no_customer_token_or_address(server, house):
    line = house.add_channel()
    held = house.holders(3, "hotp-6")
    async with await join(server, line) as peer:
        for item in held:
            await peer.verify(item, item.counter_code(0), serial=0)
    text = server.get("/metrics")[1]
    for item in held:
        assert item.customer not in text
        assert item.serial not in text
    assert INSTITUTION not in re.sub(r"[0-9.]+e?[-+0-9]*$", "", text, flags=re.MULTILINE)
    assert "127.0.0.1" not in text
    used = {
        label
        for family in families(text).values()
        for sample in family.samples
        for label in sample.labels
    }
    assert used <= LABELS


async def test_health_and_readiness(server):
    assert server.get("/healthz") == (200, "alive\n")
    assert server.get("/readyz") == (200, "ready\n")


async def test_other_paths_and_methods_are_refused(server):
    assert server.get("/")[0] == 404
    assert server.get("/../etc/passwd")[0] == 404
    answer = await exchange(
        server, b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 405 ")


BAD_REQUESTS = {
    "garbage": b"\x16\x03\x01" + bytes(100),
    "an endless line": b"GET /" + b"a" * 20_000,
    "endless headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000,
    "a bare newline": b"\r\n\r\n",
    "half a request": b"GET /metr",
    "nothing": b"",
}


async def test_bad_requests_harm_nobody(server):
    for request in BAD_REQUESTS.values():
        await exchange(server, request)
        assert server.get("/healthz")[0] == 200


async def test_a_bank_s_frame_is_no_request(server):
    assert not (await exchange(server, b"TT\x01\x40" + bytes(76))).startswith(b"HTTP/1.1 2")


async def exchange(server, data):
    """What comes back for these bytes until the server closes; b"" also where it just ends it."""
    stream = await trio.open_tcp_stream("127.0.0.1", server.operations_port)
    received = b""
    try:
        with trio.fail_after(10):
            if data:
                await stream.send_all(data)
            await stream.send_eof()
            while part := await stream.receive_some():
                received += part
    except trio.BrokenResourceError:
        pass
    finally:
        await trio.aclose_forcefully(stream)
    return received
