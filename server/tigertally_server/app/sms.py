"""The dispatcher of this process, made from the configuration: which gateway, which outbox."""

from __future__ import annotations

from tigertally_drivers.postgres.settings import APP
from tigertally_drivers.sms.gateways import open_gateway
from tigertally_drivers.sms.port import SmsGateway, Surroundings
from tigertally_server.app.environment import Environment
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.dispatch import Dispatcher
from tigertally_server.store.outbox import PostgresOutbox


def gateway_of(environment: Environment) -> SmsGateway:
    """The gateway that `[sms]` names. Raises the drivers' Rejected."""
    section = environment.config.sms
    surroundings = Surroundings(
        environment.clock, environment.entropy, environment.config.state_dir
    )
    return open_gateway(section.gateway, section.driver_section(), surroundings)


def outbox_of(environment: Environment) -> PostgresOutbox:
    """The outbox, on a connection of its own."""
    return PostgresOutbox(lambda: environment.databases.connect(APP))


def dispatcher_of(environment: Environment, metrics: Metrics) -> Dispatcher | None:
    """None where no gateway is configured: nothing is queued then, either. Raises Rejected."""
    section = environment.config.sms
    if not section.gateway:
        return None
    return Dispatcher(
        section.gateway,
        gateway_of(environment),
        outbox_of(environment),
        environment.context,
        environment.clock,
        metrics,
        at_once=section.sends_at_once,
    )
