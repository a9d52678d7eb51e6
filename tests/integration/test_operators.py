"""Operators in three roles, on an installation whose roles are separated: what each may do on the
command line and straight in the database, and that nobody can read, change and approve alone.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tigertally_drivers.postgres.settings import AUDITOR, OPERATOR_ROLES, SECURITY, SYSTEM
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.audit_reveal import ERASED
from tigertally_server.cli.main import cli
from tigertally_server.cli.roles import NOBODY, SERVICE, VERBS, roles_of
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.house import House
from tigertally_testing.processes import reachable_folder

DENIED = psycopg.errors.InsufficientPrivilege
PEOPLE = {"sys": SYSTEM, "sec": SECURITY, "sec2": SECURITY, "aud": AUDITOR}
NAME, MOBILE = "欧阳玛瑙", "13912345678"


class Office:
    """The command line as one operator after another."""

    def __init__(self, house, config, monkeypatch):
        self.house, self.config, self._monkeypatch = house, config, monkeypatch

    def run(self, person, *arguments):
        with self._monkeypatch.context() as patch:
            patch.setenv("SUDO_USER", person)
            result = CliRunner().invoke(cli, ["-c", str(self.config), *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def tell(self, person, *arguments):
        result = self.run(person, *arguments)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.stdout

    def refused(self, person, *arguments, status=1):
        result = self.run(person, *arguments)
        assert result.exit_code == status, result.output
        return result.stderr

    @contextmanager
    def sql(self, person):
        """As somebody with a login and no program of ours."""
        cluster = self.house.cluster
        with psycopg.connect(cluster.dsn(f"tigertally_op_{person}"), autocommit=True) as conn:
            yield conn

    def root(self, statement, *values):
        cluster = self.house.cluster
        with psycopg.connect(cluster.superuser_dsn("tigertally"), autocommit=True) as conn:
            cursor = conn.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def installed():
    with reachable_folder() as folder, House(folder / "state") as house:
        config = folder / "office.toml"
        state = json.dumps(str(house.state_dir))
        config.write_text(f"[database]\nstate_dir = {state}\nshared_buffers_mb = 32\n")
        yield SimpleNamespace(house=house, config=config)


@pytest.fixture(scope="module")
def separated(installed):
    with pytest.MonkeyPatch.context() as patch:
        office = Office(installed.house, installed.config, patch)
        few = office.refused("root", "operator", "add", "sys:system", "--reason", "x")
        assert "two security" in few
        people = [
            f"{name}:{role.removeprefix('tigertally_').replace('auditor', 'audit')}"
            for name, role in PEOPLE.items()
        ]
        office.tell("root", "operator", "add", *people, "--reason", "installation")
    return installed


@pytest.fixture
def office(separated, monkeypatch):
    return Office(separated.house, separated.config, monkeypatch)


@pytest.fixture
def entry(office):
    """Of a customer with a name: (place, user id)."""
    (held,) = office.house.holders(1, name=NAME)
    (row,) = office.root(
        "SELECT e.shard || ':' || e.seq, e.user_id FROM tigertally.entry e JOIN tigertally.account a ON a.id = e.user_id "  # noqa: E501
        "WHERE a.customer = %s AND e.transaction = %s",
        held.customer,
        int(Transaction.REGISTER_USER),
    )
    return SimpleNamespace(place=row[0], user_id=row[1], customer=held.customer)


def leaves(group, words=()):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*words, name))
        else:
            yield " ".join((*words, name))


LEAVES = sorted(leaves(cli))


# ---------------------------------------------------------------- the command line


def test_every_verb_has_its_roles():
    assert [verb for verb in LEAVES if roles_of(verb) is None] == []
    groups = {verb for leaf in LEAVES for verb in (leaf, *_prefixes(leaf))}
    assert [verb for verb in VERBS if verb not in groups] == [], "rows of verbs that don't exist"


def _prefixes(leaf):
    words = leaf.split(" ")
    return [" ".join(words[:length]) for length in range(1, len(words))]


# What is looked at before the installation is opened, so that it must be right for the role to matter.  # noqa: E501
EXACT = {
    "audit report": "--entry 0:0 --out {fresh}.html",
    "card make": "--institution 1 --count 1 --first K1 --printer-key {public} --out {fresh}",
    "channel add": "x1 --institution 1 --key-out {fresh}",
    "channel rotate-key": "x1 --key-out {fresh}",
    "flow-policy add": "x1 otp",
    "key backup": "--out {fresh} --key-file {master}",
    "key ceremony": "zone-master --owner channel/1 --component {part1} --component {part2}",
    "operator add": "zz:audit --reason x1",
    "password-policy set": "password min_length=12",
    "token add": "x1 --institution 1 --type totp-6 --show-uri",
    "token protect": "x1 --institution 1 --in device",
    "token set-pin": "x1 --institution 1 --customer x1 --pin-file {digits}",
    "token type set": "x1 digits=8 algorithm=totp",
    "user set-password": "x1 --institution 1 --password-file {digits}",
}


@pytest.fixture(scope="module")
def files(installed):
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    contents = {
        "private": key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        "public": key.public_key().public_bytes(
            pem, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "secret": b"x1",
        "digits": b"31415926\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        places = {name: f"{folder}/{name}" for name in ("fresh", "part1", "part2")}
        places["master"] = str(installed.house.config.master_key_file)
        drawn = ["key", "component", "new", "--out", places["part1"], "--out", places["part2"]]
        assert CliRunner().invoke(cli, drawn).exit_code == 0
        for name, content in contents.items():
            places[name] = f"{folder}/{name}"
            Path(places[name]).write_bytes(content)
            Path(places[name]).chmod(0o600)
        yield places


def _filled(verb, files):
    """A call that names everything the verb demands, so that only the role can refuse it."""
    words = verb.split(" ")
    if verb in EXACT:
        return [*words, *EXACT[verb].format(**files).split(" ")]
    command: Any = cli
    for word in words:
        command = command.get_command(click.Context(command), word)
    filled = []
    for parameter in command.params:
        if not parameter.required:
            continue
        value = _value(parameter)
        filled += [parameter.opts[-1], value] if isinstance(parameter, click.Option) else [value]
    return [*words, *filled]


def _value(parameter):
    match parameter.type:
        case click.Choice(choices=choices):
            return str(next(iter(choices)))
        case click.Path(exists=True):
            return __file__
        case click.File():
            return __file__
        case click.IntRange() | click.FloatRange():
            return str(int(parameter.type.min or 1))
        case kind if kind is click.INT:
            return "1"
        case _ if parameter.name == "place_text":
            return "0:0"
    return "x1"


@pytest.mark.parametrize("person", ["sys", "sec", "aud"])
@pytest.mark.parametrize("verb", [v for v in LEAVES if roles_of(v) not in (NOBODY, SERVICE)])
def test_who_may_run_what(office, files, verb, person):
    """Refused by role before anything else is looked at, and by nothing of the kind otherwise."""
    wanted = roles_of(verb) or ()
    result = office.run(person, *_filled(verb, files))
    says = f"`{verb}` is for"
    if PEOPLE[person] in wanted:
        assert says not in result.output
        assert "42501" not in result.output, "the role lacks what its own verb needs"
    else:
        assert result.exit_code == 1, result.output
        assert says in result.stderr, result.output


@pytest.mark.parametrize("verb", ["migrate"])
def test_the_service_s_own_verbs_are_for_system(office, verb):
    assert office.run("sys", verb).exit_code == 0
    for person in ("sec", "aud"):
        assert "is for system operators" in office.refused(person, verb)


def test_a_stranger_is_no_operator(office):
    assert "no operator of this installation" in office.refused("mallory", "audit", "verify")


# ---------------------------------------------------------------- straight in the database

READ, CHANGE, ADD, DELETE = "SELECT", "UPDATE", "INSERT", "DELETE"
MAY = {
    # table: who reads all of it, who changes it, who adds to it; nobody else
    "entry": ("aud", "", ""),
    "entry_operator": ("aud", "", ""),
    "checkpoint": ("aud", "", ""),
    "shard_head": ("sys sec aud", "", ""),
    "account": ("sec", "sec", "sec"),
    "token": ("sec", "sec", "sec"),
    "token_state": ("sec", "sec", "sec"),
    "credential": ("sec", "sec", "sec"),
    "challenge": ("sec", "sec", "sec"),
    "message": ("sec", "sec", "sec"),
    "channel_key": ("sec", "sec", "sec"),
    "channel": ("sys sec aud", "sys sec", "sys sec"),
    "token_type": ("sys sec aud", "sec", "sec"),
    "password_policy": ("sys sec aud", "sec", "sec"),
    "flow_policy": ("sys sec aud", "sec", "sec"),
    "key_record": ("sys sec aud", "sec", "sec"),
    "approval": ("sys sec aud", "", ""),
    "dual_control": ("sys sec aud", "", ""),
    "installation": ("sys sec aud", "", ""),
    "checkpoint_key": ("sys sec aud", "", "sec"),
    "audit_round": ("sys sec aud", "", ""),
    "audit_published": ("sys sec aud", "", ""),
    "archive": ("sys sec aud", "", ""),
    "archive_shard": ("sys sec aud", "", ""),
    "archive_leaves": ("sys sec aud", "", ""),
    "config_epoch": ("sys sec aud", "sys sec", ""),
    "import_job": ("sec aud", "sec", "sec"),
    "import_chunk": ("sec aud", "sec", "sec"),
    "import_token": ("sec", "", "sec"),
    "rewrap": ("sec", "sec", "sec"),
    "send_count": ("sec", "sec", "sec"),
}
DELETES = {("sec", "import_token")}
"""What was only put aside until an import takes it over."""


def test_every_table_has_its_row(office):
    tables = office.root(
        "SELECT relname FROM pg_class WHERE relnamespace = 'tigertally'::regnamespace "
        "AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition"
    )
    assert {name for (name,) in tables} == set(MAY)


@pytest.mark.parametrize("person", ["sys", "sec", "aud"])
@pytest.mark.parametrize("table", MAY)
def test_who_may_do_what_in_the_database(office, table, person):
    """Each refusal is PostgreSQL's own; what is allowed is tried with rows that match nothing."""
    readers, changers, adders = (words.split() for words in MAY[table])
    with office.sql(person) as conn:
        columns = [
            row[0]
            for row in conn.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",  # noqa: E501
                (f"tigertally.{table}",),
            )
        ]
        tries = {
            READ: (f"SELECT * FROM tigertally.{table} LIMIT 1", person in readers),
            CHANGE: (
                f"UPDATE tigertally.{table} SET {columns[1]} = {columns[1]} WHERE false",
                person in changers,
            ),
            ADD: (
                f"INSERT INTO tigertally.{table} SELECT * FROM tigertally.{table} WHERE false",
                person in adders,
            ),
            DELETE: (f"DELETE FROM tigertally.{table} WHERE false", (person, table) in DELETES),
            "TRUNCATE": (f"TRUNCATE tigertally.{table}", False),
            "DDL": (f"ALTER TABLE tigertally.{table} ADD COLUMN mine integer", False),
        }
        for what, (statement, allowed) in tries.items():
            if allowed:
                conn.execute(statement)
            else:
                with pytest.raises(DENIED):  # noqa: PT012
                    conn.execute(statement)
                    pytest.fail(what)


