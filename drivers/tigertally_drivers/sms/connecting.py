"""Connections to gateways: TCP, with TLS where it is said, and then always verified.

There is no way of turning the verification off; a gateway with a certificate of the bank's own is
named by its CA's file.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import trio

from tigertally_drivers.errors import Rejected, Unavailable

Connector = Callable[[], Awaitable[trio.abc.Stream]]
"""Makes one connection. Raises `Unavailable`."""


def verifying_context(ca_file: str, state_dir: Path) -> ssl.SSLContext:
    """TLS 1.2 or later; trusts `ca_file`, or the machine's own authorities when that is empty.
    Raises `Rejected`.
    """
    try:
        context = ssl.create_default_context(cafile=state_dir / ca_file if ca_file else None)
    except OSError as problem:
        raise Rejected(f"ca_file: {problem.strerror or 'holds no certificate'}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def connect(
    host: str, port: int, tls: ssl.SSLContext | None, limit_s: float
) -> trio.abc.Stream:
    """Connected, and shaken hands. Raises `Unavailable`: nothing was sent."""
    stream: trio.abc.Stream | None = None
    try:
        with trio.fail_after(limit_s):
            plain = stream = await trio.open_tcp_stream(host, port)
            if tls is None:
                return plain
            stream = secured = trio.SSLStream(
                plain, tls, server_hostname=host, https_compatible=True
            )
            await secured.do_handshake()
            return secured
    except BaseException as problem:
        if stream is not None:
            await trio.aclose_forcefully(stream)
        if isinstance(problem, trio.TooSlowError):
            raise Unavailable(f"{host}:{port} takes longer than {limit_s} s to connect") from None
        if isinstance(problem, OSError | trio.BrokenResourceError):
            raise Unavailable(f"{host}:{port}: {_reason(problem)}") from None
        raise


def _reason(problem: OSError | trio.BrokenResourceError) -> str:
    cause = problem.__cause__
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or 'failed'}"
    if isinstance(cause, ssl.CertificateError):
        return "TLS: the certificate is not this host's"
    return getattr(problem, "strerror", None) or "refused or closed the connection"
