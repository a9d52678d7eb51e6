"""serve, migrate, check-config."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click
import msgspec
import trio

from tigertally_drivers.postgres.settings import APP
from tigertally_server import log
from tigertally_server.app.control import Taken
from tigertally_server.app.descriptors import make_room
from tigertally_server.app.environment import (
    Databases,
    Environment,
    open_databases,
    open_environment,
)
from tigertally_server.app.environment import migrate as migrate_schema
from tigertally_server.app.operators import log_in
from tigertally_server.app.serve import ServeError, bind, tls_of
from tigertally_server.app.serve import serve as run_server
from tigertally_server.app.supervisor import StartFailed, Supervisor
from tigertally_server.app.takeover import Inheritance, read_only_told
from tigertally_server.app.worker_link import Place
from tigertally_server.cli.demo import prepare_demo
from tigertally_server.cli.house import (
    house_of,
    load_config,
    open_house,
    opening_errors,
    person,
)
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    program,
    say,
    show_record,
    show_table,
)
from tigertally_server.cli.roles import SERVICE
from tigertally_server.config import Config


@click.command()
@click.option(
    "--demo",
    is_flag=True,
    help="Make a demo channel, customer and token first, for `tigertally try`.",
)
@click.option("--worker", default="", hidden=True)  # said by the supervisor to its workers
@click.option("--rehearse", is_flag=True, hidden=True)  # … to what would take its place
@click.pass_obj
def serve(config_path: Path | None, demo: bool, worker: str, rehearse: bool) -> None:
    """Run the verifying server until SIGTERM.

    Without a database in the configuration it runs its own PostgreSQL under `database.state_dir`.
    The first start installs:
    it makes the keys and says where they lie.
    """
    config = load_config(config_path)
    if rehearse:
        _rehearse(config)
        return
    place = Place.parse(worker) if worker else None
    log.set_up(config.log.level, config.log.format, place and place.slot)
    if place is None:
        make_room(config.server.connections_max)
    inheritance = Inheritance.left()
    if inheritance is not None:
        _supervise(config, config_path, inheritance)
        return
    with opening_errors():
        databases = open_databases(config)
        try:
            _serve(config, config_path, databases, place, demo=demo)
        except (ServeError, StartFailed, Taken) as problem:
            raise CommandError(str(problem)) from None
        finally:
            databases.close()


def _rehearse(config: Config) -> None:
    """Whether this program would get as far as taking over. The installation is opened by workers,
    and a supervisor whose workers don't start keeps the old ones.
    """
    try:
        tls_of(config)
        read_only_told()
    except (ServeError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"can't take over: {problem}") from None


def _serve(
    config: Config,
    config_path: Path | None,
    databases: Databases,
    place: Place | None,
    *,
    demo: bool,
) -> None:
    environment = _opened(config, databases, place, demo=demo)
    if place is not None:
        run_server(environment, config_path, lambda _: None, place)
    elif config.server.workers == 1:
        run_server(environment, config_path, partial(_ready, config, config_path, demo=demo))
    else:
        # It was opened to install, and to find mistakes before anything is started.
        environment.close()
        del environment
        _supervise(config, config_path, None, demo=demo)


def _supervise(
    config: Config,
    config_path: Path | None,
    inheritance: Inheritance | None,
    *,
    demo: bool = False,
) -> None:
    """After a takeover the database is the workers' alone: nothing that fails there may end what
    serves.
    """
    supervisor = Supervisor(config, config_path, bind, inheritance)
    trio.run(supervisor.run, partial(_ready, config, config_path, demo=demo))


def _ready(config: Config, config_path: Path | None, addresses: list[str], *, demo: bool) -> None:
    click.echo(f"tigertally {config.server.node} serves on {', '.join(addresses)}")
    hint = "try" if demo else "channel add NAME --institution CODE --key-out FILE"
    click.echo(f"next: {program(config_path)} {hint}")
    sys.stdout.flush()


def _opened(
    config: Config, databases: Databases, place: Place | None, *, demo: bool
) -> Environment:
    acting = log_in(databases, person(), "serve", SERVICE)
    environment = open_environment(config, databases, tell=say)
    if place is None:
        conn = databases.connect(APP)
        environment.ensure_partitions(conn)
        conn.close()
    if demo:
        with house_of(environment, acting) as house:
            prepare_demo(house)
    return environment


@click.command()
@json_option
@click.pass_obj
def migrate(config_path: Path | None, as_json: bool) -> None:
    """Bring the database schema up to date, as its owner.

    Needs `database.owner_dsn` where the DSN's user is not the owner. Safe to run at any time, also
    while servers run.
    """
    config = load_config(config_path)
    with opening_errors():
        databases = open_databases(config)
        try:
            log_in(databases, person(), "migrate", SERVICE)
            done = migrate_schema(databases)
        finally:
            databases.close()
    if done:
        with open_house(config_path) as house:
            house.act("migrate", {"migrations": ", ".join(m.name for m in done)})
    rows = [{"number": f"{m.number:04d}", "name": m.name, "sha256": m.sha256[:16]} for m in done]
    show_table(rows, as_json=as_json, none="the schema is up to date")


@click.command("check-config")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def check_config(config_path: Path | None, file: Path | None, as_json: bool) -> None:
    """Check a configuration file and show every value in force. Opens no database."""
    path = file or config_path
    config = load_config(path)
    values = msgspec.to_builtins(config)
    if as_json:
        show_record(values, as_json=True)
        return
    flat = {
        f"{section}.{key}": value for section, keys in values.items() for key, value in keys.items()
    }
    show_record(flat, as_json=False)
    click.echo(f"\n{path or 'no file: defaults'}: in order")