@pytest.mark.parametrize("person", ["sys", "sec", "aud"])
def test_nobody_becomes_somebody_else(office, person):
    with office.sql(person) as conn:
        for role in {*OPERATOR_ROLES, "tigertally_app", "tigertally_owner"} - {PEOPLE[person]}:
            with pytest.raises(DENIED):
                conn.execute(f"SET ROLE {role}")
        for statement in (
            "CREATE ROLE mine",
            f"GRANT {SECURITY} TO tigertally_op_sys",
            "CREATE TABLE tigertally.mine (a integer)",
            "COPY tigertally.entry TO PROGRAM 'cat'",
            "SELECT pg_read_file('/etc/passwd')",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(DENIED):
                conn.execute(statement)


def test_what_an_operator_may_not_append(office, entry):
    """The house's own acts, in their place, and the head no farther than that."""
    row = (
        "'{0}', '{99999999}', '{20000}', '{%s}', '{1}', '{%s}', '{1}', '{1}', '{1}', '{\"\"}', '{0}', '{0}', '{0}', "  # noqa: E501
        "'{0}', '{\"\"}', '{1}', '{\"\"}', '{1}', '{\"\"}', '{1}', '{\"\"}'"
    )
    for person in ("sys", "sec", "aud"):
        with office.sql(person) as conn:
            for channel, phase in ((7, 6), (0, 0)):
                with pytest.raises(DENIED, match="of the house only"):
                    conn.execute("SELECT tigertally.append_entries(" + row % (channel, phase) + ")")
            (size,) = conn.execute(
                "SELECT size FROM tigertally.shard_head WHERE shard = 0"
            ).fetchone()
            for new in (size + 1, size, size - 1):
                with pytest.raises(DENIED, match="by entries that were appended"):
                    conn.execute(
                        "SELECT tigertally.advance_head(%s, '', '', '', 0::smallint, %s)",
                        (new, size),
                    )


# ---------------------------------------------------------------- dual control


def asked(office, person, *arguments):
    """A request's number."""
    said = office.refused(person, *arguments, status=3)
    return int(said.split("request ")[1].split(":")[0])


def acts(office, count=1):
    """The operators' latest acts, (act, operator), the latest first."""
    shown = office.tell(
        "aud", "audit", "show", "--channel", "house", "--limit", count + 1, "--json"
    )
    return [row["act"] for row in shown["entries"] if row.get("act", "audit show") != "audit show"][
        :count
    ]


def test_an_entry_is_revealed_by_two(office, entry):
    reveal = ("audit", "reveal", "--entry", entry.place, "--reason", "complaint 7")
    number = asked(office, "aud", *reveal)
    assert acts(office) == ["approval request"]
    assert asked(office, "aud", *reveal) == number, "asked twice is asked once"
    shown = office.tell("sec", "approval", "show", number, "--json")
    assert (shown["subject"], shown["reason"], shown["state"]) == (
        entry.place,
        "complaint 7",
        "requested",
    )
    office.tell("sec", "approval", "approve", number)
    revealed = office.tell("aud", *reveal, "--json")
    assert revealed["personal"]["customer"] == entry.customer
    assert revealed["approval"] == number
    assert acts(office, 3) == ["audit reveal", "approval approve", "approval show"]
    # Once: the next time it is asked for again.
    assert asked(office, "aud", *reveal) != number


def test_an_approval_is_for_one_entry_one_operator_and_a_time(office, entry):
    number = asked(office, "aud", "audit", "reveal", "--entry", entry.place, "--reason", "x")
    office.tell("sec", "approval", "approve", number)
    other = entry.place.split(":")[0] + ":0"
    assert asked(office, "aud", "audit", "reveal", "--entry", other, "--reason", "x") != number
    use = "SELECT tigertally.use_approval(%s, 'audit reveal', %s)"
    with office.sql("aud") as conn, pytest.raises(DENIED, match="not for this"):
        conn.execute(use, (number, other))
    with office.sql("sec") as conn, pytest.raises(DENIED, match="not by you"):
        conn.execute(use, (number, entry.place))
    office.root("UPDATE tigertally.approval SET expires_at = 1 WHERE id = %s", number)
    with office.sql("aud") as conn, pytest.raises(DENIED, match="too late"):
        conn.execute(use, (number, entry.place))
    assert (
        asked(office, "aud", "audit", "reveal", "--entry", entry.place, "--reason", "x") != number
    )


def test_nobody_decides_on_a_request_of_his_own(office, entry):
    office.house.holders(1)
    number = asked(office, "sec", "approval", "rule", "user erase", "--valid-h", 2, "--reason", "x")
    assert "your own" in office.refused("sec", "approval", "approve", number)
    assert acts(office) == ["approval approve denied"]
    decide = "SELECT tigertally.decide_approval(%s, true, %s)"
    with office.sql("sec") as conn, pytest.raises(DENIED, match="of his own"):
        conn.execute(decide, (number, "somebody"))
    with office.sql("sec2") as conn, pytest.raises(DENIED, match="of his own"):
        conn.execute(decide, (number, "sec"))  # another login of the same person
    for person in ("aud", "sys"):
        with office.sql(person) as conn, pytest.raises(DENIED):
            conn.execute(decide, (number, person))
    office.tell("sec2", "approval", "refuse", number)
    assert acts(office) == ["approval refuse"]
    assert "not open" in office.refused("sec2", "approval", "approve", number)
    again = asked(office, "sec", "approval", "rule", "user erase", "--valid-h", 2, "--reason", "x")
    office.tell("sec2", "approval", "approve", again)
    rule = office.tell(
        "sec", "approval", "rule", "user erase", "--valid-h", 2, "--reason", "x", "--json"
    )
    assert (rule["valid_h"], rule["in_force"]) == (2, True)


def test_without_an_approval_the_database_gives_no_key(office, entry):
    shard, seq = entry.place.split(":")
    for number in (0, 1):
        with office.sql("aud") as conn, pytest.raises(DENIED, match="no approval for this entry"):
            conn.execute(
                "SELECT * FROM tigertally.key_for_reveal(%s, %s::smallint, %s, %s)",
                (number, shard, seq, office.house.today()),
            )
    with office.sql("sec") as conn, pytest.raises(DENIED):
        conn.execute("SELECT * FROM tigertally.key_for_reveal(1, 0::smallint, 0, 0)")
    assert "are separated here" in office.refused(
        "aud", "audit", "show", "--reveal", "--reason", "x"
    )


def test_who_acted_stands_in_the_entry_and_beside_it(office):
    office.tell("sec", "channel", "list")
    office.tell("sec", "token", "type", "set", "hotp-6", "digits=6", "algorithm=hotp")
    (row,) = office.root(
        "SELECT shard || ':' || seq, operator FROM tigertally.entry_operator ORDER BY at_ms DESC LIMIT 1"  # noqa: E501
    )
    assert row[1] == "tigertally_op_sec"
    reveal = ("audit", "reveal", "--entry", row[0], "--reason", "who")
    office.tell("sec", "approval", "approve", asked(office, "aud", *reveal))
    shown = office.tell("aud", *reveal, "--json")
    assert shown["logged_in"] == "tigertally_op_sec"
    person, _, login = shown["personal"]["operator"].partition(" ")
    assert person.startswith("sec@")
    assert login == "(tigertally_op_sec)"


# ---------------------------------------------------------------- erasure


def test_a_customer_is_erased_for_good(office, entry):
    house, whose = office.house, (entry.customer, "--institution", INSTITUTION)
    assert "not closed" in office.refused("sec", "user", "erase", *whose, "--reason", "law")
    office.tell("sec", "user", "close", *whose, "--reason", "left")
    (before,) = office.root(
        "SELECT data_key, personal FROM tigertally.account WHERE id = %s", entry.user_id
    )
    erase = ("user", "erase", *whose, "--reason", "law")
    number = asked(office, "sec", *erase)
    with office.sql("sec") as conn, pytest.raises(DENIED, match="not approved"):
        conn.execute("SELECT tigertally.erase_customer(%s, %s)", (number, entry.user_id))
    office.tell("sec2", "approval", "approve", number)
    gone = office.tell("sec", *erase, "--json")
    assert gone["erased"] is True
    (row,) = office.root(
        "SELECT customer, data_key, personal, erased_at > 0 FROM tigertally.account WHERE id = %s",
        entry.user_id,
    )
    assert row == (f"erased {entry.user_id}", b"", b"", True)
    assert (
        office.root("SELECT 1 FROM tigertally.credential WHERE owner_id = %s", entry.user_id) == []
    )
    # The log holds, and tells nothing any more.
    assert house.verify_log().ok
    reveal = ("audit", "reveal", "--entry", entry.place, "--reason", "x")
    office.tell("sec", "approval", "approve", asked(office, "aud", *reveal))
    assert office.tell("aud", *reveal, "--json")["personal"] == ERASED
    assert "no customer" in office.refused("sec", *erase)
    # A restored backup knows the customer again; the list outside the database does, too.
    office.root(
        "UPDATE tigertally.account SET customer = %s, data_key = %s, personal = %s, erased_at = 0 WHERE id = %s",  # noqa: E501
        entry.customer,
        *before,
        entry.user_id,
    )
    again = ("user", "erase-again", "--reason", "restored")
    office.tell("sec2", "approval", "approve", asked(office, "sec", *again))
    assert office.tell("sec", *again, "--json") == {"erased_again": [entry.user_id]}
    assert office.tell("sec", *again, "--json") == {"erased_again": []}
    assert MOBILE not in house.config.erasure_file.read_text()
    assert entry.customer not in house.config.erasure_file.read_text()


def test_a_key_is_not_destroyed_without_an_approval(office):
    (key,) = office.root(
        "SELECT id FROM tigertally.key_record WHERE purpose = 'customer' AND level = 'data'"
    )
    destroy = "UPDATE tigertally.key_record SET sealed = '', state = 'destroyed' WHERE id = %s"
    with office.sql("sec") as conn, pytest.raises(DENIED, match="is not approved"):
        conn.execute(destroy, key)
    with office.sql("sys") as conn, pytest.raises(DENIED):
        conn.execute(destroy, key)


def test_a_key_is_destroyed_by_two(office):
    """Through the command line: refused, asked for, approved by another, carried out, told."""
    office.tell("sec", "key", "rotate", "seed", "--wait", "0", "--quiet")
    (old,) = [
        key["id"]
        for key in office.tell("aud", "key", "list", "--all", "--json")
        if (key["purpose"], key["state"]) == ("seed", "old")
    ]
    destroy = ("key", "destroy", old, "--yes", "--reason", "its time has come")
    for person in ("sys", "aud"):
        assert "is for security operators" in office.refused(person, *destroy)
    number = asked(office, "sec", *destroy)
    assert asked(office, "sec", *destroy) == number
    assert "your own" in office.refused("sec", "approval", "approve", number)
    for person in ("sys", "aud"):
        office.refused(person, "approval", "approve", number)
    assert asked(office, "sec", *destroy) == number, "nobody has approved it"
    office.tell("sec2", "approval", "approve", number)
    # For him who asked, not for him who approved.
    assert asked(office, "sec2", *destroy) != number
    office.tell("sec", *destroy)
    rows = office.root("SELECT state, sealed FROM tigertally.key_record WHERE id = %s", old)
    assert rows == [("destroyed", b"")]
    assert acts(office)[0] == "key destroy"
    assert "rotate it first" in office.refused("sec", *destroy)
    assert office.house.verify_log().ok
