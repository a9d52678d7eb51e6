"""privacyIDEA from PyPI, in a virtual environment of its own, served by gunicorn.

Users in PostgreSQL behind its SQL resolver, tokens, counters and the signed audit in its own tables
of the same database. Configuration: conf/pi.cfg; preparation: conf/privacyidea_prepare.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from peers import processes
from peers.database import Database, database
from peers.http_load import HttpLoad
from peers.measure import Run, summed_up
from peers.product import CONF, ROOT, NotHere, Promises, Rig, filled_in
from peers.workload import Attempt, Workload

VERSION: Final = "3.14"
PINNED: Final = (f"privacyidea=={VERSION}", "gunicorn==23.0.0", "psycopg2-binary==2.9.13")
HOME: Final = ROOT / f"build/peers/privacyidea-{VERSION}"
PORT: Final = 18080
WORKERS: Final = 3
IN_FLIGHT: Final = 6
SPARE: Final = 32
_SETUP: Final = ("create_enckey", "create_audit_keys", "create_tables")
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_PATIENCE_S: Final = 60


class PrivacyIdea:
    """See the module's text."""

    name = "privacyIDEA"
    promises = Promises(
        transport="HTTP (no TLS here)",
        before_the_answer="counters and an audit row, in about seven transactions",
        log_can_be_checked="row by row: an RSA signature each, no chain over them",
    )

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._marked = 0

    def install(self) -> Mapping[str, str]:
        ready = HOME / "ready"
        if not ready.exists() or ready.read_text() != " ".join(PINNED):
            try:
                subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
                pip = [str(HOME / "bin/python"), "-m", "pip", "install", "--quiet", *PINNED]
                subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError) as problem:
                raise NotHere(f"{' '.join(PINNED)} could not be installed") from problem
            ready.write_text(" ".join(PINNED))
        return dict(pin.split("==", 1) for pin in PINNED)

    @contextmanager
    def at_work(self, folder: Path) -> Iterator[Rig]:
        with database(folder, "privacyidea") as tables:
            self._fill(tables, folder)
            options = f'config_name="production", config_file="{folder}/pi.cfg", silent=True'
            command = [str(HOME / "bin/gunicorn"), f"--workers={WORKERS}"]
            command += [f"--bind=127.0.0.1:{PORT}", "--timeout=120", "--log-level=warning"]
            command += [f"privacyidea.app:create_app({options})"]
            with processes.running(command, folder / "gunicorn.log") as server:
                for _ in range(WORKERS):
                    processes.wait_until(self._answers, "privacyIDEA to answer", 120)
                yield self._rig(server.pid, tables)

    def _fill(self, tables: Database, folder: Path) -> None:
        place = f"{tables.member('user')}@/privacyidea?host={tables.member('host')}&port=5432"
        text = filled_in(
            "pi.cfg",
            STATE=str(folder),
            SECRET=os.urandom(24).hex(),
            URI=f"postgresql+psycopg2://{place}",
        )
        (folder / "pi.cfg").write_text(text)
        log = (folder / "prepare.log").open("ab")
        environment = os.environ | {"PRIVACYIDEA_CONFIGFILE": str(folder / "pi.cfg")}
        users = folder / "users.csv"
        users.touch(0o600)
        people = self._workload.population
        with users.open("w") as stream:
            for i in range(people.count):
                stream.write(f"{people.customer(i)},{people.seed(i).hex()}\n")
        prepare = [str(HOME / "bin/python"), str(CONF / "privacyidea_prepare.py")]
        with log:
            for command in (
                *([str(HOME / "bin/pi-manage"), "setup", what] for what in _SETUP),
                [*prepare, str(folder / "pi.cfg"), str(users)],
            ):
                subprocess.run(command, check=True, env=environment, stdout=log, stderr=log)
        users.unlink()
        tables.settle()

    def _answers(self) -> bool:
        try:
            return self._ask(self._workload.take(right=True))
        except (OSError, HTTPException, ValueError):
            return False

    def _ask(self, attempt: Attempt) -> bool:
        connection = HTTPConnection("127.0.0.1", PORT, timeout=_PATIENCE_S)
        try:
            body = urllib.parse.urlencode({"user": attempt.user, "pass": attempt.code})
            connection.request("POST", "/validate/check", body, _FORM)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        finally:
            connection.close()
        result = told.get("result", {}) if answer.status == 200 else {}
        if not result.get("status") or not isinstance(result.get("value"), bool):
            raise ValueError(f"status {answer.status}")
        return bool(result["value"])

    def _load(self, seconds: float, per_s: float | None) -> Run:
        began = time.process_time()
        load = HttpLoad(self._ask, self._workload)
        tally = load.run(seconds, in_flight=IN_FLIGHT if per_s is None else SPARE, per_s=per_s)
        return summed_up(tally, seconds, time.process_time() - began)

    def _rig(self, server: int, tables: Database) -> Rig:
        def mark() -> None:
            self._marked = tables.number("SELECT max(id) FROM pidea_audit")

        def recorded(users: list[str]) -> int:
            tables.restart()
            return tables.number(
                'SELECT count(DISTINCT "user") FROM pidea_audit '
                'WHERE id > %s AND "user" = ANY(%s) AND success = 1',
                (self._marked, users),
            )

        def verified() -> str:
            unsigned = tables.number(
                "SELECT count(*) FROM pidea_audit WHERE id > %s AND coalesce(signature, '') = ''",
                (self._marked,),
            )
            return f"{unsigned} rows without a signature"

        return Rig(
            server=server,
            database=tables.pid,
            workload=self._workload,
            load=self._load,
            ask=self._ask,
            kill=lambda: processes.kill(server, tables.pid()),
            mark=mark,
            recorded=recorded,
            verified=verified,
        )
