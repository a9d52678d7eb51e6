"""FreeRADIUS 3.2 from Debian: TOTP by rlm_totp, secrets and log in PostgreSQL.

Each request reads the user's secret (`radcheck`) and writes a row of `radpostauth`, committed
before the answer goes out. Configuration: conf/radiusd.conf.
"""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from peers import processes
from peers.database import Database, database
from peers.measure import Run, summed_up
from peers.product import NotHere, Promises, Rig, filled_in, packages
from peers.radius import ACCESS_ACCEPT, LONGEST, access_request, code_of
from peers.radius_load import PATIENCE_S, RadiusLoad
from peers.workload import Attempt, Workload

PORT: Final = 18120
THREADS: Final = 16
IN_FLIGHT: Final = 64
SPARE: Final = 1024
SCHEMA: Final = Path("/etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql")
_DICTIONARY: Final = "$INCLUDE /usr/share/freeradius/dictionary\n"


class FreeRadius:
    """See the module's text."""

    name = "FreeRADIUS"
    promises = Promises(
        transport="UDP, PAP, shared secret, MD5",
        before_the_answer="a row of radpostauth, the code in clear, in a transaction of its own",
        log_can_be_checked="no: rows are neither signed nor chained",
    )

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._address = ("127.0.0.1", PORT)
        self._secret = os.urandom(16).hex().encode()
        self._marked = 0

    def install(self) -> Mapping[str, str]:
        packages("freeradius", "freeradius-utils", "freeradius-postgresql")
        if shutil.which("freeradius") is None:
            raise NotHere("there is no program `freeradius` after the installation")
        said = subprocess.run(["freeradius", "-v"], check=True, capture_output=True, text=True)
        return {"FreeRADIUS": said.stdout.split("Version ")[1].split(",")[0]}

    @contextmanager
    def at_work(self, folder: Path) -> Iterator[Rig]:
        with database(folder, "radius") as tables:
            self._fill(tables)
            values = {"STATE": str(folder), "SECRET": self._secret.decode(), "DSN": tables.dsn}
            text = filled_in("radiusd.conf", **values, PORT=str(PORT), THREADS=str(THREADS))
            (folder / "radiusd.conf").write_text(text)
            (folder / "dictionary").write_text(_DICTIONARY)
            command = ["freeradius", "-f", "-d", str(folder), "-n", "radiusd"]
            with processes.running(command, folder / "freeradius.log") as server:
                processes.wait_until(self._answers, "FreeRADIUS to answer")
                yield self._rig(server.pid, tables)

    def _fill(self, tables: Database) -> None:
        tables.execute(SCHEMA.read_text(encoding="utf-8"))
        people = self._workload.population
        with psycopg.connect(tables.dsn) as conn, conn.cursor() as cursor:
            wanted = b"COPY radcheck (username, attribute, op, value) FROM STDIN"
            with cursor.copy(wanted) as rows:
                for i in range(people.count):
                    secret = base64.b32encode(people.seed(i)).decode()
                    rows.write_row((people.customer(i), "TOTP-Secret", ":=", secret))
        tables.settle()

    def _answers(self) -> bool:
        try:
            return self._ask(self._workload.take(right=True))
        except (OSError, ValueError):
            return False

    def _ask(self, attempt: Attempt) -> bool:
        authenticator = os.urandom(16)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(PATIENCE_S)
            line.connect(self._address)
            user, code = attempt.user.encode(), attempt.code.encode()
            line.send(access_request(0, authenticator, self._secret, user, code))
            return code_of(line.recv(LONGEST), authenticator, self._secret) == ACCESS_ACCEPT

    def _load(self, seconds: float, per_s: float | None) -> Run:
        began = time.process_time()
        load = RadiusLoad(self._address, self._secret, self._workload)
        tally = load.run(seconds, in_flight=IN_FLIGHT if per_s is None else SPARE, per_s=per_s)
        return summed_up(tally, seconds, time.process_time() - began)

    def _rig(self, server: int, tables: Database) -> Rig:
        def mark() -> None:
            self._marked = tables.number("SELECT max(id) FROM radpostauth")

        def recorded(users: list[str]) -> int:
            tables.restart()
            return tables.number(
                "SELECT count(DISTINCT username) FROM radpostauth "
                "WHERE id > %s AND username = ANY(%s) AND reply = 'Access-Accept'",
                (self._marked, users),
            )

        return Rig(
            server=server,
            database=tables.pid,
            workload=self._workload,
            load=self._load,
            ask=self._ask,
            kill=lambda: processes.kill(server, tables.pid()),
            mark=mark,
            recorded=recorded,
            verified=lambda: "it has no check",
        )
