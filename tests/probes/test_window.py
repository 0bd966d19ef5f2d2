"""Spans: nothing between them is left out, none is longer than allowed, and halving ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from probes.connector import Since
from probes.window import SHORTEST, Span, first_span, following, halved
from tests.probes.definitions import PAYMENTS

NOW = datetime(2026, 11, 20, 9, 0, 0, 250_000, tzinfo=UTC)


def windowed(width: timedelta) -> Span:
    resource = replace(PAYMENTS, since=Since(param="s", max_window=width))
    return first_span(resource, NOW - timedelta(days=10), NOW)


@given(st.timedeltas(timedelta(hours=1), timedelta(days=40)))
def test_spans_cover_everything_up_to_now_and_none_is_too_long(width: timedelta) -> None:
    span = windowed(width)
    assert span.start == NOW - timedelta(days=10)
    while not span.last:
        assert span.start is not None
        assert span.end - span.start == width
        before, span = span, following(span)
        assert span.start == before.end
    assert span.end > NOW


def test_a_list_without_a_limit_is_one_span_and_cannot_be_halved_without_a_start() -> None:
    span = first_span(PAYMENTS, NOW - timedelta(days=900), NOW)
    assert span.last
    assert halved(first_span(None, None, NOW)) is None


def test_halving_ends_at_a_minute() -> None:
    span: Span | None = windowed(timedelta(days=10))
    count = 0
    while span is not None:
        assert span.start is not None
        assert span.end - span.start >= SHORTEST
        span, count = halved(span), count + 1
    assert count == 14
