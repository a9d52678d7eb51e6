"""A client that was written from docs/PROTOCOL.md alone, in Perl with nothing but sockets and
SHA-256, against a real server.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import inform

SCRIPT = Path(__file__).parents[1] / "stranger" / "verify.pl"


@pytest.fixture(scope="module")
def perl():
    found = shutil.which("perl")
    modules = ["-MDigest::SHA", "-MIO::Socket::INET", "-e1"]
    if found is None or subprocess.run([found, *modules], check=False).returncode:
        pytest.skip(
            "the stranger was NOT TESTED: no perl with its core modules (apt-get install perl)"
        )
    return found


class Stranger:
    def __init__(self, perl, server, line, customer):
        self._arguments = [
            perl,
            str(SCRIPT),
            *map(str, server.address),
            str(line.channel_id),
            line.master_key.hex(),
            str(line.version),
            INSTITUTION,
            customer,
        ]

    def verify(self, code):
        """What it wrote, line by line, and what it complained of."""
        done = subprocess.run(
            self._arguments,
            input=code + "\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout.splitlines(), done.stderr


async def test_it_signs_on_and_verifies_a_code(perl, server, house):
    line = house.add_channel(suite=1, field_cipher=0)
    (held,) = house.holders(1, "hotp-6")
    await inform(server)
    stranger = Stranger(perl, server, line, held.customer)
    for counter, code in ((0, C.APPROVED), (0, C.REPLAYED_CODE), (1, C.APPROVED)):
        said, complaint = stranger.verify(held.counter_code(counter))
        assert (said, complaint) == (["signed on", f"answer {int(code)}", "signed off"], "")


async def test_it_is_refused_with_another_key(perl, server, house):
    line = house.add_channel(suite=1, field_cipher=0)
    (held,) = house.holders(1, "hotp-6")
    await inform(server)
    stranger = Stranger(perl, server, line, held.customer)
    stranger._arguments[5] = "00" * 32
    said, complaint = stranger.verify(held.counter_code(0))
    assert said == []
    assert complaint == f"rejected: {int(C.SIGN_ON_REFUSED)}\n"


async def test_a_channel_that_seals_refuses_its_unsealed_question(perl, server, house):
    line = house.add_channel(suite=1, field_cipher=1)
    (held,) = house.holders(1, "hotp-6")
    await inform(server)
    said, complaint = Stranger(perl, server, line, held.customer).verify(held.counter_code(0))
    assert said == []
    assert complaint.startswith("rejected: ")
