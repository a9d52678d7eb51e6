"""`bank`: with a gateway and no limits on sending; `phone`: bound, of its one customer."""

from __future__ import annotations

import pytest

from tigertally_testing.bank import Bank, memory_installation
from tigertally_testing.handset import NO_LIMITS, Handset, sending


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.customer_with_token(1)
    bank.add_channel()
    sending(bank, limits=NO_LIMITS)
    return bank


@pytest.fixture
def phone(bank):
    phone = Handset(bank)
    assert phone.bind().code.name == "CHANGED"
    return phone
