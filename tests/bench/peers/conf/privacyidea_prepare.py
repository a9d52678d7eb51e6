"""Run by privacyIDEA's own interpreter: its realm, its policy, and a TOTP token for each user.

    python privacyidea_prepare.py pi.cfg users.csv

`users.csv`: customer number, seed in hex. The first token is made by the product itself; the others
are that one's rows with another serial and another seed, enciphered by the product's own function
and filled in by COPY, since making each through the API would take an hour.
"""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from privacyidea.app import create_app
from privacyidea.lib.crypto import encrypt, geturandom
from privacyidea.lib.policy import set_policy
from privacyidea.lib.realm import set_default_realm, set_realm
from privacyidea.lib.resolver import save_resolver
from privacyidea.lib.token import init_token
from privacyidea.lib.user import User
from privacyidea.models import db

CHUNK = 20_000
REALM = "bank"


def main() -> None:
    app = create_app(config_name="production", config_file=sys.argv[1], silent=True)
    app.config["PI_CHECK_RELOAD_CONFIG"] = 0
    with Path(sys.argv[2]).open(newline="") as stream:
        users = [(row[0], row[1]) for row in csv.reader(stream)]
    # A context each: within one the product looks at its configuration once.
    with app.app_context():
        fill(fill_users, users)
        make_realm(app.config["SQLALCHEMY_DATABASE_URI"])
    with app.app_context():
        # The code alone, without a PIN before it: no slow hash per request.
        set_policy("no-pin", scope="authentication", action="otppin=none", realm=REALM)
    with app.app_context():
        first = first_token(*users[0])
        fill(fill_tokens, users[1:], first.id)


def fill(rows: Callable[..., None], *arguments: Any) -> None:
    raw = db.engine.raw_connection()
    try:
        rows(raw.cursor(), *arguments)
        raw.commit()
    finally:
        raw.close()


def fill_users(cursor: Any, users: list[tuple[str, str]]) -> None:
    cursor.execute(
        "CREATE TABLE customers "
        "(id integer PRIMARY KEY, username text UNIQUE NOT NULL, surname text)"
    )
    text = "".join(f"{i}\t{name}\t{name}\n" for i, (name, _) in enumerate(users, 1))
    cursor.copy_expert("COPY customers FROM STDIN", io.StringIO(text))
    # The product asks with LIKE, which an index serves only if made for it.
    cursor.execute("CREATE INDEX ON customers (username text_pattern_ops)")


def make_realm(uri: str) -> None:
    parts = urlsplit(uri)
    query = parse_qs(parts.query)
    save_resolver(
        {
            "resolver": "customers",
            "type": "sqlresolver",
            "Driver": "postgresql+psycopg2",
            "Server": "",
            "Database": parts.path.lstrip("/"),
            "User": parts.username,
            "Table": "customers",
            "Map": '{"userid": "id", "username": "username", "surname": "surname"}',
            "conParams": f"host={query['host'][0]}&port={query['port'][0]}",
            "Limit": 500,
            "poolSize": 2,
        }
    )
    set_realm(REALM, [{"name": "customers"}])
    set_default_realm(REALM)


def first_token(name: str, seed: str) -> Any:
    parameters = {"type": "totp", "otpkey": seed, "serial": f"T{name}", "timeWindow": 30}
    return init_token(parameters, user=User(name, realm=REALM)).token


def fill_tokens(cursor: Any, users: list[tuple[str, str]], first: int) -> None:
    """Rows of `token`, `tokeninfo`, `tokenowner`, `tokenrealm` like the first token's."""
    cursor.execute("CREATE TEMP TABLE made (n integer, serial text, key_enc text, key_iv text)")
    for begin in range(0, len(users), CHUNK):
        lines = []
        for n, (name, seed) in enumerate(users[begin : begin + CHUNK], begin + 1):
            iv = geturandom(16)
            lines.append(f"{n}\tT{name}\t{encrypt(seed, iv)}\t{iv.hex()}\n")
        cursor.copy_expert("COPY made FROM STDIN", io.StringIO("".join(lines)))
    for table, changed in {
        "token": {
            "id": "first.id + made.n",
            "serial": "made.serial",
            "key_enc": "made.key_enc",
            "key_iv": "made.key_iv",
        },
        "tokeninfo": {"id": "nextval('tokeninfo_seq')", "token_id": "first.token_id + made.n"},
        "tokenowner": {
            "id": "nextval('tokenowner_seq')",
            "token_id": "first.token_id + made.n",
            "user_id": "made.n + 1",
        },
        "tokenrealm": {"id": "nextval('tokenrealm_seq')", "token_id": "first.token_id + made.n"},
    }.items():
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
        )
        columns = [row[0] for row in cursor.fetchall()]
        values = ", ".join(changed.get(name, f'first."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        mine = "id" if table == "token" else "token_id"
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} first, made "
            f"WHERE first.{mine} = %s",
            (first,),
        )
    cursor.execute("SELECT setval('token_seq', (SELECT max(id) FROM token))")


if __name__ == "__main__":
    main()
