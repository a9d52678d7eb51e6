"""Checkpoints that an HSM signs: a real server, its log checked by a program that knows nothing of
it; and while the device is away, approvals end within a bounded time and begin again by themselves.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
import trio

from tigertally_client import log as auditor
from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_server.app.changing_key import change_checkpoint_key
from tigertally_server.app.device import device_of
from tigertally_server.app.signers import Signers
from tigertally_server.audit.note import Algorithm
from tigertally_testing import softhsm
from tigertally_testing.house import House
from tigertally_testing.hsm_ends import SoftHsmEnd
from tigertally_testing.pressure import Books
from tigertally_testing.processes import reachable_folder, spawner, until

pytestmark = pytest.mark.skipif(not softhsm.is_here(), reason=softhsm.MISSING)
AUDIT = {"unsigned_max_s": 0.5, "checkpoint_s": 0.1}


def moved_into_the_device(house, place):
    """As `tigertally audit change-key --to hsm:LABEL` does."""
    environment = house.environment
    device = device_of(house.config, environment.clock, environment.entropy)
    assert isinstance(device, BlockingHsm)
    signers = Signers(
        house.config.checkpoint_key_file,
        environment.keyring,
        environment.installation.installation_id,
        (device.hsm, device.run),
    )
    try:
        with closing(house.connect("tigertally_owner")) as conn:
            changing = replace(environment, signers=signers)
            change_checkpoint_key(conn, changing, place, Algorithm.ED25519)
    finally:
        device.close()


async def test_without_the_device_nothing_is_approved_and_afterwards_it_goes_on():
    with (
        reachable_folder() as folder,
        SoftHsmEnd(folder) as end,
        House(folder / "state", audit=AUDIT, hsm=end.section) as house,
        spawner(house) as spawn,
    ):
        books = Books(house.add_channel(), house.holders(20, "hotp-6"), budget_ms=500)
        moved_into_the_device(house, "hsm:checkpoint")
        server = spawn(audit=AUDIT, hsm=end.section)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(books.press, server)
            await books.acknowledge(20)
            end.take_away()
            await until(lambda: not server.ready(), "unreadiness")
            status, why = server.get("/readyz")
            assert (status, "not signed outside" in why) == (503, True), why
            await books.put_offs(10)
            before = len(books.acknowledged)
            await books.put_offs(10)
            assert len(books.acknowledged) == before
            end.bring_back()
            await until(server.ready, "readiness")
            await books.acknowledge(20)
            books.stopping = True
        await books.settle(server)
        assert server.faults() == []
        assert server.stop() == 0
        public = house.environment.installation.checkpoint_public_key.hex()
        assert auditor.main(["verify", str(house.config.log_dir), "--key", public]) == 0
