"""The page and the picture of the life cycle are those of the table."""

from __future__ import annotations

from tigertally_server.domain.life_cycle import STORED_AS, TRANSITIONS, TokenOperation
from tigertally_server.domain.token import TokenState
from tigertally_testing import life_cycle_page


def test_both_are_current():
    for path, text in (
        (life_cycle_page.PAGE, life_cycle_page.render_page()),
        (life_cycle_page.PICTURE, life_cycle_page.render_picture()),
    ):
        assert path.read_text("utf-8") == text, "make generate"


def test_nothing_is_left_out():
    picture = life_cycle_page.render_picture()
    for state in TokenState:
        assert state.name.lower().replace("_", " ") in picture
    for state, operation in TRANSITIONS:
        if state not in STORED_AS:
            assert str(operation) in picture
    page = life_cycle_page.render_page()
    assert all(f"| {operation} |" in page for operation in TokenOperation)
