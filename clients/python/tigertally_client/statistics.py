"""Counting what the client does: one mutable set of counters inside, frozen snapshots outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Numbers since the client was made. Only the client's event loop touches them."""

    calls: int = 0
    answered: int = 0
    frames_sent: int = 0
    retries: int = 0
    put_off: int = 0
    late_answers: int = 0
    outcomes_unknown: int = 0
    no_answers: int = 0
    connects: int = 0
    connect_failures: int = 0
    connections_lost: int = 0
    drains: int = 0
    key_changes: int = 0
    heartbeats: int = 0
    rejects: int = 0
    forged_rejects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSnapshot:
    """One connection at this moment."""

    server: str
    session_id: int
    draining: bool
    in_flight: int
    in_flight_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsSnapshot:
    """The client's numbers at one moment.

    Attributes:
        calls: calls begun.
        answered: calls that returned a result.
        frames_sent: business requests sent, repetitions included.
        retries: of these, requests sent again under the same serial.
        put_off: BUSY, UNAVAILABLE, DRAINING and such answers.
        late_answers: authentic answers to calls that had ended.
        outcomes_unknown: calls that raised `OutcomeUnknown`.
        no_answers: calls that raised `NoAnswer`.
        connects: sign-ons that succeeded.
        connect_failures: dials and sign-ons that failed.
        connections_lost: standing connections that broke.
        drains: drain notices obeyed.
        key_changes: working keys renewed.
        heartbeats: heartbeats answered.
        rejects: rejects with a good MAC.
        forged_rejects: rejects without one on a signed-on connection; each ended its connection.
        waiting: calls waiting for a connection with room.
        links: the standing connections.
        last_problem: why the last connection failed, "" when none has.
    """

    calls: int
    answered: int
    frames_sent: int
    retries: int
    put_off: int
    late_answers: int
    outcomes_unknown: int
    no_answers: int
    connects: int
    connect_failures: int
    connections_lost: int
    drains: int
    key_changes: int
    heartbeats: int
    rejects: int
    forged_rejects: int
    waiting: int
    links: tuple[LinkSnapshot, ...]
    last_problem: str
