"""What the HTTP driver asks, what it makes of answers, and whom it trusts."""

from __future__ import annotations

import contextlib
import json
import ssl
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trio
import trustme
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, Unavailable
from tigertally_drivers.sms.http.dialogue import question, target_of, verdict
from tigertally_drivers.sms.http.gateway import open_http_gateway
from tigertally_drivers.sms.http.settings import HttpSettings
from tigertally_drivers.sms.port import SmsMessage, SubmitResult, Surroundings
from tigertally_testing.sms_vendor import Reply, Vendor

MESSAGE = SmsMessage(b"\1" * 16, "+8613800138000", "码 314159 {secret}&x=1", 300)


def asked(**settings):
    own = HttpSettings(url="https://sms.example:8443/v1/send?app=7", **settings)
    return question(MESSAGE, own, target_of(own), "s3cret")


def test_json_is_filled_at_any_depth_and_once():
    put = asked(fields={"to": ["{number}"], "data": {"text": "{text}", "n": 5}, "key": "{secret}"})
    assert json.loads(put.body) == {
        "to": ["+8613800138000"],
        "data": {"text": "码 314159 {secret}&x=1", "n": 5},
        "key": "s3cret",
    }
    assert put.request.target == b"/v1/send?app=7"
    headers = dict(put.request.headers)
    assert headers[b"host"] == b"sms.example:8443"
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"content-length"] == str(len(put.body)).encode()


@pytest.mark.parametrize("content", ["form", "query"])
def test_forms_and_queries_are_quoted(content):
    put = asked(content=content, fields={"mobile": "{number}", "m": "{text}"}, strip_prefix="+86")
    line = put.body.decode() if content == "form" else put.request.target.decode().partition("?")[2]
    assert dict(parse_qsl(line)) == ({"app": "7"} if content == "query" else {}) | {
        "mobile": "13800138000",
        "m": MESSAGE.text,
    }


def test_headers_are_filled_and_ours_stay_ours():
    put = asked(headers={"Authorization": "Bearer {secret}", "Host": "evil", "X-Id": "{id}"})
    headers = dict(put.request.headers)
    assert headers[b"authorization"] == b"Bearer s3cret"
    assert headers[b"x-id"] == b"01" * 16
    assert headers[b"host"] == b"sms.example:8443"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_no_text_becomes_syntax(text):
    own = HttpSettings(url="https://sms.example/", headers={"X-Text": "{text}"})
    message = SmsMessage(bytes(16), "+1555", text)
    try:
        put = question(message, own, target_of(own), "")
    except Rejected:
        return
    assert json.loads(put.body)["text"] == text
    assert len(put.request.headers) == 6


def test_nothing_is_in_a_repr():
    assert repr(asked()) == "<Question>"


YES: dict[str, Any] = {"success_field": "ok", "success_values": ("true",)}
S: dict[str, Any] = {
    "success_field": "data.code",
    "success_values": ("0", "OK"),
    "busy_values": ("99",),
}


@pytest.mark.parametrize(
    ("status", "body", "settings", "result"),
    [
        (200, b"anything", {}, SubmitResult("")),
        (202, b"", {}, SubmitResult("")),
        (204, b"", {}, Rejected | Misbehaved),
        (200, b'{"data":{"code":"OK"}}', S, SubmitResult("")),
        (200, b'{"data":{"code":0}}', S, SubmitResult("")),
        (200, b'{"data":{"code":0,"id":17}}', S | {"id_field": "data.id"}, SubmitResult("17")),
        (200, b'[{"id":"a"}]', {"id_field": "0.id"}, SubmitResult("a")),
        (
            200,
            b'{"ok":true}',
            YES,
            SubmitResult(""),
        ),
        (200, b'{"data":{"code":1}}', S, Rejected),
        (200, b'{"data":{"code":99}}', S, Unavailable),
        (200, b'{"data":{}}', S, Misbehaved),
        (200, b'{"data":{"code":{}}}', S, Misbehaved),
        (200, b'{"data":{"code":null}}', S, Misbehaved),
        (200, b"[]", S, Misbehaved),
        (200, b"\xff", S, Misbehaved),
        (200, b"[" * 50_000, S, Misbehaved),
        (200, b'{"id":"a\\nb"}', {"id_field": "id"}, Misbehaved),
        (200, b'{"id":"' + b"a" * 65 + b'"}', {"id_field": "id"}, Misbehaved),
        (429, b"", {}, Unavailable),
        (503, b"", {}, Unavailable),
        (500, b"", {}, Misbehaved),
        (408, b"", {}, Misbehaved),
        (302, b"", {}, Rejected),
        (401, b"", {}, Rejected),
    ],
)
def test_answers_mean(status, body, settings, result):
    own = HttpSettings(url="https://sms.example/", **settings)
    if isinstance(result, SubmitResult):
        assert verdict(status, body, own) == result
    else:
        with pytest.raises(result if isinstance(result, type) else DriverError):
            verdict(status, body, own)


