"""The comparison's RADIUS client against RFC 2865's own example, and its arithmetic."""

import hmac
from hashlib import md5

import pytest
from peers import compare, measure, ours, picture, product, radius, workload

from tigertally_load.codes import totp
from tigertally_load.population import Population
from tigertally_load.walk import TokensExhausted

# RFC 2865 §7.1: nemo logs in with "arctangent"; the secret is "xyzzy5461".
SECRET = b"xyzzy5461"
AUTHENTICATOR = bytes.fromhex("0f403f947397805 7bd83d5cb98f4227a".replace(" ", ""))
REQUEST = bytes.fromhex(
    "01000038 0f403f9473978057bd83d5cb98f4227a 01066e656d6f"
    "0212 0dbe708d93d413ce3196e43f782a0aee 0406c0a80110 050600000003".replace(" ", "")
)
ANSWER = bytes.fromhex(
    "02000026 86fe220e7624ba2a1005f6bf9b55e0b2060600000001 0f0600000000 0e06c0a80103".replace(
        " ", ""
    )
)


def test_the_example_of_rfc_2865_is_made_and_read():
    attributes = (
        radius.attribute(radius.USER_NAME, b"nemo")
        + radius.attribute(
            radius.USER_PASSWORD, radius.hidden(b"arctangent", SECRET, AUTHENTICATOR)
        )
        + radius.attribute(4, bytes((192, 168, 1, 16)))
        + radius.attribute(5, (3).to_bytes(4, "big"))
    )
    assert radius.packet(radius.ACCESS_REQUEST, 0, AUTHENTICATOR, attributes) == REQUEST
    assert radius.code_of(ANSWER, AUTHENTICATOR, SECRET) == radius.ACCESS_ACCEPT


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 32, 33])
def test_a_hidden_password_fills_whole_blocks_and_comes_out_again(length):
    password = bytes(range(1, length + 1))
    made = radius.hidden(password, SECRET, AUTHENTICATOR)
    assert len(made) == max(16, -(-length // 16) * 16)
    before, out = AUTHENTICATOR, b""
    for at in range(0, len(made), 16):
        pad = md5(SECRET + before).digest()
        before = made[at : at + 16]
        out += bytes(a ^ b for a, b in zip(pad, before, strict=True))
    assert out.rstrip(b"\0") == password


def test_a_request_carries_a_right_message_authenticator_first():
    made = radius.access_request(7, AUTHENTICATOR, SECRET, b"nemo", b"123456")
    assert made[:4] == bytes((1, 7)) + len(made).to_bytes(2, "big")
    assert made[20:22] == bytes((80, 18))
    zeroed = made[:22] + bytes(16) + made[38:]
    assert hmac.digest(SECRET, zeroed, "md5") == made[22:38]


def answer(code, attributes=b""):
    unsigned = radius.packet(code, 7, AUTHENTICATOR, attributes)
    digest = md5(unsigned + SECRET).digest()
    return unsigned[:4] + digest + unsigned[20:]


def sealed_answer(spoil=b"\0"):
    blank = bytes((80, 18)) + bytes(16)
    digest = hmac.digest(SECRET, radius.packet(3, 7, AUTHENTICATOR, blank), "md5")
    return answer(3, bytes((80, 18)) + bytes((digest[0] ^ spoil[0],)) + digest[1:])


def test_an_answer_with_a_right_message_authenticator_counts():
    assert radius.code_of(sealed_answer(), AUTHENTICATOR, SECRET) == radius.ACCESS_REJECT


@pytest.mark.parametrize(
    ("datagram", "why"),
    [
        (ANSWER[:-1], "bytes that say"),
        (ANSWER[:19], "19 bytes"),
        (ANSWER[:-1] + b"\x04", "Response Authenticator"),
        (b"\x05" + ANSWER[1:], "code 5"),
        (answer(2, bytes((6, 9, 0))), "length"),
        (answer(2, bytes((6,))), "length"),
        (answer(2, bytes((6, 0))), "length"),
        (answer(2, bytes((80, 4, 0, 0))), "length"),
        (sealed_answer(b"\1"), "Message-Authenticator"),
    ],
)
def test_what_is_no_answer_to_us_is_refused(datagram, why):
    with pytest.raises(radius.BadAnswer, match=why):
        radius.code_of(datagram, AUTHENTICATOR, SECRET)
    with pytest.raises(radius.BadAnswer):
        radius.code_of(ANSWER, bytes(16), SECRET)


def test_a_code_is_used_once_a_step_and_three_in_a_hundred_are_wrong():
    population = Population(2_000, bytes(32))
    now = 1_700_000_000_000
    work = workload.Workload(population, clock_ms=lambda: now)
    attempts = [work.take() for _ in range(1_900)]
    assert len({attempt.user for attempt in attempts}) == 1_900
    assert 30 <= sum(not attempt.right for attempt in attempts) <= 85
    for attempt in attempts:
        number = int(attempt.user[2:])
        assert (attempt.code == totp(population.seed(number), now // 30_000)) is attempt.right
        assert attempt.code not in repr(attempt)
    with pytest.raises(TokensExhausted):
        [work.take() for _ in range(200)]


def test_a_rate_leaves_out_beginning_and_end():
    at = [0.1, 1.9, 2.0, 3.0, 9.9, 10.0, 12.0]
    assert measure.rate(at, 10) == 3 / 8
    assert measure.rate([0.5, 0.9, 1.5], 2) == 1.0
    assert measure.rate([], 10) == 0.0


def test_percentiles_are_values_that_occurred():
    assert measure.percentile([], 99) == 0.0
    assert measure.percentile([3.0], 50) == 3.0
    values = [float(value) for value in range(100, 0, -1)]
    assert [measure.percentile(values, share) for share in (0, 50, 99, 100)] == [1, 50, 99, 100]


def test_an_answer_that_is_not_the_right_one_is_an_error():
    tally = measure.Tally()
    for at, right, approved in (
        (2.5, True, True),
        (2.6, True, False),
        (2.7, False, False),
        (2.8, False, True),
    ):
        tally.answer(at, 0.01, f"LC{at}", right=right, approved=approved)
    tally.errors["no answer"] += 1
    run = measure.summed_up(tally, 4, 0.1)
    assert run.errors == {"right code denied": 1, "wrong code approved": 1, "no answer": 1}
    assert (run.answered, tally.denied, tally.approved_users) == (4, 2, ["LC2.5", "LC2.8"])
    assert (run.per_s, run.p50_ms, run.error_share) == (2.0, 10.0, 3 / 5)


def test_the_generators_rows_are_counted_in_the_same_window():
    row = {"width": 1.0, "answered": 100}
    figures = {
        "rows": [{**row, "at": float(at)} for at in range(1, 12)],
        "answered": 1_100,
        "offered": 1_000,
        "generator_cpu_us_per_request": 20.0,
        "errors_by_code": {"BUSY": 11, "NEVER_SENT": 500},
        "p50_ms": 3.0,
        "p99_ms": 9.0,
    }
    run = ours.run_of(figures, 10)
    assert (run.per_s, run.errors, run.generator_cpu_s) == (100.0, {"BUSY": 11}, 0.02)
    assert run.error_share == 0.01


def test_the_page_shows_each_product_escaped_and_needs_nothing_from_elsewhere():
    run = measure.Run(10, 5.0, {}, 1.0, 2.0, 0.1)
    figures = compare.Figures(
        name="<b>One</b>",
        versions={"One": "1"},
        promises=product.Promises("UDP", "a row", "no"),
        baseline_us=(2.3, 2.4),
        capacity=run,
        cost=compare.Cost(
            server_us=1.0, database_us=2.0, generator_us=0.0, server_mb=1.0, database_mb=1.0
        ),
        steady_per_s=2.5,
        steady=run,
        replay=compare.Replay(twice=1, at_once=2),
        killed=compare.Killed(approved=7, recorded=6, verified="yes"),
    )
    text = picture.page([figures], "2 × processor & more")
    assert "&lt;b&gt;One&lt;/b&gt;" in text
    assert "<b>" not in text
    assert "6 of 7" in text
    assert "2 of 20" in text
    assert "&amp; more" in text
    assert not any(word in text for word in ("http:", "https:", "<script", "src="))


@pytest.mark.parametrize("name", ["radiusd.conf", "pi.cfg"])
def test_nothing_in_a_configuration_is_left_open(name):
    values = dict.fromkeys(("STATE", "SECRET", "DSN", "PORT", "THREADS", "URI"), "x")
    text = product.filled_in(name, **values).replace("@NAME@", "")
    assert "@" not in text


def test_without_a_browser_there_is_no_photograph_but_a_word(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(picture.NoBrowser, match="chromium"):
        picture.photograph(tmp_path / "a.html", tmp_path / "a.png")
