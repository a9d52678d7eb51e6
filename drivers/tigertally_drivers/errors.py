"""How a driver fails, for the audience that must decide what to tell the caller.

Four answers are enough, and each says something different about the outcome: *unavailable* and
*rejected* mean that nothing happened, *timed out* and *misbehaved* mean that it is not known. No
message here holds a secret or peer bytes.
"""

from __future__ import annotations


class DriverError(Exception):
    """The outside world let us down; the subclass says what is known about the outcome."""


class Unavailable(DriverError):
    """Could not be reached; nothing was executed. Worth another try later."""


class TimedOut(DriverError):
    """No answer in time; whether anything was executed is unknown."""


class Rejected(DriverError):
    """It answered, and said no; nothing was executed. Trying again unchanged is useless."""


class Misbehaved(DriverError):
    """It answered with something that its contract excludes; whether anything was executed is
    unknown.
    """
