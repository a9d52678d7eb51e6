"""The kinds of data that pass through the platform, and what each demands. The first half of the
catalogue of sensitive fields; which field is of which kind stands in `fields` and `columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tigertally_server.sensitive import masks
from tigertally_server.sensitive.masks import Mask


class Class(StrEnum):
    """What a kind demands.

    SECRET: proves or opens something. On the wire only in the sealed block of a body or as a proof
    that is worth nothing later; never shown, never in a log, kept only sealed or stretched.
    PERSONAL: tells who a person is or what he does. Kept only sealed, shown masked; whole for a
    reason that is recorded. INTERNAL: the bank's own marks for things and staff; kept in the clear,
    and not to be made of personal data. PUBLIC: says nothing about anybody.
    """

    SECRET = "secret"  # noqa: S105
    PERSONAL = "personal"
    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind: its class, its mask, an example of what the mask leaves of what."""

    cls: Class
    mask: Mask
    example: str
    chinese: str


class Kind(StrEnum):
    """The kinds."""

    CODE = "one-time code"
    PIN = "PIN"
    PASSWORD = "password"  # noqa: S105
    KEY = "key or seed"
    PROOF = "proof made of a secret"
    PHONE = "phone number"
    NAME = "name"
    CUSTOMER = "customer number"
    ACCOUNT = "card or account number"
    MONEY = "amount of a payment"
    ADDRESS = "end user's address"
    TEXT = "text about a customer"
    TOKEN = "token serial number"  # noqa: S105
    REFERENCE = "bank's reference"
    STAFF = "member of staff"
    HANDLE = "handle given by the platform"
    TECHNICAL = "technical"


KINDS: dict[Kind, KindRow] = {
    Kind.CODE: KindRow(Class.SECRET, masks.hide, "314159", "动态口令"),
    Kind.PIN: KindRow(Class.SECRET, masks.hide, "8520", "个人识别码"),
    Kind.PASSWORD: KindRow(Class.SECRET, masks.hide, "Tr0ub4dor&3", "静态密码"),
    Kind.KEY: KindRow(Class.SECRET, masks.hide, "3132…3930", "密钥、种子"),
    Kind.PROOF: KindRow(Class.SECRET, masks.hide, "82309e…", "应答值"),
    Kind.PHONE: KindRow(Class.PERSONAL, masks.phone, "13812345678", "手机号"),
    Kind.NAME: KindRow(Class.PERSONAL, masks.name, "欧阳小明", "姓名"),
    Kind.CUSTOMER: KindRow(Class.PERSONAL, masks.number, "6212345", "客户号"),
    Kind.ACCOUNT: KindRow(Class.PERSONAL, masks.account, "6222020200012345", "卡号、账号"),
    Kind.MONEY: KindRow(Class.PERSONAL, masks.words, "1288.00", "交易金额"),
    Kind.ADDRESS: KindRow(Class.PERSONAL, masks.address, "203.0.113.9", "终端地址"),
    Kind.TEXT: KindRow(Class.PERSONAL, masks.words, "rent for June", "交易文本、原因"),
    Kind.TOKEN: KindRow(Class.INTERNAL, masks.plain, "TK-000017", "令牌序列号"),
    Kind.REFERENCE: KindRow(Class.INTERNAL, masks.plain, "pay-77", "业务流水"),
    Kind.STAFF: KindRow(Class.INTERNAL, masks.plain, "teller-1", "柜员、操作员"),
    Kind.HANDLE: KindRow(Class.PUBLIC, masks.plain, "9f86d081…", "平台句柄"),
    Kind.TECHNICAL: KindRow(Class.PUBLIC, masks.plain, "totp-6", "技术字段"),
}

SENSITIVE = frozenset(
    kind for kind, row in KINDS.items() if row.cls in (Class.SECRET, Class.PERSONAL)
)


def masked(kind: Kind, text: str) -> str:
    """As it may be shown."""
    return KINDS[kind].mask(text)
