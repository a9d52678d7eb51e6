"""The laws, each checked from the outside: from what was sent and answered, the witnesses, the
captured log lines, and at the end the raw entries.

A checker is a function that yields what is wrong, one line each; its row in `CHECKERS` names it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.transactions import QueryState, Transaction
from tigertally_server.audit.verify import ShardLog, verify_log
from tigertally_server.domain.entry import Entry, StoredEntry
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.recording import open_outcome
from tigertally_server.services.request import Phase
from tigertally_sim.auditor import Attempt, Call
from tigertally_sim.evidence import Evidence, chains_of, is_claim, shown_code
from tigertally_sim.token_model import TokenModel

C, T = ResponseCode, Transaction
NOT_EXECUTED_UNKNOWN: Final = frozenset({C.OUTCOME_UNKNOWN})
CONSUMING: Final = {
    T.VERIFY_OTP: C.APPROVED,
    T.BIND_TOKEN: C.CHANGED,
    T.RESYNC_TOKEN: C.CHANGED,
}


def one_approval(e: Evidence) -> Iterator[str]:
    """1: no code of a token is accepted for two requests; none is that the token never made."""
    by_id = {device.token_id: device for device in e.devices}
    taken: dict[tuple[str, int], Entry] = {}
    for entry in e.final.values():
        if CONSUMING.get(T(entry.transaction)) != entry.result:
            continue
        call = e.call_of(entry)
        if call is None or not call.codes:
            continue
        device = by_id[entry.token_id]
        for code in call.codes:
            factors = device.factors.get(code)
            if not factors:
                yield f"{call}: accepted a code that the token never made"
            elif len(factors) == 1:
                first = taken.setdefault((device.serial, factors[0]), entry)
                if first is not entry:
                    yield f"{call}: factor {factors[0]} was accepted for {e.call_of(first)}, too"
    heard: dict[tuple[str, str], Call] = {}
    for call, attempt in e.recorded():
        if CONSUMING.get(call.transaction) == attempt.code:
            token = call.token or attempt.message.token
            for code in call.codes:
                first_call = heard.setdefault((token, code), call)
                if first_call is not call and len(_factors(e, token, code)) == 1:
                    yield f"{call}: its code was approved for {first_call}, too"


def _factors(e: Evidence, token: str, code: str) -> list[int]:
    return next(d for d in e.devices if d.serial == token).factors.get(code, [])


def entries_match_answers(e: Evidence) -> Iterator[str]:
    """2: each recorded answer stands in the log as it was given; each entry was asked for."""
    for call, attempt in e.recorded():
        assert attempt.code is not None
        place = (attempt.message.entry_shard, attempt.message.entry_seq)
        entry = e.entries.get(place)
        if entry is None:
            yield f"{call}: answered {attempt.code.name}, but there is no entry {place}"
            continue
        key = (entry.business_day, entry.channel_id, entry.serial)
        if key != call.key or entry.phase != Phase.FINAL:
            yield f"{call}: the entry {place} is of {key} phase {entry.phase}"
        elif shown_code(e, call.channel_id, entry.result) != attempt.code:
            yield f"{call}: answered {attempt.code.name}, recorded {C(entry.result).name}"
        elif entry.transaction != call.transaction and not is_claim(entry):
            yield f"{call}: recorded as transaction {entry.transaction:#06x}"
    cancelled = {
        (c.message.business_day or c.day, c.channel_id, c.message.serial)
        for c in e.auditor.calls
        if c.transaction is T.CANCEL_SERIAL and c.attempts
    }
    for key, entry in e.final.items():
        if not entry.channel_id:
            continue
        if is_claim(entry) and key in cancelled:
            continue
        call_of = e.call_of(entry)
        if call_of is None or not call_of.attempts:
            yield f"entry {entry.shard}:{entry.seq} of {key}: nobody sent that"
        elif not CODES[C(entry.result)].recorded:
            yield f"entry {entry.shard}:{entry.seq} has {C(entry.result).name}"
    serials = [
        (s.entry.business_day, s.entry.channel_id, s.entry.serial, s.entry.phase)
        for shard in e.store.tables.heads
        for s in e.store.log(shard)
    ]
    if len(serials) != len(set(serials)):
        yield "a serial has two entries of one phase"


def same_answer(e: Evidence) -> Iterator[str]:
    """3: a serial has one recorded answer, whoever asks however often."""
    for key, calls in e.auditor.by_key.items():
        answers = [a for call in calls for a in call.recorded()]
        for attempt in answers[1:]:
            first = answers[0]
            if (attempt.code, attempt.message) != (first.code, first.message):
                yield f"{key}: answered {_said(first)}, then {_said(attempt)}"
        executed = {a.call for a in answers if a.code is not C.SERIAL_CANCELLED}
        if len(executed) > 1:
            yield f"{key}: two different requests were executed under one serial"


def _said(attempt: Attempt) -> str:
    return f"{attempt.code.name if attempt.code else '-'} {attempt.message!r}"


def token_history(e: Evidence) -> Iterator[str]:
    """5: every result of every token follows from those before it, lock-out included."""
    chains, _ = chains_of(e)
    for device in e.devices:
        model = TokenModel(device, e.owners[device.serial])
        if not model.owner:
            model.state = "in stock"
        for entry in chains.get(device.token_id, []):
            if entry.seq < e.before[entry.shard]:
                continue
            call = e.call_of(entry)
            if call is None:
                continue
            expected = model.expect(call, entry.at_ms, C(entry.result))
            where = f"{device.serial} {entry.shard}:{entry.seq} {call}"
            if expected != entry.result:
                yield f"{where}: {C(entry.result).name}, expected {expected.name}; {model}"
                break
            yield from _shown(e, model, entry, call, where)


def _shown(e: Evidence, m: TokenModel, entry: Entry, call: Call, where: str) -> Iterator[str]:
    if call.channel_id not in e.disclosing or call.transaction is T.CANCEL_SERIAL:
        return
    for attempt in call.recorded()[:1]:
        said = (attempt.message.remaining_tries, attempt.message.locked_until)
        if said[0] != 255 and said != m.shown(entry.at_ms):
            yield f"{where}: says tries, lock {said}, expected {m.shown(entry.at_ms)}"


def withdrawn(e: Evidence) -> Iterator[str]:
    """6: once a withdrawal was answered, nothing sent later is approved until it is taken back."""
    approvals = [(c, a) for c, a in e.recorded() if a.code is C.APPROVED]
    for withdrawal in e.auditor.calls:
        openers = _OPENERS.get(withdrawal.transaction)
        if openers is None or not any(a.code is C.CHANGED for a in withdrawal.recorded()):
            continue
        for call, attempt in approvals:
            if not _concerns(withdrawal, call, attempt) or call.first_sent <= withdrawal.heard:
                continue
            if not any(
                other.transaction in openers
                and _same_subject(other, call, attempt)
                and other.first_sent < call.heard
                and other.heard > withdrawal.first_sent
                for other in e.auditor.calls
            ):
                yield f"{call} was approved after {withdrawal} had been answered"


_OPENERS: Final = {
    T.DISABLE_TOKEN: (T.ENABLE_TOKEN, T.BIND_TOKEN),
    T.UNBIND_TOKEN: (T.BIND_TOKEN,),
    T.CLOSE_USER: (T.REGISTER_USER, T.BIND_TOKEN),
}


def _concerns(withdrawal: Call, call: Call, attempt: Attempt) -> bool:
    if withdrawal.transaction is T.CLOSE_USER:
        return withdrawal.customer == call.customer
    return withdrawal.token == (call.token or attempt.message.token)


def _same_subject(other: Call, call: Call, attempt: Attempt) -> bool:
    if other.transaction is T.REGISTER_USER:
        return other.customer == call.customer
    return other.token == (call.token or attempt.message.token)


def everything_ended(e: Evidence) -> Iterator[str]:
    """8: connections closed, tasks ended, counters at zero, no attempt left without an end."""
    if not e.in_time:
        yield "the world did not come to an end in time"
    if e.open_wires:
        yield f"{e.open_wires} connections are open"
    for life in e.lives:
        yield from life.left_over()
    for call in e.auditor.calls:
        if any(attempt.open for attempt in call.attempts):
            yield f"{call}: neither answered nor lost"


_NUMBER: Final = re.compile(r"\d+")


def no_secret(e: Evidence) -> Iterator[str]:
    """9: no code, seed, key or name in a log line, metric or repr; no customer in a log line."""
    codes = {s for s, kind in e.auditor.secrets.items() if kind == "code"}
    others = {s: kind for s, kind in e.auditor.secrets.items() if kind != "code"}
    # A sample's value is a number of ours; what a metric could leak stands in its labels.
    metrics = [
        line.rpartition(" ")[0]
        for life in e.lives
        for line in life.metrics_text().splitlines()
        if not line.startswith("#")
    ]
    where = [("log line", e.logs), ("metric", metrics), ("repr", e.auditor.reprs)]
    for what, texts in where:
        whole = "\n".join(texts)
        for number in sorted(codes.intersection(_NUMBER.findall(whole))):
            yield f"{what}: a code ({number}): {_line_with(number, texts)}"
        for secret, kind in others.items():
            if secret in whole:
                yield f"{what}: a {kind}: {_line_with(secret, texts)}"
    whole = "\n".join((*e.logs, *metrics))
    for person, kind in e.auditor.personal.items():
        if person in whole:
            yield f"log line: a {kind}: {_line_with(person, [*e.logs, *metrics])}"


def _line_with(text: str, lines: Iterable[str]) -> str:
    return next(line for line in lines if text in line)[:300]


def log_verifies(e: Evidence) -> Iterator[str]:
    """10: the audit finds nothing, and each token's entries are one chain."""
    tables = e.store.tables

    def opens(entry: Entry) -> bool:
        try:
            open_outcome(e.context, entry)
        except KeyMissing:
            return False
        return True

    def shard_log(shard: int) -> ShardLog:
        rows = e.store.log(shard)

        def read(start: int, stop: int | None) -> Iterable[StoredEntry]:
            return (
                r for r in rows if start <= r.entry.seq and (stop is None or r.entry.seq < stop)
            )

        return ShardLog(shard, read, tables.heads[shard], e.notes.get(shard, []))

    report = verify_log([shard_log(s) for s in sorted(tables.heads)], e.trust, open_sealed=opens)
    for finding in report.findings:
        yield f"audit verify: {finding}"
    for entry in e.entries.values():
        if not opens(entry):
            yield f"entry {entry.shard}:{entry.seq} does not open"
    yield from chains_of(e)[1]


