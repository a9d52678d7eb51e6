"""The listener with TLS: who gets in, as whom, and what a wrong peer costs the others."""

from __future__ import annotations

import signal
import ssl

import pytest
import trio
import trustme

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.peer import Closed, Peer, Refused, inform
from tigertally_testing.processes import spawner

BROKEN = (trio.BrokenResourceError, ssl.SSLError, Closed)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate = authority.issue_cert("127.0.0.1", "localhost", common_name="localhost")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    for index, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(folder / "server.pem", append=index > 0)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return folder


@pytest.fixture(scope="module")
def demanding(house, files):
    """A server whose TLS listener wants a certificate of the client."""
    with spawner(house) as spawn:
        yield spawn("mutual", server={"tls": tls(files, client_ca=str(files / "ca.pem"))})


@pytest.fixture(scope="module")
def lenient(house, files):
    """A server whose TLS listener wants none."""
    with spawner(house) as spawn:
        yield spawn("one-way", server={"tls": tls(files)})


def tls(files, **more):
    return {
        "listen": ["127.0.0.1:0"],
        "certificate": str(files / "server.pem"),
        "key": str(files / "server.key"),
        **more,
    }


def context_of(authority, name=None, issuer=None):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if name is not None:
        certificate = (issuer or authority).issue_cert(f"{name}.bank", common_name=name)
        certificate.configure_cert(context)
    return context


async def encrypted(server, context):
    tcp = await trio.open_tcp_stream(*server.addresses[1])
    return trio.SSLStream(tcp, context, server_hostname="127.0.0.1", https_compatible=True)


async def join_encrypted(server, line, context):
    await inform(server)
    return await Peer.sign_on(server.address, line, await encrypted(server, context))


async def test_a_channel_s_own_certificate_signs_on_and_verifies(demanding, house, authority):
    line = house.add_channel(name="front-end", tls_required=True)
    (held,) = house.holders(1, "hotp-6")
    async with await join_encrypted(demanding, line, context_of(authority, "front-end")) as peer:
        for counter in range(5):
            assert (await peer.verify(held, held.counter_code(counter))).code is C.APPROVED
        await peer.sign_off()


async def test_another_channel_s_certificate_is_refused(demanding, house, authority):
    line = house.add_channel(name="strict", tls_required=True)
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await join_encrypted(demanding, line, context_of(authority, "someone-else"))


async def test_the_plain_port_is_refused_to_a_channel_that_needs_tls(demanding, house):
    line = house.add_channel(tls_required=True)
    await inform(demanding)
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await Peer.sign_on(demanding.address, line)


async def test_without_a_certificate_the_handshake_fails(demanding, house, authority):
    line = house.add_channel()
    with pytest.raises(BROKEN):
        await join_encrypted(demanding, line, context_of(authority))


async def test_a_stranger_s_certificate_fails(demanding, house, authority):
    line = house.add_channel(name="forged")
    context = context_of(authority, "forged", issuer=trustme.CA())
    with pytest.raises(BROKEN):
        await join_encrypted(demanding, line, context)


async def test_one_way_tls_serves_channels_that_need_no_certificate(lenient, house, authority):
    line = house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    async with await join_encrypted(lenient, line, context_of(authority)) as peer:
        assert (await peer.verify(held, held.counter_code(0))).code is C.APPROVED


async def test_one_way_tls_is_refused_to_channels_that_need_one(lenient, house, authority):
    line = house.add_channel(tls_required=True)
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await join_encrypted(lenient, line, context_of(authority))


async def test_old_tls_versions_are_refused(lenient, authority):
    context = context_of(authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    stream = await encrypted(lenient, context)
    with pytest.raises(BROKEN):
        await stream.do_handshake()
    await trio.aclose_forcefully(stream)


GARBAGE = (b"GET / HTTP/1.1\r\n\r\n", b"TT\x01\x40" + bytes(200), b"\x16\x03\x01\xff\xff")


async def test_garbage_on_the_tls_port_harms_nobody(lenient, house, authority):
    line = house.add_channel()
    async with await join_encrypted(lenient, line, context_of(authority)) as peer:
        for garbage in GARBAGE:
            stream = await trio.open_tcp_stream(*lenient.addresses[1])
            await stream.send_all(garbage)
            await stream.send_eof()
            with trio.fail_after(10):
                while await stream.receive_some():
                    pass
            await stream.aclose()
        await peer.sign_off()
    assert lenient.faults() == []


async def test_a_handshake_that_never_comes_is_ended(house, files, spawn):
    server = spawn(server={"tls": tls(files)}, limits={"half_open_s": 0.5})
    stream = await trio.open_tcp_stream(*server.addresses[1])
    with trio.fail_after(10):
        assert await stream.receive_some() == b""
    await stream.aclose()


async def test_a_drain_reaches_encrypted_connections(house, files, authority, spawn):
    line = house.add_channel()
    server = spawn(server={"tls": tls(files)}, limits={"drain_grace_ms": 300})
    async with await join_encrypted(server, line, context_of(authority)) as peer:
        server.signal(signal.SIGTERM)
        await peer.next_notice()
        await peer.until_closed()
    assert server.wait() == 0
