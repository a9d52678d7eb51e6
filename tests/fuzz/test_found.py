"""What fuzzing found, once each."""

from __future__ import annotations

import pytest

from tigertally_drivers.tokenfile.jwe import SealedFileError, open_sealed
from tigertally_drivers.tokenfile.vendor_layout import LayoutError, parse_layout
from tigertally_fuzz.targets import PRIVATE
from tigertally_server import config
from tigertally_server.config import ConfigError

DEEP = "x = " + "[" * 5_000
LONG = "x = " + "9" * 5_000


@pytest.mark.parametrize(
    "text",
    [b"[server]\nnode = '\xb0'", DEEP.encode(), LONG.encode(), b"[server]\nlisten=['h:\xc2\xb2']"],
)
def test_a_configuration_that_is_no_toml_is_told_by_its_name(tmp_path, text):
    file = tmp_path / "server.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigError, match=r"server\.toml"):
        config.load(file)


@pytest.mark.parametrize("text", [DEEP, LONG])
def test_a_layout_that_is_no_toml_is_refused(text):
    with pytest.raises(LayoutError):
        parse_layout(text)


def test_a_sealed_file_whose_header_is_all_brackets_does_not_open():
    header = "W1tb" * 2_000  # base64url of [[[…
    with pytest.raises(SealedFileError):
        open_sealed(f"{header}.AA.AA.AA.AA", PRIVATE)
