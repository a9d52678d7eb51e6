"""What a world leaves behind, and what can be read off its raw entries without the server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.audit.anchors import Trust
from tigertally_server.domain.entry import Entry
from tigertally_server.services.context import Context
from tigertally_server.services.request import Phase
from tigertally_sim.auditor import Attempt, Auditor, Call, Key
from tigertally_sim.devices import Device
from tigertally_sim.node import Life
from tigertally_sim.store import SimStore

C, T = ResponseCode, Transaction
Place = tuple[int, int]
"""(shard, seq)."""


@dataclass(slots=True)
class Evidence:
    """What is left when a world has ended. `before`: sizes of the shards at the start."""

    auditor: Auditor
    store: SimStore
    context: Context
    devices: list[Device]
    owners: dict[str, str]
    disclosing: set[int]
    before: dict[int, int]
    notes: dict[int, list[str]]
    trust: Trust
    logs: list[str]
    incidents: list[str]
    lives: list[Life]
    shard_of_node: dict[str, set[int]]
    open_wires: int
    in_time: bool
    entries: dict[Place, Entry] = field(default_factory=dict)
    final: dict[Key, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shard in self.store.tables.heads:
            for stored in self.store.log(shard):
                entry = stored.entry
                self.entries[entry.shard, entry.seq] = entry
                if entry.phase == Phase.FINAL and entry.seq >= self.before[shard]:
                    self.final[entry.business_day, entry.channel_id, entry.serial] = entry

    def recorded(self) -> Iterator[tuple[Call, Attempt]]:
        for call in self.auditor.calls:
            for attempt in call.recorded():
                yield call, attempt

    def call_of(self, entry: Entry) -> Call | None:
        """The wish that an entry is about; calls that share a serial differ in their reference."""
        key = (entry.business_day, entry.channel_id, entry.serial)
        calls = self.auditor.by_key.get(key, [])
        if len(calls) > 1:
            calls = [c for c in calls if getattr(c.message, "reference", "") == entry.reference]
        return calls[0] if calls else None


def is_claim(entry: Entry) -> bool:
    """Written by a cancellation for the serial it takes away."""
    return entry.result == C.SERIAL_CANCELLED and entry.transaction == T.CANCEL_SERIAL


def shown_code(e: Evidence, channel_id: int, result: int) -> ResponseCode:
    code = C(result)
    return C.DENIED if channel_id not in e.disclosing and CODES[code].hidden else code


def chains_of(e: Evidence) -> tuple[dict[int, list[Entry]], list[str]]:
    """Each token's entries in the order of its chain, and where a chain is broken."""
    chains: dict[int, list[Entry]] = {}
    problems = []
    by_token: dict[int, set[Place]] = defaultdict(set)
    for place, entry in e.entries.items():
        if entry.token_id:
            by_token[entry.token_id].add(place)
    for token_id, token in sorted(e.store.tables.tokens.items()):
        chain: list[Entry] = []
        seen: set[Place] = set()
        place = (token.last_shard, token.last_seq)
        while place != (-1, -1) and place not in seen:
            found = e.entries.get(place)
            if found is None or found.token_id != token_id:
                problems.append(f"{token.serial}: its chain leads to {place}, which is not its own")
                break
            seen.add(place)
            chain.append(found)
            place = (found.previous_shard, found.previous_seq)
        if seen != by_token[token_id]:
            lost = sorted(by_token[token_id] - seen)
            problems.append(f"{token.serial}: entries outside its chain: {lost}")
        chains[token_id] = chain[::-1]
    return chains, problems
