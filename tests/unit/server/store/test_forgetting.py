"""What lapsed long ago is forgotten, and nothing else; by a function, because the server's role may
delete nothing itself. A data key that a newer program needs is made at its first start.
"""

from __future__ import annotations

from tigertally_drivers.keys.software import MasterKey
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER
from tigertally_server.services import installation as installing
from tigertally_server.services.key_making import complete_keys
from tigertally_server.services.keyring import Purpose
from tigertally_server.store import installation as rows
from tigertally_server.store.keys import read_keys

DAY = 86_400_000
NOW = 100 * DAY


def count(conn, table):
    return conn.execute(f"SELECT count(*) FROM tigertally.{table}").fetchone()[0]


def fill(conn):
    for number, age in enumerate((0, DAY, 3 * DAY, 4 * DAY, 31 * DAY)):
        conn.execute(
            "INSERT INTO tigertally.challenge VALUES (%s, 1, 0, %s, 1, 0, 1, 1, 1, 1, '')",
            (bytes([number]) * 16, NOW - age),
        )
        conn.execute(
            "INSERT INTO tigertally.message VALUES "
            "(%s, 1, 0, %s, 0, 1, 1, 0, 1, 1, 'p', '', '', '', '')",
            (bytes([number]) * 16, NOW - age),
        )
        conn.execute(
            "INSERT INTO tigertally.send_count VALUES (1, 'x', %s, 0, 1)",
            (NOW - age,),
        )


def test_only_what_lapsed_long_ago_goes(database):
    with connect(database.dsn(APP)) as conn:
        fill(conn)
        assert rows.forget_lapsed(conn, NOW, 2) == 5
        assert rows.forget_lapsed(conn, NOW, 2) == 2
        assert rows.forget_lapsed(conn, NOW, 2) == 0
        assert [count(conn, t) for t in ("challenge", "message", "send_count")] == [2, 4, 2]


def test_verified_transactions_stay_for_a_month(database):
    with connect(database.dsn(APP)) as conn:
        fill(conn)
        conn.execute("UPDATE tigertally.challenge SET kind = 5")
        while rows.forget_lapsed(conn, NOW, 2):
            pass
        assert count(conn, "challenge") == 4


def test_missing_data_key_is_made_and_the_others_stay(database, clock, entropy):
    master = MasterKey(entropy.token_bytes(32), entropy)
    with connect(database.dsn(APP)) as conn:
        installing.install(conn, master, b"", 1, clock, entropy)
    with connect(database.dsn(OWNER)) as conn:
        conn.execute("DELETE FROM tigertally.key_record WHERE purpose = 'credential'")
    with connect(database.dsn(APP)) as conn:
        before = read_keys(conn)
        made = complete_keys(conn, master, clock, entropy)
        assert [key.purpose for key in made] == [Purpose.CREDENTIAL]
        assert complete_keys(conn, master, clock, entropy) == []
        after = read_keys(conn)
        assert after[:-1] == before
        keyring = installing.open_keyring(conn, master, entropy)
        assert keyring.current(Purpose.CREDENTIAL).id == after[-1].id
