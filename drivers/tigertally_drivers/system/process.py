"""What the process itself must not leave behind."""

from __future__ import annotations

import resource


def forbid_core_dumps() -> None:
    """A process that dies writes no image of its memory, where every key lies open; nor do the
    processes that it starts, the embedded PostgreSQL among them.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