def unrecorded_means_not_executed(e: Evidence) -> Iterator[str]:
    """11: what executed was no attempt that had been told it did not."""
    arrivals = defaultdict(list)
    for arrival in e.auditor.arrivals:
        if arrival.attempt is not None:
            arrivals[arrival.key].append(arrival)
    for key, entry in e.final.items():
        call = e.call_of(entry)
        if not entry.channel_id or is_claim(entry) or call is None:
            continue
        tried = [
            a.attempt
            for a in arrivals[key]
            if a.received_ms == entry.at_ms
            and entry.shard in e.shard_of_node[a.node]
            and a.attempt is not None
            and a.attempt.call is call
        ]
        if not tried:
            yield f"{call}: executed at {entry.at_ms}, when it did not arrive"
        elif all(_told_not_executed(attempt) for attempt in tried):
            codes = [attempt.code.name for attempt in tried if attempt.code]
            yield f"{call}: executed as {C(entry.result).name}, but was told {codes}"


def _told_not_executed(attempt: Attempt) -> bool:
    code = attempt.code
    return code is not None and not CODES[code].recorded and code is not C.OUTCOME_UNKNOWN


def questions_agree(e: Evidence) -> Iterator[str]:
    """12: queries and cancellations say what the log says, and never less than was known."""
    for call in e.auditor.calls:
        for attempt in call.attempts:
            if attempt.code is None:
                continue
            if call.transaction is T.QUERY_SERIAL:
                yield from _query_agrees(e, call, attempt)
            elif call.transaction is T.CANCEL_SERIAL and CODES[attempt.code].recorded:
                yield from _cancel_agrees(e, call, attempt)


