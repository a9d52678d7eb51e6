"""MACs for channels: made, and verified. Algorithms, paddings and lengths by the policy."""

from __future__ import annotations

from functools import partial

from tigertally_engines.crypto.mac import OWN_PADDING, SHORTEST_MAC, MacAlgorithm, MacKey
from tigertally_engines.crypto.padding import METHODS, NO_PADDING
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.crypto import (
    MAC_BYTES,
    GenerateMacRequest,
    GenerateMacResponse,
    VerifyMacRequest,
    VerifyMacResponse,
)
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.answers import (
    finder_of,
    octets,
    one_of,
    personal,
    refusal,
)
from tigertally_server.services.crypto.finding import Finder, OpenedKey, Refused, Use, of_key
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet

PURPOSE = "mac"


def generate_mac(
    request: Request, finder: Finder, context: Context, fresh: bytes
) -> GenerateMacResponse:
    """Under the current generation."""
    message: GenerateMacRequest = request.message
    key = finder.key(message.key, PURPOSE, Use.MAKE)
    ready = _ready(message, key, context)
    data = octets(message.data, message.data_length, "data")
    mac = ready.mac(data, message.padding, message.mac_length)
    return GenerateMacResponse(
        key_generation=key.record.generation,
        mac_length=message.mac_length,
        mac_value=mac.ljust(MAC_BYTES, b"\0"),
    )


def verify_mac(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Under the generation named, or the current one."""
    message: VerifyMacRequest = request.message
    try:
        key = finder_of(request, context).key(
            message.key, PURPOSE, Use.CHECK, message.key_generation
        )
        ready = _ready(message, key, context)
        data = octets(message.data, message.data_length, "data")
        mac = octets(message.mac_value, message.mac_length, "mac_value")
    except Refused as refused:
        return refusal(request, refused)
    right = ready.verify(data, message.padding, mac)
    return Decision(
        code=ResponseCode.APPROVED if right else ResponseCode.MAC_WRONG,
        body=VerifyMacResponse(key_generation=key.record.generation),
        reference=message.reference,
        personal=personal(request),
    )


def _ready(
    message: GenerateMacRequest | VerifyMacRequest, key: OpenedKey, context: Context
) -> MacKey:
    """The key for this algorithm. Raises Refused."""
    algorithm: MacAlgorithm = one_of(MacAlgorithm, message.mac_algorithm, "mac_algorithm")
    own = algorithm in OWN_PADDING
    if (message.padding == NO_PADDING) is not own or not (own or message.padding in METHODS):
        raise Refused(ResponseCode.BAD_FIELD, "padding")
    ready = of_key(lambda: key.made(algorithm, partial(MacKey, algorithm)))
    if not SHORTEST_MAC <= message.mac_length <= ready.longest:
        raise Refused(ResponseCode.BAD_FIELD, "mac_length")
    if weak := context.crypto.refused_mac(algorithm, message.padding, message.mac_length):
        raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, weak)
    return ready
