"""One real front-end, one real server."""

from __future__ import annotations

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.peer import join, now_ms


async def test_a_code_is_verified_once(house, server):
    line = house.add_channel()
    (held,) = house.holders(1)
    async with await join(server, line) as peer:
        code = held.code(now_ms())
        assert (await peer.verify(held, code)).code is C.APPROVED
        assert (await peer.verify(held, code)).code is C.REPLAYED_CODE
        await peer.sign_off()
    assert house.verify_log().ok
