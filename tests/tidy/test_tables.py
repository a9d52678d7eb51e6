"""Tables are complete, and a thing that exists twice says the same in both places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tigertally_protocol import transactions
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.domain import token
from tigertally_server.domain.message import MessageState
from tigertally_server.metrics import Metrics
from tigertally_server.services.table import SERVICES

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server" / "tigertally_server"
SESSION = {Transaction.SIGN_ON, Transaction.SIGN_OFF, Transaction.HEARTBEAT, Transaction.KEY_CHANGE}


def sources(*folders: Path) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    )


def test_every_business_request_has_a_service_for_its_class_and_a_response():
    requests = {
        row.transaction: row
        for row in MESSAGES.values()
        if row.kind is Kind.REQUEST and row.transaction not in SESSION
    }
    for transaction, row in requests.items():
        assert SERVICES[transaction].message is row.cls, row.name
        assert (transaction, Kind.RESPONSE, row.schema) in MESSAGES
    on_the_wire = {code for code in SERVICES if code in set(Transaction)} - SESSION
    assert on_the_wire == set(requests)


def test_states_are_the_same_numbers_in_domain_and_protocol():
    for name in ("TokenState", "UserState"):
        domain, wire = getattr(token, name), getattr(transactions, name)
        assert {s.name: s.value for s in domain} == {s.name: s.value for s in wire if s.value}
    wire = transactions.MessageState
    stored = {s.name: s.value for s in MessageState}
    assert stored == {s.name: s.value for s in wire if s.value}


@pytest.mark.parametrize(
    "code", [c for c in ResponseCode if CODES[c].cls is not CodeClass.NONE], ids=lambda c: c.name
)
def test_every_code_is_given_by_somebody(code):
    """A code that nobody gives is a promise that nobody keeps."""
    pattern = rf"\b{code.name}\b"
    givers = sources(*(SERVER / name for name in ("domain", "services", "pipeline", "access")))
    protocol = sources(ROOT / "protocol").replace(
        (ROOT / "protocol/tigertally_protocol/codes.py").read_text(), ""
    )
    assert re.search(pattern, givers + protocol), f"{code.name} is given by nobody"


def test_every_metric_is_moved_by_somebody():
    text = sources(SERVER).replace((SERVER / "metrics.py").read_text(encoding="utf-8"), "")
    for name in {*vars(Metrics()), *vars(Metrics)} - {"registry"}:
        if not name.startswith("_"):
            assert re.search(rf"\.{name}\b", text), f"metric {name} is never moved"
