"""The reserved greeting: a text that a customer chose, shown back so that the customer knows the
bank, and what is shown where there is none.

Whoever asks for the greeting of a number that belongs to nobody must not learn that. So an
invented one is shown, derived by key from the number: the same every time, and another for most
numbers. Pure; the key stays outside: `derived` is an HMAC. Rules for the text keep out what a page
must not show again: numbers long enough to be a PIN, a card or a telephone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SHORTEST: Final = 2
LONGEST: Final = 32
"""Characters."""
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NUMBER: Final = re.compile(r"\d(?:[ \-.]?\d){4,}")
_LINK: Final = re.compile(
    r"://|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|vip|xyz)(?![a-z0-9])", re.IGNORECASE
)

_FIRST: Final = (
    "温暖的", "安静的", "蓝色的", "快乐的", "小小的", "远方的", "清晨的", "雨后的",
    "秋天的", "山里的", "海边的", "月下的", "童年的", "金色的", "春天的", "故乡的",
    "爷爷的", "妈妈的", "夏夜的", "林中的", "江南的", "雪后的", "勇敢的", "可爱的",
    "门前的", "窗外的", "老家的", "校园的", "北方的", "沙漠的", "云上的", "午后的",
)  # fmt: skip
_SECOND: Final = (
    "向日葵", "小木屋", "石板路", "蒲公英", "老槐树", "风筝", "小花猫", "桂花香",
    "灯塔", "稻田", "胡同", "梧桐树", "萤火虫", "小船", "书店", "茶馆",
    "湖水", "星空", "麻雀", "自行车", "荷花", "小溪", "竹林", "毛笔",
    "足球场", "葡萄架", "电影院", "火车站", "钢琴声", "豆浆", "糖葫芦", "雨伞",
)  # fmt: skip
_TAILS: Final = ("", "", "", "", "！", "～", "，你好", "，加油")


def unsuitable(text: str) -> str:
    """The name of the rule that a greeting breaks, "" if none."""
    if not SHORTEST <= len(text) <= LONGEST:
        return "length"
    if any(unicodedata.category(c) in _FORBIDDEN for c in text):
        return "control"
    if _NUMBER.search(text):
        return "number"
    return "link" if _LINK.search(text) else ""


def normalised(text: str) -> str:
    """As it is kept: one spelling, no blanks around."""
    return unicodedata.normalize("NFC", text).strip()


def invented(derived: bytes) -> str:
    """What is shown where nobody chose a greeting. `derived`: at least 4 bytes, from key and
    customer number.
    """
    first, second, tail = derived[0], derived[1], derived[2]
    return _FIRST[first % len(_FIRST)] + _SECOND[second % len(_SECOND)] + _TAILS[tail % len(_TAILS)]
