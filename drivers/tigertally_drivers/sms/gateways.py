"""Finding a gateway's driver by its name. A new vendor is one module and one entry point.

An entry point of the group `tigertally.sms` names a `port.GatewayFactory`; our own drivers are
found the same way as anybody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Final

from tigertally_drivers.errors import Rejected
from tigertally_drivers.sms.port import SmsGateway, Surroundings

GROUP: Final = "tigertally.sms"


def known_gateways() -> tuple[str, ...]:
    """The names that the configuration may say, sorted."""
    return tuple(sorted({found.name for found in entry_points(group=GROUP)}))


def open_gateway(
    name: str, section: Mapping[str, object], surroundings: Surroundings
) -> SmsGateway:
    """Makes the gateway called `name`; it connects when it is run. Raises `Rejected` when there is
    no such driver or a setting is wrong.
    """
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        raise Rejected(
            f"no SMS driver is called {name!r}; there are: {', '.join(known_gateways())}"
        )
    factory = found[0].load()
    gateway: SmsGateway = factory(section, surroundings)
    return gateway
