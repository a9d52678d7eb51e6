"""The evaluation against an oracle that knows nothing of leaves or three values.

The oracle says what a sequence of proofs satisfies by the words' meaning, and finds out what is
still possible by trying every continuation.
"""

from __future__ import annotations

from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_engines.flow.decide import Attempt, standing, take
from tigertally_engines.flow.expression import Node, names_of, parse
from tigertally_engines.flow.progress import Mark, Progress, Standing, progress

FACTORS = ("a", "b", "c", "d", "e")
OPEN, SATISFIED, FAILED = Standing.OPEN, Standing.SATISFIED, Standing.FAILED


def tree(text):
    return parse(text, {name: name for name in FACTORS})


def marks(words):
    """ "a b -c": a and b were proven, then c was lost."""
    return [
        Mark(word.lstrip("-"), FAILED if word.startswith("-") else SATISFIED)
        for word in words.split()
    ]


# ---------------------------------------------------------------- the oracle


def means(node: Node, proofs: tuple[str, ...]) -> bool:
    """Whether the proofs, in this order, are what the text asks for."""
    if node.name:
        return node.name in proofs
    if node.ordered:
        return in_order(node.members, proofs)
    return any(
        all(means(member, proofs) for member in chosen)
        for chosen in combinations(node.members, node.needed)
    )


def in_order(members: tuple[Node, ...], proofs: tuple[str, ...]) -> bool:
    """Whether the proofs can be cut into one stretch per member."""
    if not members:
        return True
    return any(
        means(members[0], proofs[:cut]) and in_order(members[1:], proofs[cut:])
        for cut in range(len(proofs) + 1)
    )


def oracle(root: Node, past: list[Mark]) -> Standing:
    """By trying every continuation."""
    proofs: list[str] = []
    lost: set[str] = set()
    for mark in past:
        if mark.standing is FAILED:
            lost.add(mark.factor)
        elif mark.factor not in lost:
            proofs.append(mark.factor)
    done = tuple(proofs)
    if means(root, done):
        return SATISFIED
    left = [name for name in names_of(root) if name not in lost]
    # Every order in which what is left can come; twice, since a second `b` may be what counts.
    for future in permutations(left):
        if means(root, done + future * 2):
            return OPEN
    return FAILED


def groups(members):
    count = st.integers(1, 3)
    return st.builds(
        lambda inner, word, k: (
            f"{min(k, len(inner))} of ({', '.join(inner)})"
            if word == "of"
            else f"{word}({', '.join(inner)})"
        ),
        st.lists(members, min_size=1, max_size=3),
        st.sampled_from(["all", "any", "order", "of"]),
        count,
    )


def valid(text):
    try:
        tree(text)
    except ValueError:
        return False
    return True


TEXTS = st.recursive(st.sampled_from(FACTORS), groups, max_leaves=5).filter(valid)
PASTS = st.lists(
    st.builds(Mark, st.sampled_from(FACTORS), st.sampled_from([SATISFIED, SATISFIED, FAILED])),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, PASTS)
def test_every_tree_and_past_as_the_oracle_has_it(text, past):
    root = tree(text)
    assert progress(root, past).standing is oracle(root, past), (text, past)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "all(a, b, c)",
        "any(a, b, c)",
        "2 of (a, b, c)",
        "order(a, b, c)",
        "all(a, any(b, c))",
        "any(all(a, b), all(a, c))",
        "any(order(a, b), order(b, a))",
        "order(a, 2 of (b, c, d))",
        "2 of (a, all(b, c), order(d, e))",
        "order(any(a, b), all(c, any(d, e)))",
        "any(order(a, b), order(b, c))",
    ],
)
def test_every_assignment_as_the_oracle_has_it(text):
    """Each factor untouched, proven or lost, and the touched ones in every order."""
    root = tree(text)
    names = names_of(root)
    for fates in product((None, SATISFIED, FAILED), repeat=len(names)):
        touched = [Mark(n, f) for n, f in zip(names, fates, strict=True) if f is not None]
        for past in permutations(touched):
            assert progress(root, past).standing is oracle(root, list(past)), past