@given(st.binary(max_size=100) | st.just(b'{"data":{"code":0}}'), st.integers(100, 599))
def test_any_answer_means_something(body, status):
    with contextlib.suppress(DriverError):
        verdict(status, body, HttpSettings(url="https://sms.example/", **S))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": ""}, "url"),
        ({"url": "http://sms.example/"}, "not https"),
        ({"url": "ftp://sms.example/"}, "url"),
        ({"url": "https://user:pw@sms.example/"}, "url"),
        ({"url": "https://sms.example:99999/"}, "url"),
        ({"url": "https://sms.example/a b\n"}, "url"),
        ({"headers": {"a b": "x"}}, "header"),
        ({"headers": {"x": "a\r\nb: c"}}, "header"),
        ({"success_field": "code"}, "success_values"),
        ({"method": "DELETE"}, "method"),
        ({"secret_file": "none"}, "No such file"),
        ({"success_status": [42]}, "success_status"),
    ],
)
def test_wrong_settings_are_named(wrong, said, clock, entropy, tmp_path):
    section = {"url": "https://sms.example/"} | wrong
    with pytest.raises(Rejected, match=said):
        open_http_gateway(section, Surroundings(clock, entropy, tmp_path))


class TlsBench:
    """A vendor with a certificate, and who trusts it."""

    def __init__(self, nursery, folder, surroundings):
        self.vendor = Vendor()
        self.nursery, self.folder, self.surroundings = nursery, folder, surroundings

    async def gateway(self, trusted, host="127.0.0.1", name="127.0.0.1"):
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        known = authority if trusted else trustme.CA()
        known.cert_pem.write_to_path(self.folder / "ca.pem")
        listeners = await trio.open_ssl_over_tcp_listeners(0, context, host="127.0.0.1")
        self.nursery.start_soon(trio.serve_listeners, self.quietly, listeners)
        transport = listeners[0].transport_listener
        assert isinstance(transport, trio.SocketListener)
        port = transport.socket.getsockname()[1]
        section = {"url": f"https://{host}:{port}/", "ca_file": "ca.pem", "id_field": "data.sid"}
        return open_http_gateway(section, self.surroundings)

    async def quietly(self, stream):
        await self.vendor.serve(stream)


@pytest.fixture
async def tls(nursery, clock, entropy, tmp_path):
    return TlsBench(nursery, tmp_path, Surroundings(clock, entropy, tmp_path))


async def test_a_trusted_gateway_gets_the_message(tls):
    gateway = await tls.gateway(trusted=True)
    assert await gateway.submit(MESSAGE) == SubmitResult("v-1")
    assert tls.vendor.messages == [(MESSAGE.number, MESSAGE.text)]


async def test_an_untrusted_gateway_sees_nothing(tls):
    gateway = await tls.gateway(trusted=False)
    with pytest.raises(Unavailable, match="TLS"):
        await gateway.submit(MESSAGE)
    assert tls.vendor.requests == []


async def test_a_certificate_of_another_host_is_not_enough(tls):
    gateway = await tls.gateway(trusted=True, name="other.example")
    with pytest.raises(Unavailable, match="TLS"):
        await gateway.submit(MESSAGE)
    assert tls.vendor.requests == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply.REDIRECT, Rejected),
        (Reply.FORBIDDEN, Rejected),
        (Reply.FAIL, Misbehaved),
        (Reply.GARBAGE, Misbehaved),
        (Reply.ENDLESS, Misbehaved),
    ],
)
async def test_bad_answers_over_the_wire(tls, reply, error):
    gateway = await tls.gateway(trusted=True)
    tls.vendor.script(reply)
    with pytest.raises(error):
        await gateway.submit(MESSAGE)
    assert len(tls.vendor.requests) == 1
