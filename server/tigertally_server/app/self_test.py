"""Cryptography asked for published answers before a server listens: an engine that gets one wrong
must not serve, and whoever operates must know when SM2 can only verify.
"""

from __future__ import annotations

from typing import Any

from tigertally_drivers.errors import Misbehaved
from tigertally_drivers.gm.opening import open_sm2
from tigertally_engines.crypto.known import wrong_answers


def self_test(log: Any) -> str:
    """Why the server must not serve, "" where all is well. ≈10 ms, once per process."""
    if wrong := wrong_answers():
        return f"the crypto engine answers wrongly: {', '.join(wrong)}"
    try:
        opened = open_sm2()
    except Misbehaved as problem:
        return str(problem)
    if opened.fell_back:
        log.warning("SM2 only verifies", why=opened.fell_back)
    return ""
