"""Every level is rotated while a server answers: nobody notices, and the server follows."""

from __future__ import annotations

import contextlib

import trio

from tigertally_engines.otp import kernel
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_server.app.key_care import KeyCare
from tigertally_server.app.operators import Acting
from tigertally_server.cli.house import house_of
from tigertally_server.cli.key_house import key_work, place_of
from tigertally_server.cli.key_rotating import Rotation, seal_anew
from tigertally_server.metrics import Metrics
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.rewrapping import PARTS
from tigertally_server.store.postgres import read_configuration
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.key_stock import configuration_of, fill, opened, plaintexts, under
from tigertally_testing.peer import join

ACTING = Acting("test", "tigertally_app", separated=False)
LEVELS = ("data-keys", "seed", "customer", "outcome", "digest", "head", "credential", "channel")


@contextlib.contextmanager
def rotating(environment, wait_s=0.0):
    with house_of(environment, ACTING) as house, key_work(house) as conn:
        yield Rotation(house, conn, wait_s), house, conn


def rotate_everything(environment):
    with rotating(environment, wait_s=0.5) as (rotation, house, conn):
        rotation.rotate_master(None)
        for target in LEVELS:
            rotation.rotate(place_of(environment.keyring, target))
        seal_anew(house, conn, PARTS, page=50, quiet=True)


async def test_every_level_under_traffic(own, own_house):
    line = own_house.add_channel()
    held = own_house.holders(20, "hotp-6")
    server = own("rotating")
    codes, done = [], trio.Event()

    async def verify(peer):
        for counter in range(2_000):
            for item in held:
                code = kernel.hotp(item.seed, counter, 6, "sha1")
                asked = VerifyOtpRequest(
                    institution=INSTITUTION, customer=item.customer, otp=SecretText(code)
                )
                codes.append((await peer.ask(asked)).code)
                if done.is_set():
                    return

    async with await join(server, line) as peer, trio.open_nursery() as nursery:
        nursery.start_soon(verify, peer)
        await trio.to_thread.run_sync(rotate_everything, own_house.environment)
        done.set()
    assert set(codes) == {C.APPROVED}
    assert len(codes) > 100
    current = own_house.environment.keyring.current
    assert under(own_house.environment, "token") == {current(Purpose.SEED).id}
    assert own_house.verify_log().ok


def test_a_server_seals_anew_beside_its_traffic_and_opens_what_a_new_master_key_seals(
    database, tmp_path
):
    config = configuration_of(database, tmp_path / "state")
    with opened(config) as server, opened(config) as operator:
        fill(server)
        before = plaintexts(server)
        metrics = Metrics()
        care = KeyCare(server, metrics.registry)
        with rotating(operator) as (rotation, _, _):
            rotation.rotate_master(None)
            rotation.rotate(place_of(operator.keyring, "data-keys"))
            rotation.rotate(place_of(operator.keyring, "seed"))
        store = server.databases.store()
        with server.databases.connect("tigertally_app") as conn:
            server.context.follow(read_configuration(conn))
            assert bool(server.keyring.behind)
            care.catch_up(conn)
            assert not bool(server.keyring.behind)
            assert (
                server.keyring.current(Purpose.SEED).id == operator.keyring.current(Purpose.SEED).id
            )
            while care._page(conn):
                server.context.follow(read_configuration(conn))
            assert not care._page(conn)
        store.close()
        assert under(server, "token") == {server.keyring.current(Purpose.SEED).id}
        assert plaintexts(server) == before
        page = "".join(
            f"{sample.name} {sample.labels} {sample.value}\n"
            for metric in metrics.registry.collect()
            for sample in metric.samples
        )
        assert "tigertally_rows_sealed_anew_total {} " in page
        assert "{'level': 'data', 'purpose': 'seed'}" in page
        assert care.warnings() == []
