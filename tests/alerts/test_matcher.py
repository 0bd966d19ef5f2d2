"""Matchers are read, written and matched as Alertmanager does it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matcher import Matcher, MatcherError, Operator, filtered, holds, matcher, matches, says_nothing
from alerts.matcher_quoting import quoted
from alerts.matcher_syntax import (
    Mode,
    classic_matchers,
    parse_matcher,
    parse_matchers,
    utf8_matchers,
)
from tests.examples import examples

EQ, NE, RE, NR = Operator.EQUAL, Operator.NOT_EQUAL, Operator.MATCHES, Operator.NOT_MATCHES
BAD = None

# What is written; what the newer form makes of it; what the classic one does. The classic one counts where they differ.
COMPLIANCE: list[tuple[str, list[tuple[str, Operator, str]] | None, list[tuple[str, Operator, str]] | None]] = [
    ("", [], []),
    ("{}", [], []),
    ("  { }  ", [], BAD),
    ("foo=bar", [("foo", EQ, "bar")], [("foo", EQ, "bar")]),
    ("{foo=bar}", [("foo", EQ, "bar")], [("foo", EQ, "bar")]),
    ("{foo=bar,}", [("foo", EQ, "bar")], [("foo", EQ, "bar")]),
    ('{foo="bar"}', [("foo", EQ, "bar")], [("foo", EQ, "bar")]),
    ("{foo=~bar.*}", [("foo", RE, "bar.*")], [("foo", RE, "bar.*")]),
    ('{foo!~"bar.*"}', [("foo", NR, "bar.*")], [("foo", NR, "bar.*")]),
    ('{foo="bar", baz!="quux"}', [("foo", EQ, "bar"), ("baz", NE, "quux")], [("foo", EQ, "bar"), ("baz", NE, "quux")]),
    (
        '{foo="bar,quux", job="a"}',
        [("foo", EQ, "bar,quux"), ("job", EQ, "a")],
        [("foo", EQ, "bar,quux"), ("job", EQ, "a")],
    ),
    ('{foo=""}', [("foo", EQ, "")], [("foo", EQ, "")]),
    ("job=", BAD, [("job", EQ, "")]),
    ("{foo=,bar=}}", BAD, [("foo", EQ, ""), ("bar", EQ, "}")]),
    ("{foo=bar}}", BAD, [("foo", EQ, "bar}")]),
    ("{foo=bar}},}", BAD, [("foo", EQ, "bar}}")]),
    ("{foo=}b", BAD, [("foo", EQ, "}b")]),
    ("{foo='}", BAD, [("foo", EQ, "'")]),
    ("{foo=`}", BAD, [("foo", EQ, "`")]),
    ('{foo=\\"}', BAD, [("foo", EQ, '"')]),
    ("tricky=~~~", BAD, [("tricky", RE, "~~")]),
    ('trickier==\\\\=\\=\\"', BAD, [("trickier", EQ, '=\\=\\="')]),
    ("foo=one two", BAD, [("foo", EQ, "one two")]),
    ("foo=bar baz=qux", BAD, [("foo", EQ, "bar baz=qux")]),
    (' foo = "bar" , ', [("foo", EQ, "bar")], [("foo", EQ, "bar")]),
    ('foo = " bar "', [("foo", EQ, " bar ")], [("foo", EQ, " bar ")]),
    ('foo="\\n"', [("foo", EQ, "\n")], [("foo", EQ, "\n")]),
    ('foo="\\t"', [("foo", EQ, "\t")], [("foo", EQ, "\\t")]),
    ('foo="\\xf0\\x9f\\x99\\x82"', [("foo", EQ, "🙂")], [("foo", EQ, "\\xf0\\x9f\\x99\\x82")]),
    ('foo=~"\\\\d+"', [("foo", RE, "\\d+")], [("foo", RE, "\\d+")]),
    ('foo=~"\\d+"', BAD, [("foo", RE, "\\d+")]),
    ("foo=🙂", [("foo", EQ, "🙂")], [("foo", EQ, "🙂")]),
    ("foo🙂=bar", [("foo🙂", EQ, "bar")], BAD),
    ('"foo bar"=baz', [("foo bar", EQ, "baz")], BAD),
    ('{"a}b"="{"}', [("a}b", EQ, "{")], BAD),
    ("invalid-name=a", [("invalid-name", EQ, "a")], BAD),
    ("1a=b", [("1a", EQ, "b")], BAD),
    ('foo="', BAD, BAD),
    ('foo=bar"', BAD, BAD),
    ('foo="bar', BAD, BAD),
    ('foo="a"b"', BAD, BAD),
    ('"foo="bar""', BAD, BAD),
    ("{,}", BAD, BAD),
    ("{{foo=", BAD, BAD),
    ("{foo=", BAD, [("foo", EQ, "")]),
    ("{foo=bar", BAD, [("foo", EQ, "bar")]),
    ("foo=bar}", BAD, [("foo", EQ, "bar")]),
    (",foo=bar", BAD, BAD),
    ("foo=bar,,baz=qux", BAD, BAD),
    ("foo", BAD, BAD),
    ("foo!bar", BAD, BAD),
    ("=bar", BAD, BAD),
    ('""=bar', BAD, BAD),
    ('foo=~"invalid[regexp"', BAD, BAD),
    ("foo=~(?=bar)", BAD, BAD),
    ('foo="\\ud800"', BAD, [("foo", EQ, "\\ud800")]),
    ('foo="\\xff"', BAD, [("foo", EQ, "\\xff")]),
]


def _values(expected: list[tuple[str, Operator, str]] | None) -> tuple[Matcher, ...] | None:
    return None if expected is None else tuple(matcher(*one) for one in expected)


def _read(text: str, mode: Mode) -> tuple[Matcher, ...] | None:
    try:
        return parse_matchers(text, mode)
    except MatcherError:
        return None


@pytest.mark.parametrize(("text", "newer", "classic"), COMPLIANCE, ids=[repr(case[0]) for case in COMPLIANCE])
def test_what_is_written_is_read_as_alertmanager_reads_it(
    text: str, newer: list[tuple[str, Operator, str]] | None, classic: list[tuple[str, Operator, str]] | None
) -> None:
    assert _read(text, Mode.UTF8) == _values(newer)
    assert _read(text, Mode.CLASSIC) == _values(classic)
    assert _read(text, Mode.FALLBACK) == (_values(classic) if classic is not None else _values(newer))


def test_what_neither_form_knows_gets_the_complaint_of_the_classic_one() -> None:
    with pytest.raises(MatcherError, match=r"^bad matcher format: bad$"):
        parse_matcher("bad")
    with pytest.raises(MatcherError, match=r'^matcher value contains unescaped double quote: "value$'):
        parse_matcher('job="value')


@pytest.mark.parametrize("text", ["{foo=bar}", "{foo=bar", "foo=bar}"])
def test_a_single_matcher_has_no_braces(text: str) -> None:
    with pytest.raises(MatcherError, match=r"^unexpected open or close brace: "):
        parse_matcher(text)
    assert parse_matcher("foo=bar", Mode.UTF8) == matcher("foo", EQ, "bar")


def test_a_single_matcher_is_one() -> None:
    with pytest.raises(MatcherError, match="found 2"):
        parse_matcher("foo=bar,baz=qux", Mode.UTF8)
    # The classic form takes all of it as the value.
    assert parse_matcher("foo=bar,baz=qux") == matcher("foo", EQ, "bar,baz=qux")


@pytest.mark.parametrize(
    ("written", "labels", "expected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {"a": "bb"}, False),
        ("a=b", {}, False),
        ('a=""', {}, True),
        ('a=""', {"a": "x"}, False),
        ("a!=b", {}, True),
        ('a!=""', {}, False),
        ("a=~b", {"a": "abc"}, False),
        ("a=~.*b.*", {"a": "abc"}, True),
        ("a=~b|", {}, True),
        ("a=~b|c", {"a": "c"}, True),
        ("a=~a|b.*", {"a": "ax"}, False),
        ("a!~b.*", {"a": "bc"}, False),
        ("a!~b.*", {}, True),
        ("a!~.*", {}, False),
        ("a=~.+", {"a": "one\ntwo"}, False),
        ("a=~(?s).+", {"a": "one\ntwo"}, True),
        ("a=~(?i)ABC", {"a": "abc"}, True),
        ("a=~x$", {"a": "x"}, True),
        ("a=~x", {"a": "x\n"}, False),
        ("a=~\\w+", {"a": "é"}, False),
        ("a=~\\pL+", {"a": "é"}, True),
        ("a=b,c=d", {"a": "b", "c": "d"}, True),
        ("a=b,c=d", {"a": "b"}, False),
    ],
)
def test_labels_are_matched_whole_and_a_missing_one_is_an_empty_one(
    written: str, labels: dict[str, str], *, expected: bool
) -> None:
    assert matches(parse_matchers(written), labels) is expected


@pytest.mark.parametrize("pattern", ["(?=x)", "(?<!x)y", "(a)\\1", "a{1001}", "(", "*"])
def test_an_expression_that_re2_does_not_know_is_refused(pattern: str) -> None:
    with pytest.raises(MatcherError, match=r"^invalid regular expression "):
        matcher("a", RE, pattern)


def test_no_expression_takes_more_than_linear_time() -> None:
    # In a backtracking engine this one takes longer than the universe has lasted.
    assert not holds(matcher("a", RE, "(a+)+b"), "a" * 50_000)


@pytest.mark.parametrize(
    ("written", "expected"),
    [('a=""', True), ("a=x", False), ("a=~.*", True), ("a=~.+", False), ("a!=x", False), ("a!~x", False)],
)
def test_a_matcher_says_nothing_where_it_holds_for_what_has_no_such_label(written: str, *, expected: bool) -> None:
    assert says_nothing(parse_matcher(written)) is expected


def test_a_filter_lets_an_empty_value_through_by_whether_the_label_is_there() -> None:
    assert filtered([matcher("a", EQ, "")], {})
    assert not filtered([matcher("a", EQ, "")], {"a": "x"})
    assert filtered([matcher("a", NE, "")], {"a": ""})
    assert not filtered([matcher("a", NE, "")], {})
    assert filtered([matcher("a", RE, "x.*")], {"a": "xy"})


TEXTS = st.text(st.one_of(st.sampled_from("\"\\{}=~!, \n\t'`abcé"), st.characters(codec="utf-8")), max_size=12)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(TEXTS.filter(bool), st.sampled_from([EQ, NE]), TEXTS), max_size=3))
def test_what_is_written_is_read_again(parts: list[tuple[str, Operator, str]]) -> None:
    known = tuple(matcher(*one) for one in parts)
    written = ",".join(f"{quoted(one.name)}{one.operator}{quoted(one.value)}" for one in known)
    assert utf8_matchers("{" + written + "}") == known
    for one in known:
        assert parse_matcher(str(one)) in (one, *classic_or_nothing(str(one)))


def classic_or_nothing(text: str) -> tuple[Matcher, ...]:
    """Return what the classic form makes of a text: where a name needs quotes there is nothing."""
    try:
        return classic_matchers(text)
    except MatcherError:
        return ()


@settings(max_examples=examples(60))
@given(TEXTS)
def test_no_input_breaks_the_reading(text: str) -> None:
    for mode in Mode:
        _read(text, mode)