def _query_agrees(e: Evidence, call: Call, attempt: Attempt) -> Iterator[str]:
    m = call.message
    key = (m.business_day or call.day, m.channel or call.channel_id, m.serial)
    entry = e.final.get(key)
    if attempt.code is C.ANSWERED:
        said = (attempt.message.of_shard, attempt.message.of_seq, attempt.message.of_result)
        if entry is None or (entry.shard, entry.seq, entry.result) != said:
            yield f"{call}: was told of {said}; there is {entry and (entry.shard, entry.seq)}"
    elif attempt.code is C.NOT_SEEN_YET:
        asked = e.auditor.by_key.get(key, [])
        if any(other.heard < attempt.sent for other in asked):
            yield f"{call}: not seen, though it had been answered"


def _cancel_agrees(e: Evidence, call: Call, attempt: Attempt) -> Iterator[str]:
    key = (call.message.business_day or call.day, call.channel_id, call.message.serial)
    entry = e.final.get(key)
    if attempt.code is C.CHANGED:
        if entry is None or not is_claim(entry):
            yield f"{call}: cancelled, and yet executed"
        elif attempt.message.of_state != QueryState.CANCELLED:
            yield f"{call}: cancelled, and says {attempt.message.of_state}"
    elif attempt.code is C.SERIAL_ALREADY_EXECUTED and (entry is None or is_claim(entry)):
        yield f"{call}: already executed, it was told; it was not"


