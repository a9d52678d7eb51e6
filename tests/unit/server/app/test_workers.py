"""The pieces between supervisor and workers, without processes."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tigertally_server.app import control
from tigertally_server.app.merged_metrics import merged
from tigertally_server.app.takeover import (
    TAKEOVER,
    Inheritance,
    Listener,
    fronts,
    mark,
    operations,
    read_only_told,
)
from tigertally_server.app.worker import Worker
from tigertally_server.app.worker_link import (
    LEAVE,
    MESSAGE_BYTES,
    METRICS,
    READY,
    SOCKET,
    TLS_SOCKET,
    Place,
    State,
    WorkerLink,
    descriptors_in,
    pair,
    rights,
    state_message,
    state_of,
)
from tigertally_server.config import Config, ServerSection, Tls
from tigertally_testing.processes import free_port

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


# ---------------------------------------------------------------- metrics


def samples(page):
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def page_of(counts, seconds):
    registry = CollectorRegistry()
    counter = Counter("answers", "By code", ["code"], registry=registry)
    histogram = Histogram("wait_seconds", 'With "quotes"', ["of"], registry=registry)
    Counter("plain", "Without labels", registry=registry).inc(len(counts))
    for code, count in counts:
        counter.labels(code=code).inc(count)
    for value in seconds:
        histogram.labels(of='a{b} "c",d').observe(value)
    return generate_latest(registry).decode()


@given(
    st.dictionaries(
        st.sampled_from(["0", "1", "supervisor", "1-leaving-3"]),
        st.builds(
            page_of,
            st.lists(st.tuples(texts, st.integers(0, 9))),
            st.lists(st.floats(0, 99, allow_nan=False), max_size=3),
        ),
        min_size=1,
    )
)
def test_every_sample_survives_with_the_label_of_its_worker(pages):
    wanted = {
        (name, labels | {("worker", worker)}): value
        for worker, page in pages.items()
        for (name, labels), value in samples(page).items()
    }
    whole = merged(pages)
    assert samples(whole) == wanted
    heads = [line for line in whole.splitlines() if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads))


# ---------------------------------------------------------------- the link


@given(*[st.integers(0, 99)] * 5)
def test_a_place_is_told_on_the_command_line(link, board, rows, row, slot):
    place = Place(link, board, rows, row, slot)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4,x", "1,2,3,4,5,6"])
def test_a_bad_place_is_refused(text):
    with pytest.raises((ValueError, TypeError)):
        Place.parse(text)


@given(st.integers(0, 99), st.integers(0, 99), texts, st.lists(texts))
def test_a_state_is_told(connections, taken, unready, warnings):
    state = State(connections, taken, unready, tuple(warnings))
    assert state_of(state_message(state)) == state


def test_warnings_that_have_no_room_are_left_out():
    message = state_message(State(1, 2, "密" * 2000, ("é" * 4000, "b" * 4000)))
    assert len(message) <= MESSAGE_BYTES
    assert state_of(message).connections == 1


def test_what_another_version_adds_is_passed_over():
    assert state_of(b'T{"connections": 3, "news": {}}') == State(3)
    with pytest.raises(ValueError, match="Expecting"):
        state_of(b"T{")


async def test_a_worker_follows_the_link_until_its_end():
    ours, theirs = pair()
    link = WorkerLink(theirs.detach())
    taken, left = [], []
    here, there = socket.socketpair()

    def adopt(sock, secure):
        sock.sendall(b"tls" if secure else b"plain")
        sock.close()
        taken.append(secure)

    with ours, here, there:
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(
                    link.follow, adopt, lambda: b"figures", lambda: left.append(True)
                )
                await link.ready()
                assert ours.recv(MESSAGE_BYTES) == READY
                for message in (SOCKET, TLS_SOCKET):
                    ours.sendmsg([message], rights(there.fileno()))
                # A message of a later version, with a descriptor that must not stay open.
                ours.sendmsg([b"?"], rights(there.fileno()))
                ours.send(LEAVE)
                # Metrics are told by one that leaves, too.
                ours.send(METRICS)
                await trio.lowlevel.wait_readable(ours)
                message, ancillary, _, _ = ours.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(4))
                (file,) = descriptors_in(ancillary)
                with os.fdopen(file, "rb") as figures:
                    figures.seek(0)
                    assert (message, figures.read()) == (METRICS, b"figures")
                assert (taken, left, link.taken) == ([False, True], [True], 2)
                ours.shutdown(socket.SHUT_RDWR)
        link._sock.close()
        there.close()
        assert here.recv(99) + here.recv(99) == b"plaintls"
        assert here.recv(1) == b"", "a descriptor stayed open"


async def test_connections_that_are_on_their_way_count():
    ours, theirs = pair()
    with ours, theirs, socket.socket() as peer:
        worker = Worker(1, 0, 0, ours, state=State(connections=5, taken=7), handed=7)
        assert worker.connections == 5
        assert worker.hand(SOCKET, peer)
        assert worker.connections == 6
        worker.state = State(connections=6, taken=8)
        assert worker.connections == 6
        theirs.close()
        assert not worker.hand(SOCKET, peer)
        assert worker.connections == 6


# ---------------------------------------------------------------- taking over


def bound(addresses):
    made = []
    for address in addresses:
        sock = socket.socket()
        sock.bind(("127.0.0.1", int(address.rpartition(":")[2])))
        sock.listen()
        made.append(sock)
    return made


def config_of(*plain, secure=(), own=""):
    return Config(server=ServerSection(listen=plain, operations_listen=own, tls=Tls(listen=secure)))


def test_listeners_are_known_by_address_and_by_whether_tls_is_spoken():
    one, two, other = (f"127.0.0.1:{free_port()}" for _ in range(3))
    first = fronts(config_of(one, secure=(two,)), (), bound, strict=True)
    assert [(each.address, each.secure) for each in first] == [(one, False), (two, True)]
    # One more address in front moves nothing; TLS stays TLS.
    second = fronts(config_of(other, one, secure=(two,)), first, bound, strict=False)
    by_address = {each.address: each for each in second}
    assert by_address[one] is first[0]
    assert by_address[two] is first[1]
    assert by_address[two].secure
    # What isn't wanted any more is closed, and an address that can't be had is left out.
    third = fronts(config_of("127.0.0.1:1", one), second, _refusing, strict=False)
    assert third == [first[0]]
    assert first[1].sock.fileno() == -1
    with pytest.raises(OSError, match="taken"):
        fronts(config_of("127.0.0.1:1"), third, _refusing, strict=True)
    assert operations(config_of(), (), bound, strict=True) == []


def _refusing(addresses):
    raise OSError(f"taken: {addresses}")


def test_what_is_handed_on_is_understood(monkeypatch):
    ours, theirs = pair()
    sock, board, lock = socket.socket(), os.memfd_create("board"), os.memfd_create("lock")
    leaving = Worker(77, 1, 3, ours, state=State(4, 9, "", ("w",)), handed=9, leaving=True)
    listener = Listener("127.0.0.1:1", True, sock)
    told = Inheritance((listener,), (), board, lock, 5, True, (leaving,))
    mark(told.descriptors, inheritable=True)
    monkeypatch.setenv(TAKEOVER, told.told())
    read_only_told()
    assert TAKEOVER not in os.environ
    monkeypatch.setenv(TAKEOVER, told.told())
    found = Inheritance.left()
    assert found is not None
    assert not any(os.get_inheritable(descriptor) for descriptor in found.descriptors)
    (worker,) = found.workers
    assert (worker.pid, worker.slot, worker.row, worker.state) == (77, 1, 3, leaving.state)
    assert (worker.leaving, worker.former, worker.serves, found.asked) == (True, True, False, True)
    assert Inheritance.left() is None
    ours.detach()
    sock.detach()
    worker.link.close()
    found.listeners[0].sock.close()
    theirs.close()
    os.close(board)
    os.close(lock)


@pytest.mark.parametrize("told", ["{", "{}", '{"board": 1, "lock": 2, "rolls": "x"}'])
def test_what_is_not_understood_is_refused(monkeypatch, told):
    monkeypatch.setenv(TAKEOVER, told)
    with pytest.raises((ValueError, KeyError)):
        read_only_told()


# ---------------------------------------------------------------- what is told on this host


def test_a_status_is_that_of_the_process_that_holds_the_lock(tmp_path):
    assert control.status_of(tmp_path, "a/b") is None
    mine = control.Control(tmp_path, "a/b")
    mine.tell(rolls=2, roll=control.FAILED, why="broken", workers=((0, 11), (1, 12)))
    found = control.status_of(tmp_path, "a/b")
    assert found == mine.status
    assert json.loads(json.dumps(asdict(found)))["why"] == "broken"
    with pytest.raises(control.Taken):
        control.Control(tmp_path, "a/b")
    assert control.status_of(tmp_path, "other") is None
    # A file that was left behind says nothing once the lock is free.
    os.close(mine.lock)
    assert control.status_of(tmp_path, "a/b") is None
    control.Control(tmp_path, "a/b").close()
