"""Key components: two or three parts make the key, fewer make nothing, and errors are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.keys.components import (
    Component,
    combined,
    draw_components,
    format_component,
    load_component,
    load_components,
    master_component_check,
    parse_component,
    parse_part,
)
from tigertally_drivers.keys.software import KeyStoreError, MasterKey

PARTS = st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=3, unique=True)


def components(parts):
    return [Component(n, len(parts), part, b"xxx") for n, part in enumerate(parts, start=1)]


@given(PARTS)
def test_the_key_is_the_xor_in_any_order(parts):
    whole = 0
    for part in parts:
        whole ^= int.from_bytes(part, "big")
    if whole == 0:
        with pytest.raises(KeyStoreError, match="cancel"):
            combined(components(parts))
        return
    assert combined(components(parts)) == whole.to_bytes(32, "big")
    assert combined(components(parts)[::-1]) == whole.to_bytes(32, "big")


@pytest.mark.parametrize("total", [2, 3])
def test_none_may_be_missing_doubled_or_of_another_key(total, entropy):
    drawn = draw_components(32, total, master_component_check, entropy)
    for wrong in (
        drawn[:-1],
        [*drawn[:-1], drawn[0]],
        [],
        drawn[:1],
        [*drawn, Component(total + 1, total + 1, bytes(32), b"")],
    ):
        with pytest.raises(KeyStoreError, match="not all components"):
            combined(wrong)
    same = [Component(n, total, drawn[0].part, b"") for n in range(1, total + 1)]
    with pytest.raises(KeyStoreError, match="the same"):
        combined(same)
    short = [Component(1, total, b"x", b""), *drawn[1:]]
    with pytest.raises(KeyStoreError, match="length"):
        combined(short)


def test_written_and_read_and_a_typing_error_found(entropy, tmp_path):
    drawn = draw_components(32, 3, master_component_check, entropy)
    paths = []
    for part in drawn:
        text = format_component(part)
        assert parse_component(text, "here", master_component_check) == part
        digits = text.split("\n")[1]
        wrong = text.replace(digits, ("1" if digits[0] != "1" else "2") + digits[1:])
        with pytest.raises(KeyStoreError, match="altered"):
            parse_component(wrong, "here", master_component_check)
        path = tmp_path / f"part-{part.number}"
        path.write_text(text)
        path.chmod(0o600)
        paths.append(path)
    assert load_components(paths).check_value == MasterKey(combined(drawn)).check_value
    paths[0].chmod(0o640)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        load_component(paths[0], master_component_check)
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(KeyStoreError):
            load_component(missing, master_component_check)


@pytest.mark.parametrize(
    "text", ["", "tigertally-component-v1 1/3", "0/3 AB check 000000", "x" * 5000]
)
def test_other_texts_are_no_components(text):
    with pytest.raises(KeyStoreError, match="here"):
        parse_component(text, "here", master_component_check)


@given(st.text(max_size=80))
def test_typed_text_is_digits_or_refused(text):
    try:
        part = parse_part(text)
    except KeyStoreError:
        return
    assert part.hex() == "".join(text.split()).lower()


def test_nothing_shows_a_part(entropy):
    (first, *_) = drawn = draw_components(32, 2, master_component_check, entropy)
    assert first.part.hex() not in repr(drawn)
    assert repr(first.part) not in repr(drawn)
