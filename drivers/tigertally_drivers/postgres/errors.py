"""What can go wrong with the embedded database, told so that its operator knows what to do."""

from __future__ import annotations

from tigertally_drivers.errors import Unavailable


class ClusterError(Unavailable):
    """The embedded PostgreSQL is not running and can't be started; the message says what to do."""
