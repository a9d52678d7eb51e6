"""The texts that come with the product, in Chinese and English, and how values are written in them.

A bank replaces any of them by a file (`sms.templates_file`); what it leaves out stays as here. A
code's text says what it is for, carries the server identification code and warns; a notice says
what happened and to whom to turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DEFAULT_TEMPLATES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "login": "【{sign}】登录验证码{code}，识别码{server_code}，{minutes}分钟内有效。"
        "请核对页面识别码，切勿告诉他人。",
        "payment": "【{sign}】您正向{payee_name}（尾号{payee_tail}）付款{amount}，验证码{code}，"
        "识别码{server_code}，{minutes}分钟内有效。非本人操作请勿输入，切勿告诉他人。",
        "confirm": "【{sign}】您正在办理{purpose}，验证码{code}，识别码{server_code}，"
        "{minutes}分钟内有效。切勿告诉他人。",
        "transaction": "【{sign}】{text}。验证码{code}，识别码{server_code}，{minutes}分钟内有效。"
        "非本人操作请勿输入，切勿告诉他人。",
        "transaction_sealed": "【{sign}】{text}。识别码{server_code}，请打开手机银行查看验证码，"
        "{minutes}分钟内有效。{sealed}",
        "login_sealed": "【{sign}】登录验证码已加密，请打开手机银行查看，识别码{server_code}，"
        "{minutes}分钟内有效。{sealed}",
        "payment_sealed": "【{sign}】您正向尾号{payee_tail}付款{amount}，识别码{server_code}，"
        "请打开手机银行查看验证码，{minutes}分钟内有效。{sealed}",
        "confirm_sealed": "【{sign}】您正在办理{purpose}，识别码{server_code}，"
        "请打开手机银行查看验证码，{minutes}分钟内有效。{sealed}",
        "notice_phone_bound": "【{sign}】尾号{number_tail}的手机已于{time}绑定短信认证。"
        "如非本人操作，请立即联系我行。",
        "notice_phone_change": "【{sign}】短信认证手机将改为尾号{number_tail}，{hours}小时后生效。"
        "如非本人操作，请立即联系我行撤销。",
        "notice_phone_changed": "【{sign}】本手机已于{time}申请为新的短信认证手机，"
        "{hours}小时后生效。如非本人操作，请联系我行。",
        "notice_phone_unbound": "【{sign}】尾号{number_tail}的手机已于{time}解除短信认证。"
        "如非本人操作，请立即联系我行。",
        "notice_locked": "【{sign}】因连续{count}次验证失败，您的短信认证已于{time}锁定。"
        "如非本人操作，请立即联系我行。",
        "notice_token_bound": "【{sign}】令牌（尾号{number_tail}）已于{time}绑定您的账户。"
        "如非本人操作，请立即联系我行。",
        "notice_token_lost": "【{sign}】令牌（尾号{number_tail}）已于{time}挂失。"
        "如非本人操作，请立即联系我行。",
        "notice_password_changed": "【{sign}】您的密码已于{time}修改。"
        "如非本人操作，请立即联系我行。",
        "notice_app_bound": "【{sign}】已有新的手机应用于{time}登记接收加密验证码。"
        "如非本人操作，请立即联系我行。",
        "notice_warning": "【{sign}】{words}",
    },
    "en": {
        "login": "[{sign}] Code {code} to log in, page shows {server_code}, valid {minutes} min. "
        "Tell nobody.",
        "payment": "[{sign}] Code {code} to pay {amount} to {payee_name} ({payee_tail}), page "
        "shows {server_code}, {minutes} min. Tell nobody.",
        "confirm": "[{sign}] Code {code} for {purpose}, page shows {server_code}, valid {minutes} "
        "min. Tell nobody.",
        "transaction": "[{sign}] {text}. Code {code}, page shows {server_code}, {minutes} min. "
        "Not you? Don't enter it. Tell nobody.",
        "transaction_sealed": "[{sign}] {text}. Open the app, page shows {server_code}, {minutes} "
        "min. {sealed}",
        "login_sealed": "[{sign}] Open the app to log in, page shows {server_code}, {minutes} min. "
        "{sealed}",
        "payment_sealed": "[{sign}] {amount} to {payee_tail}: open app, page {server_code}, "
        "{minutes} min. {sealed}",
        "confirm_sealed": "[{sign}] {purpose}: open the app, page shows {server_code}, {minutes} "
        "min. {sealed}",
        "notice_phone_bound": "[{sign}] Phone {number_tail} was bound for codes at {time}. Not "
        "you? Call us at once.",
        "notice_phone_change": "[{sign}] Codes will go to phone {number_tail} in {hours} h. Not "
        "you? Call us at once to stop it.",
        "notice_phone_changed": "[{sign}] This phone was named for codes at {time}, from {hours} h "
        "on. Not you? Call us.",
        "notice_phone_unbound": "[{sign}] Phone {number_tail} was unbound from codes at {time}. "
        "Not you? Call us at once.",
        "notice_locked": "[{sign}] Codes by SMS were locked at {time} after {count} failures. Not "
        "you? Call us at once.",
        "notice_token_bound": "[{sign}] Token {number_tail} was bound to you at {time}. Not you? "
        "Call us at once.",
        "notice_token_lost": "[{sign}] Token {number_tail} was reported lost at {time}. Not you? "
        "Call us at once.",
        "notice_password_changed": "[{sign}] Your password was changed at {time}. Not you? Call us "
        "at once.",
        "notice_app_bound": "[{sign}] A new app was registered for sealed codes at {time}. Not "
        "you? Call us at once.",
        "notice_warning": "[{sign}] {words}",
    },
}

AMOUNT_MAX: Final = 10**15 - 1
"""In smallest units: what is sure to be shown whole."""

_MINOR_DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits behind the point where they aren't two (ISO 4217)."""


def amount_text(amount: int, currency: str, language: str) -> str:
    """An amount in smallest units as people read it; "" where there is no currency."""
    if not currency:
        return ""
    digits = _MINOR_DIGITS.get(currency, 2)
    whole, minor = divmod(amount, 10**digits)
    number = f"{whole:,}" + (f".{minor:0{digits}d}" if digits else "")
    return f"{number}元" if language == "zh" and currency == "CNY" else f"{currency} {number}"


def tail(text: str) -> str:
    """The last four characters: enough to recognise, too little to use."""
    return text[-4:]