def no_incident(e: Evidence) -> Iterator[str]:
    """13: no fault of the server's own."""
    yield from (f"log: {line[:1500]}" for line in e.incidents)


def summaries_add_up(e: Evidence) -> Iterator[str]:
    """14: the entries of the minutes account for each answer that has none of its own. A process
    that was killed, or stopped without a database, took its last counts with it.
    """
    if any(life.cut_off for life in e.lives):
        return
    said: Counter[str] = Counter()
    for entry in e.entries.values():
        if entry.phase == Phase.SUMMARY:
            said.update(msgspec.json.decode(open_outcome(e.context, entry).note)["counts"])
    counted: Counter[str] = Counter()
    for life in e.lives:
        counted.update(life.answers())
    for code in ResponseCode:
        row = CODES[code]
        if (
            not row.recorded
            and row.cls is not CodeClass.REJECT
            and said[row.name] != counted[row.name]
        ):
            yield f"{row.name}: answered {counted[row.name]} times, summed up {said[row.name]}"


CHECKERS: Final[dict[str, Callable[[Evidence], Iterator[str]]]] = {
    "1 one approval": one_approval,
    "2 entries": entries_match_answers,
    "3 same answer": same_answer,
    "5 token history": token_history,
    "6 withdrawn": withdrawn,
    "8 ended": everything_ended,
    "9 secrets": no_secret,
    "10 audit": log_verifies,
    "11 unrecorded": unrecorded_means_not_executed,
    "12 questions": questions_agree,
    "13 incidents": no_incident,
    "14 summaries": summaries_add_up,
}
"""4 (only authentic requests), 7 (limits) and 15 (turns of the channels) are seen by witnesses
while the world runs.
"""


def check(evidence: Evidence) -> list[tuple[str, str]]:
    """All that is wrong: (checker, what)."""
    found = list(evidence.auditor.problems)
    for name, checker in CHECKERS.items():
        found.extend((name, text) for text in checker(evidence))
    return found
