"""Flow policies at the command line."""

from __future__ import annotations

from typing import Any


def test_the_life_of_a_policy(tool: Any) -> None:
    made = tool.json("flow-policy", "add", "sign-in", "any( otp )", "--deadline", "90")
    assert (made["expression"], made["deadline_s"], made["tries"]) == ("otp", 90, 10)
    own = ("--institution", "0001")
    tool("flow-policy", "add", "sign-in", "order(otp)", *own, "--tries", "3")
    listed = tool.json("flow-policy", "list")
    assert [(row["institution"], row["tries"]) for row in listed] == [("", 10), ("0001", 3)]
    assert tool.json("flow-policy", "show", "sign-in")["otp"] == "VERIFY_OTP"
    tool("flow-policy", "remove", "sign-in")
    assert "there is no flow policy" in tool.fails("flow-policy", "show", "sign-in")
    assert [row["institution"] for row in tool.json("flow-policy", "list")] == ["0001"]
    assert tool.sql("SELECT count(*) FROM tigertally.flow_policy") == [(2,)]
    tool("flow-policy", "add", "sign-in", "otp")
    assert len(tool.json("flow-policy", "list")) == 2
    told = str(tool.json("audit", "show", "--limit", "8"))
    assert "flow policy remove" in told
    assert tool("audit", "verify", "--without-file").exit_code == 0


def test_what_can_not_be_read_is_explained(tool: Any) -> None:
    said = tool.fails("flow-policy", "add", "pay", "all(otp, thumb)")
    assert "there is no factor 'thumb'" in said
    assert "factors: " in said
    assert "would count twice" in tool.fails("flow-policy", "add", "pay", "all(otp, otp)")
    assert "name" in tool.fails("flow-policy", "add", "two words", "otp")
    assert "at most 12" in tool.fails("flow-policy", "add", "p", "otp", "--institution", "0" * 13)
    assert "remove" not in tool.fails("flow-policy", "remove", "pay")
    assert tool.json("flow-policy", "list") == []
