"""Currencies and their digits behind the point (ISO 4217:2015, list one), and amounts in them.

An amount comes as a decimal text and is never a float. It has at most as many digits behind the
point as its currency, so that nothing is rounded and "100.5 yen" is an error, not 100 or 101.
"""

from __future__ import annotations

import re
from typing import Final

AMOUNT_DIGITS_MAX: Final = 15
"""Of the amount in the smallest unit: exact in every system that counts in 64-bit numbers."""

_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,4}))?", re.ASCII)

_TWO: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
    "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW"
)
_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
}


def minor_units(amount: str, currency: str) -> int | None:
    """The amount in the currency's smallest unit; None where it can't be one."""
    match, exponent = _AMOUNT.fullmatch(amount), EXPONENTS.get(currency)
    if match is None or exponent is None:
        return None
    whole, behind = match[1], match[2] or ""
    digits = whole + behind.ljust(exponent, "0")
    if len(behind) > exponent or len(digits) > AMOUNT_DIGITS_MAX:
        return None
    return int(digits)


def decimal_text(units: int, currency: str) -> str:
    """The one way of writing it: all digits behind the point, none before the first."""
    exponent = EXPONENTS[currency]
    whole, behind = divmod(units, 10**exponent)
    return f"{whole}.{behind:0{exponent}d}" if exponent else str(whole)


def shown_amount(units: int, currency: str, language: str) -> str:
    """As people read it, with the currency."""
    exponent = EXPONENTS[currency]
    whole, behind = divmod(units, 10**exponent)
    number = f"{whole:,}" + (f".{behind:0{exponent}d}" if exponent else "")
    return f"人民币{number}元" if (language, currency) == ("zh", "CNY") else f"{currency} {number}"
