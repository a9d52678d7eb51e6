"""A server whose cryptography answers wrongly does not serve."""

from __future__ import annotations

from tigertally_drivers.errors import Misbehaved
from tigertally_drivers.gm.opening import Opened
from tigertally_drivers.gm.verifying import PythonSm2
from tigertally_server.app import self_test


class Log:
    def __init__(self):
        self.said = []

    def warning(self, text, **more):
        self.said.append((text, more))


def test_all_is_well_here():
    log = Log()
    assert self_test.self_test(log) == ""


def test_a_fall_back_is_told(monkeypatch):
    log = Log()
    monkeypatch.setattr(self_test, "open_sm2", lambda: Opened(PythonSm2(), "no libcrypto"))
    assert self_test.self_test(log) == ""
    assert log.said == [("SM2 only verifies", {"why": "no libcrypto"})]


def test_wrong_answers_are_named(monkeypatch):
    monkeypatch.setattr(self_test, "wrong_answers", lambda: ["CMAC"])
    assert "CMAC" in self_test.self_test(Log())


def test_no_sound_sm2_at_all(monkeypatch):
    def broken():
        raise Misbehaved("SM2 self-test of python: refuses the standard's signature")

    monkeypatch.setattr(self_test, "open_sm2", broken)
    assert "refuses the standard's signature" in self_test.self_test(Log())
