"""Which operator may run which verb: one table for the whole command line.

A verb stands here by its words, or its group does for all of them. Whoever runs it is connected to
PostgreSQL in the first of its roles that he holds, so that the database refuses whatever this table
might have let through. Knows no command's meaning.

system: installs, configures, operates. security: keys, policies, customers, tokens, approvals.
auditor: reads the log, verifies it, reveals what is sealed in it.
"""

from __future__ import annotations

from typing import Final

import click

from tigertally_drivers.postgres.settings import APP, AUDITOR, SECURITY, SYSTEM

SERVICE: Final = (APP,)
"""The installation's own account: these verbs run the server or make the database, and need the
installation's own logins. An operator of another role than system may not run them.
"""
NOBODY: Final[tuple[str, ...]] = ()
"""Opens no installation."""

VERBS: Final[dict[str, tuple[str, ...]]] = {
    "serve": SERVICE,
    "migrate": SERVICE,
    "load": SERVICE,
    "check-config": NOBODY,
    "roll": NOBODY,
    "frame": NOBODY,
    "try": NOBODY,
    "channel": (SECURITY,),
    "channel list": (SYSTEM, SECURITY, AUDITOR),
    "channel show": (SYSTEM, SECURITY, AUDITOR),
    "channel change": (SYSTEM,),
    "channel enable": (SYSTEM,),
    "channel disable": (SYSTEM,),
    "user": (SECURITY,),
    "token": (SECURITY,),
    "token type list": (SYSTEM, SECURITY, AUDITOR),
    "token type show": (SYSTEM, SECURITY, AUDITOR),
    "card": (SECURITY,),
    "card open": NOBODY,  # the printing house's
    "import": (SECURITY,),
    "crypto": (SECURITY,),
    "crypto policy": NOBODY,
    "crypto self-test": NOBODY,
    "key": (SECURITY,),
    "key list": (SECURITY, AUDITOR),
    "key inventory": (SECURITY, AUDITOR),
    "key component": NOBODY,
    "key restore": SERVICE,
    "hsm": NOBODY,
    "password-policy": (SECURITY,),
    "password-policy list": (SYSTEM, SECURITY, AUDITOR),
    "password-policy show": (SYSTEM, SECURITY, AUDITOR),
    "flow-policy": (SECURITY,),
    "flow-policy list": (SYSTEM, SECURITY, AUDITOR),
    "flow-policy show": (SYSTEM, SECURITY, AUDITOR),
    "guess": (SECURITY, SYSTEM, AUDITOR),
    "sms": (SECURITY,),
    "sms queue": (SYSTEM,),
    "sms texts": (SYSTEM, SECURITY, AUDITOR),
    "audit": (AUDITOR,),
    "audit archive": SERVICE,
    "audit restore": SERVICE,
    "audit change-key": SERVICE,
    "report": (AUDITOR,),
    "approval": (SECURITY,),
    "approval list": (SECURITY, AUDITOR),
    "operator": (SECURITY,),
    "operator list": (SYSTEM, SECURITY, AUDITOR),
    "operator verbs": NOBODY,
}


def words_of(ctx: click.Context) -> str:
    """The verb that runs, without the program's name: `audit reveal`."""
    words: list[str] = []
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        words.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(words)


def roles_of(verb: str) -> tuple[str, ...] | None:
    """The roles that may run it, its own row before its group's; None: no row, so nobody."""
    words = verb.split(" ")
    for length in range(len(words), 0, -1):
        found = VERBS.get(" ".join(words[:length]))
        if found is not None:
            return found
    return None


def role_name(role: str) -> str:
    """As people say it."""
    return role.removeprefix("tigertally_")
