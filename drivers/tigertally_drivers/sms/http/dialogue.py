"""What is asked of an HTTP gateway and what its answer means. Pure: octets come and go elsewhere.

Invariants: a value is put in once, by one pass, so that a text that looks like a placeholder stays
a text. An answer that can't be read is `Misbehaved`, never a success.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import h11
import msgspec

from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.sms.http.settings import HttpSettings
from tigertally_drivers.sms.port import SmsMessage, SubmitResult

_PLACEHOLDER: Final = re.compile(r"\{(number|text|id|valid_for_s|secret)\}")
_ID_MAX: Final = 64
_PORTS: Final = {"https": 443, "http": 80}
_OURS: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})


class Target(msgspec.Struct, frozen=True, gc=False):
    """Where to, out of the URL."""

    host: str
    port: int
    tls: bool
    authority: str
    path: str


def target_of(settings: HttpSettings) -> Target:
    """Raises `Rejected` when the URL is none, or would send codes in the clear."""
    try:
        parts = urlsplit(settings.url)
        port = parts.port
    except ValueError:
        raise Rejected("url: is no URL") from None
    whole = parts.scheme in _PORTS and parts.hostname and not parts.username and not parts.fragment
    if not whole or not settings.url.isascii() or not settings.url.isprintable():
        raise Rejected("url: write https://HOST[:PORT]/PATH")
    if parts.scheme == "http" and not settings.plain:
        raise Rejected("url: is not https; set plain = true where the way to it is protected")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        parts.hostname or "",
        port or _PORTS[parts.scheme],
        parts.scheme == "https",
        parts.netloc,
        path,
    )


class Question(msgspec.Struct, frozen=True):
    """One request, ready for h11. Holds secrets."""

    request: h11.Request
    body: bytes

    def __repr__(self) -> str:
        return "<Question>"


def question(message: SmsMessage, settings: HttpSettings, target: Target, secret: str) -> Question:
    """Raises `Rejected` when a value can't stand where the settings put it."""
    values = {
        "number": message.number.removeprefix(settings.strip_prefix),
        "text": message.text,
        "id": message.id.hex(),
        "valid_for_s": str(message.valid_for_s),
        "secret": secret,
    }

    def fill(template: str) -> str:
        return _PLACEHOLDER.sub(lambda match: values[match[1]], template)

    path, body, kind = target.path, b"", ""
    try:
        if settings.content == "json":
            body, kind = msgspec.json.encode(_filled(settings.fields, fill)), "application/json"
        else:
            flat = urlencode({name: fill(str(value)) for name, value in settings.fields.items()})
            if settings.content == "form":
                body, kind = flat.encode("ascii"), "application/x-www-form-urlencoded"
            else:
                path += ("&" if "?" in path else "?") + flat
        headers = {name.lower(): fill(value) for name, value in settings.headers.items()}
        request = h11.Request(
            method=settings.method, target=path, headers=_headers(headers, target, kind, body)
        )
    except UnicodeEncodeError:
        raise Rejected("a value holds characters that can't stand there") from None
    except h11.LocalProtocolError:
        raise Rejected("a header's value holds characters that can't stand there") from None
    return Question(request, body)


def _filled(template: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(template, str):
        return fill(template)
    if isinstance(template, dict):
        return {name: _filled(value, fill) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(value, fill) for value in template]
    return template


def _headers(
    own: dict[str, str], target: Target, kind: str, body: bytes
) -> list[tuple[bytes, bytes]]:
    headers = {"accept": "application/json"}
    if kind:
        headers["content-type"] = kind
    headers |= {name: value for name, value in own.items() if name not in _OURS}
    headers |= {"host": target.authority, "connection": "close"}
    if kind:
        headers["content-length"] = str(len(body))
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def verdict(status: int, body: bytes, settings: HttpSettings) -> SubmitResult:
    """The result of a taken message; raises what the answer means otherwise."""
    if status in settings.busy_status:
        raise Unavailable(f"the gateway is busy: HTTP {status}")
    if status not in settings.success_status:
        refused = 300 <= status < 500 and status != 408  # Request Timeout: who knows
        raise (Rejected if refused else Misbehaved)(f"the gateway answers HTTP {status}")
    if not settings.success_field and not settings.id_field:
        return SubmitResult("")
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Misbehaved("the gateway's answer is no JSON") from None
    if settings.success_field:
        _check_word(_at(answer, settings.success_field), settings)
    name = _at(answer, settings.id_field) if settings.id_field else ""
    if name is None or len(name) > _ID_MAX or not (name.isascii() and name.isprintable()):
        raise Misbehaved(f"the gateway's answer has no usable {settings.id_field}")
    return SubmitResult(name)


def _check_word(word: str | None, settings: HttpSettings) -> None:
    if word is None:
        raise Misbehaved(f"the gateway's answer has no {settings.success_field}")
    if word in settings.success_values:
        return
    if word in settings.busy_values:
        raise Unavailable("the gateway says it is busy")
    raise Rejected("the gateway refuses the message")


def _at(answer: Any, path: str) -> str | None:
    """The value there as text; None when there is none, or no plain value."""
    for part in path.split("."):
        if isinstance(answer, list) and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        elif isinstance(answer, dict):
            answer = answer.get(part)
        else:
            return None
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return str(answer) if isinstance(answer, str | int) else None
