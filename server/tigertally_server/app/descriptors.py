"""Open files: as many as the configured connections need, raised at the start where the system
allows it, and said aloud where it doesn't.

Without it a server with `connections_max = 4096` under the usual soft limit of 1024 would stop
accepting at a quarter of what it was told, and its log and database would be short of files, too.
"""

from __future__ import annotations

import resource
from typing import Final

import structlog

OWN: Final = 256
"""Beside connections: database, log, listeners, published log, HSM, gateways."""


def make_room(connections_max: int) -> bool:
    """Raises this process's soft limit, and that of those it starts. False: the hard limit is too
    low for `connections_max`, which the log says.
    """
    wanted = connections_max + OWN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    reach = wanted if hard == unlimited else min(wanted, hard)
    if soft not in (unlimited, reach) and soft < reach:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reach, hard))
    if reach >= wanted:
        return True
    structlog.get_logger("server").warning(
        "fewer open files are allowed than server.connections_max needs: raise LimitNOFILE "
        "(systemd) or ulimit -n, or lower connections_max",
        allowed=hard,
        needed=wanted,
        connections_possible=max(0, hard - OWN),
    )
    return False
