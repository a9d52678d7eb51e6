"""The catalogue is whole: every field of every message and every column of every table is
classified, and what is kept as it says is kept so.
"""

from __future__ import annotations

import psycopg
import pytest

from tigertally_drivers.postgres.settings import OWNER
from tigertally_protocol.registry import MESSAGES
from tigertally_server.sensitive.columns import COLUMNS, Kept, kept
from tigertally_server.sensitive.fields import EXCEPTIONS, FIELDS, row_of
from tigertally_server.sensitive.kinds import KINDS, Class, Kind
from tigertally_testing import security_page

PROOFS_WORTH_NOTHING_LATER = {"nt_response", "chap_response", "authenticator_response"}
"""Outside the sealed block: answers to a fresh challenge, which are no code."""


@pytest.mark.parametrize("row", MESSAGES.values(), ids=lambda row: row.name)
def test_every_field_is_classified(row):
    for spec in row.fields:
        found = row_of(row.cls.__name__, spec.name)
        assert found is not None, (
            f"{row.cls.__name__}.{spec.name}: add a row to sensitive/fields.py"
        )
        if KINDS[found.kind].cls is Class.SECRET and spec.name not in PROOFS_WORTH_NOTHING_LATER:
            secret = spec.secret or spec.name == "key_block"
            assert secret, f"{row.cls.__name__}.{spec.name} is secret, but outside the sealed block"


def test_no_row_is_about_a_field_that_is_not_there():
    names = {spec.name for row in MESSAGES.values() for spec in row.fields}
    assert set(FIELDS) <= names
    places = {(row.cls.__name__, spec.name) for row in MESSAGES.values() for spec in row.fields}
    assert set(EXCEPTIONS) <= places


def test_what_is_sensitive_and_stays_says_where():
    nowhere = {
        name
        for name, row in FIELDS.items()
        if KINDS[row.kind].cls is Class.PERSONAL and not row.kept
    }
    assert nowhere <= {"user_name", "session", "account", "data", "plain"}


def test_every_column_is_classified(database):
    with psycopg.connect(database.dsn(OWNER)) as conn:
        columns = conn.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'tigertally' "  # noqa: E501
            "AND (data_type IN ('text', 'bytea', 'jsonb', 'json', 'character varying') OR udt_name = '_text')"  # noqa: E501
        ).fetchall()
    assert len(columns) > 80
    missing = [f"{table}.{column}" for table, column in columns if kept(table, column) is None]
    assert missing == [], "add rows to sensitive/columns.py"
    there = {f"{table}.{column}" for table, column in columns}
    assert sorted(set(COLUMNS) - there) == []


def test_no_column_in_the_clear_is_named_like_a_secret():
    clear = {name for name, how in COLUMNS.items() if how in (Kept.CLEAR, Kept.MARK)}
    secret = {
        name
        for name, row in FIELDS.items()
        if KINDS[row.kind].cls is Class.SECRET or row.kind is Kind.PHONE
    }
    assert not {name for name in clear if name.split(".")[1] in secret}


def test_the_page_says_what_the_tables_say():
    assert security_page.PAGE.read_text("utf-8") == security_page.render(), "make generate"
