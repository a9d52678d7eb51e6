"""The bank's own list of passwords that nobody may have."""

from __future__ import annotations

import pytest

from tigertally_engines.password.policy import DEFAULTS, PasswordForm
from tigertally_engines.password.rules import weakness
from tigertally_server.app import block_list
from tigertally_server.services.context import COMMON_PASSWORDS
from tigertally_server.services.installation import InstallationError


def judged(text, blocked):
    form = PasswordForm.PASSWORD
    return weakness(form, DEFAULTS[form], text, (), blocked)


def test_the_banks_words_count_beside_the_built_in_ones(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("Leaked-In-2025\n\n  谁动了我的奶酪9 \n", encoding="utf-8")
    blocked = block_list.blocked_passwords(str(file))
    for text in ("leaked-in-2025", "1eakedIn2025!", "谁动了我的奶酪9", "P@ssw0rd2026"):
        assert judged(text, blocked) == "common"
    assert judged("leaked-in-2025", COMMON_PASSWORDS) == ""


def test_no_file_is_no_list():
    assert block_list.blocked_passwords("") is COMMON_PASSWORDS


def test_what_cant_be_read_is_named(tmp_path, monkeypatch):
    with pytest.raises(InstallationError, match="No such file"):
        block_list.blocked_passwords(str(tmp_path / "none"))
    file = tmp_path / "bad"
    file.write_bytes(b"good\nb\xffd")
    with pytest.raises(InstallationError, match="byte 6"):
        block_list.blocked_passwords(str(file))
    monkeypatch.setattr(block_list, "LARGEST_BYTES", 3)
    with pytest.raises(InstallationError, match="larger"):
        block_list.blocked_passwords(str(file))
