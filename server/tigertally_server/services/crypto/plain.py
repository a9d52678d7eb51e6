"""Random octets and digests: no key, no customer, nothing to record."""

from __future__ import annotations

from tigertally_engines.crypto.digests import DigestAlgorithm, digest
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.crypto import (
    DIGEST_BYTES,
    RANDOM_BYTES,
    DigestRequest,
    DigestResponse,
    DrawRandomRequest,
    DrawRandomResponse,
)
from tigertally_protocol.secret import SecretBytes
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.answers import octets, one_of, refusal
from tigertally_server.services.crypto.finding import Refused
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet


def draw_random(request: Request, work: WorkingSet, context: Context) -> Decision:
    """From the server's own generator; another one at each asking."""
    message: DrawRandomRequest = request.message
    count = message.octet_count
    if not 1 <= count <= RANDOM_BYTES:
        return refusal(request, Refused(ResponseCode.BAD_FIELD, "octet_count"))
    drawn = context.keyring.random_bytes(count)
    body = DrawRandomResponse(
        octet_count=count, random_octets=SecretBytes(drawn.ljust(RANDOM_BYTES, b"\0"))
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)


def make_digest(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Without a key."""
    message: DigestRequest = request.message
    try:
        algorithm: DigestAlgorithm = one_of(
            DigestAlgorithm, message.digest_algorithm, "digest_algorithm"
        )
        if weak := context.crypto.refused_digest(algorithm):
            raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, weak)
        made = digest(algorithm, octets(message.data, message.data_length, "data"))
    except Refused as refused:
        return refusal(request, refused)
    body = DigestResponse(digest_length=len(made), digest_value=made.ljust(DIGEST_BYTES, b"\0"))
    return Decision(code=ResponseCode.ANSWERED, body=body)
