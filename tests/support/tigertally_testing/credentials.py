"""What the Python client needs to sign on to servers of a test, without a file in between."""

from __future__ import annotations

from tigertally_client.credentials import ChannelCredentials, MasterKey
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.house import Line
from tigertally_testing.processes import ServerProcess


def credentials(line: Line, *servers: ServerProcess) -> ChannelCredentials:
    """Those of `channel add --key-out`, for these servers."""
    return ChannelCredentials(
        channel=line.channel_id,
        name=line.name,
        institution=INSTITUTION,
        suite=SuiteId(line.suite),
        field_cipher=FieldCipherId(line.field_cipher),
        charset=line.charset,
        key_version=line.version,
        master_key=MasterKey(line.master_key),
        servers=tuple("{}:{}".format(*server.address) for server in servers),
    )
