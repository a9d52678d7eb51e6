"""The embedded cluster's configuration, as the text of its files.

Durability is not negotiable: fsync, synchronous_commit, full-page writes and checksums are on.
Write-ahead-log distance is what the hot path needs (few checkpoints, because each one makes the
next write of every page a full page). Logs carry no DETAIL and no statement text, which may quote a
customer's data.

Pure: paths and names in, text out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SUPERUSER: Final = "tigertally_cluster"  # for the cluster manager's own work only
OWNER: Final = "tigertally_owner"
APP: Final = "tigertally_app"
AUDITOR: Final = "tigertally_auditor"
SYSTEM: Final = "tigertally_system"
SECURITY: Final = "tigertally_security"
OPERATOR_ROLES: Final = (SYSTEM, SECURITY, AUDITOR)
ROLES: Final = (OWNER, APP, *OPERATOR_ROLES)
OPERATOR_LOGIN: Final = "tigertally_op_"  # the beginning of every operator's own login
DATABASE: Final = "tigertally"
PORT: Final = 5432

_IDENT_MAP: Final = "tigertally"


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What an operator may choose; `extra` goes into the file as it stands and wins."""

    shared_buffers_mb: int = 256
    max_connections: int = 50
    max_wal_size_mb: int = 4096
    checkpoint_timeout_s: int = 900
    start_timeout_s: int = 300  # a crash recovery of 4 GB of log takes its time
    stop_timeout_s: int = 60
    lock_timeout_s: int = 330
    extra: Mapping[str, str] = field(default_factory=dict)


def fitting_shared_buffers_mb() -> int:
    """A quarter of the machine's memory, between 128 MB and 8 GB, as PostgreSQL's manual advises.

    Memory that holds no page yet is not used, so a small database stays small.
    """
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(128, min(8192, memory_mb // 4))


def cluster_name(data: Path) -> str:
    """The tag in the titles of this cluster's processes, by which they are told from others'."""
    return f"tigertally-{hashlib.sha256(str(data).encode()).hexdigest()[:10]}"


def render_configuration(settings: ClusterSettings, data: Path, sockets: Path) -> str:
    """The included configuration file: one line per setting."""
    values: dict[str, str] = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "cluster_name": cluster_name(data),
        "max_connections": str(settings.max_connections),
        "shared_buffers": f"{settings.shared_buffers_mb}MB",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # pglz is all that this build has, and processor time is scarcer than the disk's room.
        "wal_compression": "off",
        "wal_buffers": "16MB",
        "max_wal_size": f"{settings.max_wal_size_mb}MB",
        "checkpoint_timeout": f"{settings.checkpoint_timeout_s}s",
        "checkpoint_completion_target": "0.9",
        # Parallel queries need /dev/shm, which is tiny in containers, and would take the server's
        # processors.
        "max_parallel_workers_per_gather": "0",
        # Tidying up may take its time: at the usual pace it takes most of a processor for seconds,
        # and every request waits. Rows are found by key, so samples may be small.
        "autovacuum_vacuum_cost_delay": "10ms",
        "default_statistics_target": "25",
        "jit": "off",
        "timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_checkpoints": "off",
        **settings.extra,
    }
    lines = [f"{name} = {_quote(value)}" for name, value in values.items()]
    return (
        "# Written by tigertally at every start; changes here are lost.\n" + "\n".join(lines) + "\n"
    )


def render_hba() -> str:
    """Who may come in: over the Unix socket, as the operating system says who they are."""
    return f"local all all peer map={_IDENT_MAP}\n"


def render_ident(users: set[str]) -> str:
    """Which operating-system users may be which role.

    The accounts that run the product may be each; they vouch for the operator behind sudo. Any
    other user may be the operator of the same name.
    """
    roles = (SUPERUSER, *ROLES, f'"/^{OPERATOR_LOGIN}[a-z0-9_-]+$"')
    rows = [f'{_IDENT_MAP} "{user}" {role}' for user in sorted(users) for role in roles]
    rows.append(f'{_IDENT_MAP} "/^([a-z0-9_-]+)$" {OPERATOR_LOGIN}\\1')
    return "\n".join(rows) + "\n"


def bootstrap_statements() -> tuple[str, ...]:
    """What turns a new cluster into ours; each is one line, as single-user mode wants it."""
    return (
        *(f"CREATE ROLE {role} LOGIN" for role in ROLES),
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {', '.join((APP, *OPERATOR_ROLES))}",
    )


def _quote(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
