"""The rate-limit fields of the IETF draft, present and older, and the structured fields that they are made of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from http_sf import DisplayString, Token, parse
from hypothesis import given
from hypothesis import strategies as st

from probes.budget import Allowance
from probes.ratelimit import allowances

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def bare(*values: object) -> list[tuple[object, dict[str, object]]]:
    """Items without parameters."""
    return [(value, {}) for value in values]


# As printed in RFC 9651, section 3: the text, its top-level type, and what it means.
RFC_9651 = [
    ("sugar, tea, rum", "list", bare(Token("sugar"), Token("tea"), Token("rum"))),
    (
        '("foo" "bar"), ("baz"), ("bat" "one"), ()',
        "list",
        bare(bare("foo", "bar"), bare("baz"), bare("bat", "one"), []),
    ),
    (
        '("foo"; a=1;b=2);lvl=5, ("bar" "baz");lvl=1',
        "list",
        [([("foo", {"a": 1, "b": 2})], {"lvl": 5}), (bare("bar", "baz"), {"lvl": 1})],
    ),
    (
        'abc;a=1;b=2; cde_456, (ghi;jk=4 l);q="9";r=w',
        "list",
        [
            (Token("abc"), {"a": 1, "b": 2, "cde_456": True}),
            ([(Token("ghi"), {"jk": 4}), (Token("l"), {})], {"q": "9", "r": Token("w")}),
        ],
    ),
    ("1; a; b=?0", "item", (1, {"a": True, "b": False})),
    (
        'en="Applepie", da=:w4ZibGV0w6ZydGU=:',
        "dictionary",
        {"en": ("Applepie", {}), "da": ("Æbletærte".encode(), {})},
    ),
    ("a=?0, b, c; foo=bar", "dictionary", {"a": (False, {}), "b": (True, {}), "c": (True, {"foo": Token("bar")})}),
    (
        "rating=1.5, feelings=(joy sadness)",
        "dictionary",
        {"rating": (Decimal("1.5"), {}), "feelings": (bare(Token("joy"), Token("sadness")), {})},
    ),
    (
        "a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid",
        "dictionary",
        {"a": (bare(1, 2), {}), "b": (3, {}), "c": (4, {"aa": Token("bb")}), "d": (bare(5, 6), {"valid": True})},
    ),
    ("foo=1, bar=2", "dictionary", {"foo": (1, {}), "bar": (2, {})}),
    ("5", "item", (5, {})),
    ("5; foo=bar", "item", (5, {"foo": Token("bar")})),
    ("42", "item", (42, {})),
    ("4.5", "item", (Decimal("4.5"), {})),
    ('"hello world"', "item", ("hello world", {})),
    ("foo123/456", "item", (Token("foo123/456"), {})),
    (":cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:", "item", (b"pretend this is binary content.", {})),
    ("?1", "item", (True, {})),
    ("@1659578233", "item", (datetime(2022, 8, 4, 1, 57, 13, tzinfo=UTC), {})),
    (
        '%"This is intended for display to %c3%bc users."',
        "item",
        (DisplayString("This is intended for display to ü users."), {}),
    ),
]


@pytest.mark.parametrize(("text", "kind", "meaning"), RFC_9651)
def test_the_examples_of_rfc_9651_are_read_as_printed(text: str, kind: str, meaning: object) -> None:
    assert parse(text.encode(), tltype=kind) == meaning


@pytest.mark.parametrize("text", [text for text, _, _ in RFC_9651])
@pytest.mark.parametrize("name", ["ratelimit", "ratelimit-policy"])
def test_structured_fields_that_are_no_rate_limit_are_ignored_and_counted(name: str, text: str) -> None:
    found, unread = allowances({name: text}, NOW)
    # A bare number is a policy of the older drafts; everything else says nothing about a limit.
    assert (found, unread) == ((), 1) or (name == "ratelimit-policy" and found[0].limit in {1, 5, 42})


def read(**headers: str) -> tuple[Allowance, ...]:
    found, unread = allowances({name.replace("_", "-"): value for name, value in headers.items()}, NOW)
    assert unread == 0
    return found


def test_what_is_left_is_joined_with_its_policy_by_name() -> None:
    assert read(ratelimit='"default";r=50;t=30', ratelimit_policy='"burst";q=100;w=60,"default";q=1000;w=86400') == (
        Allowance(limit=1000, remaining=50, reset=NOW + timedelta(seconds=30), period=DAY),
        Allowance(limit=100, period=MINUTE),
    )


def test_a_limit_without_a_policy_and_a_policy_of_a_partition_say_what_they_say() -> None:
    assert read(ratelimit='"default";r=50') == (Allowance(remaining=50),)
    assert read(ratelimit_policy='"peruser";q=100;w=60;pk=:cHsdsRa894==:') == (Allowance(limit=100, period=MINUTE),)
    assert read(ratelimit_policy='"window-less";q=10') == (Allowance(limit=10),)


def test_only_units_of_requests_are_ours() -> None:
    policy = '"calls";q=4;qu="concurrent-requests", "bytes";q=1000;qu="content-bytes";w=60'
    assert read(ratelimit='"calls";r=1, "bytes";r=0;t=9', ratelimit_policy=policy) == (
        Allowance(limit=4, remaining=1, concurrent=True),
    )


@pytest.mark.parametrize(
    ("headers", "limit", "period"),
    [
        ({"ratelimit_limit": "100"}, 100, None),
        ({"ratelimit_limit": "100, 100;w=60"}, 100, MINUTE),
        ({"ratelimit_limit": "100;w=60"}, 100, MINUTE),
        ({"ratelimit_limit": "100", "ratelimit_policy": "100;w=60"}, 100, MINUTE),
        ({}, None, None),
    ],
)
def test_the_three_fields_of_older_drafts_are_one_limit(
    headers: dict[str, str], limit: int | None, period: timedelta | None
) -> None:
    found = read(ratelimit_remaining="7", ratelimit_reset="30", **headers)
    assert found == (Allowance(limit=limit, remaining=7, reset=NOW + timedelta(seconds=30), period=period),)


def test_several_policies_of_older_drafts_are_several_limits() -> None:
    assert read(ratelimit_limit="10", ratelimit_policy="10;w=1, 50;w=60", ratelimit_remaining="9") == (
        Allowance(limit=10, remaining=9, period=timedelta(seconds=1)),
        Allowance(limit=50, period=MINUTE),
    )


@pytest.mark.parametrize("text", ["limit=100, remaining=50, reset=30", "remaining=50, limit=100, reset=30"])
def test_the_combined_field_of_version_07_is_read(text: str) -> None:
    reset = NOW + timedelta(seconds=30)
    assert read(ratelimit=text) == (Allowance(limit=100, remaining=50, reset=reset),)
    assert read(ratelimit=text, ratelimit_policy="100;w=60")[0].period == MINUTE


@pytest.mark.parametrize(
    ("reset", "after"),
    [
        ("30", 30),
        ("604800", 604_800),
        (str(int(NOW.timestamp()) + 30), 30),
        (str((int(NOW.timestamp()) + 30) * 1000), 30),
        ("Fri, 20 Nov 2026 09:30:30 GMT", 30),
        ("6m0s", 360),
        ("1.5s", 1.5),
        ("250ms", 0.25),
    ],
)
def test_an_undeclared_reset_is_read_where_only_one_meaning_fits(reset: str, after: float) -> None:
    (found,) = read(ratelimit_remaining="1", ratelimit_reset=reset)
    assert found.reset == NOW + timedelta(seconds=after)


@pytest.mark.parametrize("reset", ["604801", "999999999", "-1", "soon", "", "9" * 300])
def test_a_reset_that_could_mean_anything_is_ignored_and_counted(reset: str) -> None:
    assert allowances({"ratelimit-remaining": "1", "ratelimit-reset": reset}, NOW) == ((Allowance(remaining=1),), 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"default"',
        '"default";r',
        '"default";r=-1',
        '"default";r=1.5',
        '"default";r="50"',
        '"default";r=50;t=1.5',
        '"a";r=1, "b"',
        '("a" "b");r=1',
        "50;r=1",
        '"default;r=1',
        "limit=100, remaining=many",
        "remaining=1, limit=(1 2)",
    ],
)
def test_a_malformed_field_is_ignored_as_a_whole(text: str) -> None:
    assert allowances({"ratelimit": text}, NOW) == ((), 1)


def test_absurd_numbers_stay_within_what_can_be_calculated() -> None:
    most = "9" * 15
    (found,) = read(ratelimit=f'"a";r={most};t={most}', ratelimit_policy=f'"a";q={most};w={most}')
    assert found.period == timedelta(days=366)
    assert found.reset == NOW + timedelta(days=366)


FIELDS = ["ratelimit", "ratelimit-policy", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
PIECES = [
    '"a"',
    "a",
    ";r=",
    ";q=",
    ";w=",
    ";t=",
    ";qu=",
    ",",
    "limit=",
    "remaining=",
    "(",
    ")",
    ":",
    "?1",
    "@",
    "1",
    "-",
]
TEXTS = st.text(max_size=30) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.integers().map(str)


@given(st.dictionaries(st.sampled_from(FIELDS), TEXTS))
def test_no_field_raises_and_what_is_read_makes_sense(headers: dict[str, str]) -> None:
    found, unread = allowances(headers, NOW)
    assert 0 <= unread <= len(headers)
    for one in found:
        assert all(number is None or number >= 0 for number in (one.limit, one.remaining))
        assert one.period is None or one.period > timedelta()
