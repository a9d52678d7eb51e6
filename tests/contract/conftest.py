"""A bank over each kind of store: what passes here on one must pass on the other."""

from __future__ import annotations

import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_server.store.postgres import PostgresStore
from tigertally_testing.bank import Bank, memory_installation
from tigertally_testing.postgres_bank import install_postgres, open_store


class SharedBank(Bank):
    """A bank whose store a second process can open, too."""

    def __init__(self, *args, opener=None):
        super().__init__(*args)
        self._opener = opener
        self.more_stores: list[PostgresStore] = []

    def second_store(self):
        if self._opener is None:
            return self.store
        self.more_stores.append(open_store(self._opener))
        return self.more_stores[-1]


@pytest.fixture(params=["memory", "postgres"])
def bank(request, clock, entropy):
    if request.param == "memory":
        memory, context = memory_installation(entropy)
        yield SharedBank(memory, context, clock, entropy)
        return
    database = request.getfixturevalue("database")

    def opener():
        return connect(database.dsn(APP))

    _, context = install_postgres(opener, clock, entropy)
    store = open_store(opener)
    bank = SharedBank(store, context, clock, entropy, opener=opener)
    yield bank
    for opened in (store, *bank.more_stores):
        opened.close()
