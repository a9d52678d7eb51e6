"""Who may sign on, and the keys of a session.

Before the MAC is checked nothing here costs more than a look-up.
"""

from __future__ import annotations

from tigertally_drivers.ports import Entropy
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.errors import BadKey
from tigertally_protocol.keys import WorkingKeys, split_working_keys, working_key_bytes
from tigertally_protocol.suites import SUITES
from tigertally_server.access.process import Pipeline
from tigertally_server.domain.channel import Channel


def refusal(
    channel: Channel | None,
    pipeline: Pipeline,
    peer: str,
    certificate_name: str | None,
    now_ms: int,
) -> tuple[ResponseCode, str] | None:
    """(what the peer is told, what the log says), or None where it may prove itself.

    The peer learns nothing about why: whether a channel is disabled or its address is not on the
    list is nobody's business before the proof.
    """
    if channel is None:
        return ResponseCode.UNKNOWN_CHANNEL, "no such channel"
    load = pipeline.loads.of(channel.id, channel.rate_per_s)
    if load.connections >= channel.connections:
        return ResponseCode.TOO_MANY_CONNECTIONS, "the channel's connections are used up"
    certified = not channel.tls_required or certificate_name == channel.name
    demands = (
        (channel.enabled, "the channel is disabled"),
        (channel.valid_at(now_ms), "outside the channel's validity"),
        (channel.admits_address(peer), "address not on the channel's list"),
        (certified, "the channel needs TLS with a certificate of its name"),
        (not pipeline.draining, "draining"),
    )
    for holds, why in demands:
        if not holds:
            return ResponseCode.SIGN_ON_REFUSED, why
    return None


def new_working_keys(channel: Channel, entropy: Entropy) -> WorkingKeys:
    """Fresh keys of the kinds that the channel's suite and field cipher need."""
    suite = SUITES[channel.suite]
    while True:
        material = entropy.token_bytes(working_key_bytes(suite, channel.field_cipher))
        try:
            return split_working_keys(suite, channel.field_cipher, material)
        except BadKey:
            # Equal halves of a 3DES key, once in 2**55 draws.
            continue