@settings(max_examples=300, deadline=None)
@given(TEXTS, PASTS)
def test_what_is_wanted_is_what_a_proof_counts_for(text, past):
    root = tree(text)
    before = progress(root, past)
    assert bool(before.wanted) == (before.standing is OPEN)
    for name in FACTORS:
        after = progress(root, [*past, Mark(name, SATISFIED)])
        if name not in before.wanted:
            assert after == before, name
        else:
            assert after != before, name
            assert name in after.proven


@settings(max_examples=300, deadline=None)
@given(TEXTS, PASTS, PASTS)
def test_an_end_is_an_end(text, past, more):
    root = tree(text)
    first = progress(root, past)
    if first.standing is not OPEN:
        after = progress(root, [*past, *more])
        assert after.standing is first.standing
        assert after.wanted == ()


@settings(max_examples=200, deadline=None)
@given(TEXTS, PASTS)
def test_trying_what_is_wanted_always_comes_to_an_end(text, past):
    root = tree(text)
    kept, failures = tuple(past), 0
    for _ in range(32):
        now = standing(root, kept, failures, 0)
        if now.standing is not OPEN:
            break
        kept = take(root, kept, failures, 0, now.wanted[-1], Attempt.PROVEN).marks
    assert now.standing is not OPEN
    assert now.standing is (FAILED if oracle(root, past) is FAILED else SATISFIED)


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("text", "past", "expected"),
    [
        ("a", "", Progress(OPEN, (), ("a",))),
        ("a", "a", Progress(SATISFIED, ("a",), ())),
        ("a", "-a", Progress(FAILED, (), ())),
        ("all(a, any(b, c))", "", Progress(OPEN, (), ("a", "b", "c"))),
        ("all(a, any(b, c))", "b", Progress(OPEN, ("b",), ("a",))),
        ("all(a, any(b, c))", "-b", Progress(OPEN, (), ("a", "c"))),
        ("all(a, any(b, c))", "-b -c", Progress(FAILED, (), ())),
        ("order(a, b)", "", Progress(OPEN, (), ("a",))),
        ("order(a, b)", "b", Progress(OPEN, (), ("a",))),
        ("order(a, b)", "b a", Progress(OPEN, ("a",), ("b",))),
        ("order(a, b)", "-b", Progress(FAILED, (), ())),
        ("2 of (a, b, c)", "a", Progress(OPEN, ("a",), ("b", "c"))),
        ("2 of (a, b, c)", "a a", Progress(OPEN, ("a",), ("b", "c"))),
        ("2 of (a, b, c)", "a -b -c", Progress(FAILED, ("a",), ())),
        ("any(order(a, b), order(b, c))", "b", Progress(OPEN, ("b",), ("a", "c"))),
        ("any(order(a, b), order(b, c))", "b a", Progress(OPEN, ("a", "b"), ("b", "c"))),
    ],
)
def test_by_hand(text, past, expected):
    assert progress(tree(text), marks(past)) == expected


def test_refused_tries_end_a_flow_that_counts_them():
    root = tree("all(a, b)")
    kept: tuple[Mark, ...] = ()
    failures = 0
    for number in range(1, 4):
        step = take(root, kept, failures, 3, "a", Attempt.REFUSED)
        kept, failures = step.marks, step.failures
        assert (kept, failures) == ((), number)
        assert step.progress.standing is (FAILED if number == 3 else OPEN)


def test_refused_tries_end_no_flow_that_does_not():
    step = take(tree("all(a, b)"), (), 10**6, 0, "a", Attempt.REFUSED)
    assert step.progress == Progress(OPEN, (), ("a", "b"))


def test_what_decides_nothing_costs_nothing():
    step = take(tree("all(a, b)"), marks("b"), 2, 3, "a", Attempt.UNDECIDED)
    assert (list(step.marks), step.failures) == (marks("b"), 2)
    assert step.progress == Progress(OPEN, ("b",), ("a",))


def test_the_last_try_may_still_complete_it():
    step = take(tree("all(a, b)"), marks("b"), 2, 3, "a", Attempt.PROVEN)
    assert step.progress.standing is SATISFIED


def test_a_loss_is_a_refused_try_that_lasts():
    step = take(tree("any(a, b)"), (), 0, 9, "a", Attempt.LOST)
    assert (step.marks, step.failures) == ((Mark("a", FAILED),), 1)
    assert step.progress == Progress(OPEN, (), ("b",))
