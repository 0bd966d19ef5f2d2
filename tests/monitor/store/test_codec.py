"""Whatever the rooms' values hold comes back from JSON equal to what it was."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert
from alerts.message import Message
from alerts.timeline import Event, Resolved
from monitor.store import codec
from monitor.store.codec import Codec, Unreadable
from probes.budget import Balance, Window
from probes.catalog import ClientId
from probes.cursor import Cursor
from probes.reconcile import Sample
from probes.sli import Indicator
from probes.tracked import RecordState, Tracked
from tests.monitor.store.cast import NOON, STORY

ATOMS: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.timedeltas(),
    time: st.times(),
    Window: st.builds(
        Window,
        limit=st.integers(1, 10**9),
        period=st.timedeltas(timedelta(microseconds=1)),
        burst=st.none() | st.integers(1, 10**6),
    ),
}


def values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation has no type of its own
    """Return a strategy for the values of an annotation, as the rooms use annotations."""
    if kind in ATOMS:
        return ATOMS[kind]
    if hasattr(kind, "__supertype__"):
        return values(kind.__supertype__)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.deferred(
            lambda: st.builds(kind, **{one.name: values(hints[one.name]) for one in fields(kind) if one.init})
        )
    if isinstance(kind, type) and issubclass(kind, tuple):
        hints = get_type_hints(kind)
        return st.deferred(lambda: st.builds(kind, **{name: values(one) for name, one in hints.items()}))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    return composed(get_origin(kind), get_args(kind))


def composed(origin: object, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Return a strategy for a union, a literal or a collection."""
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, parts))
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is frozenset:
        return st.frozensets(values(parts[0]), max_size=3)
    if origin is Mapping:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=3)
    if origin is tuple and parts[-1] is ...:
        return st.lists(values(parts[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, parts))
    raise NotImplementedError(origin)


PAIRS = [
    *(pytest.param(codec.EVENT, kind, id=kind.__name__) for kind in get_args(Event)),
    pytest.param(codec.ALERT, Alert, id="Alert"),
    pytest.param(codec.INDICATOR, Indicator, id="Indicator"),
    pytest.param(codec.CURSOR, Cursor, id="Cursor"),
    pytest.param(codec.BALANCE, Balance, id="Balance"),
    pytest.param(codec.SAMPLE, Sample, id="Sample"),
    pytest.param(codec.TRACKED, Tracked, id="Tracked"),
    pytest.param(codec.MESSAGE, Message, id="Message"),
]


@pytest.mark.parametrize(("written", "kind"), PAIRS)
@given(choice=st.data())
@settings(max_examples=40, deadline=None)
def test_a_value_comes_back_equal(written: Codec[Any], kind: type, choice: st.DataObject) -> None:
    value = choice.draw(values(kind))
    again = written.value(written.text(value))
    assert again == value
    assert type(again) is type(value)


def test_every_event_says_its_kind_in_the_text() -> None:
    assert all(f'"kind":"{event.kind}"' in codec.EVENT.text(event) for event in STORY)


def test_instants_come_back_aware() -> None:
    again = codec.EVENT.value(codec.EVENT.text(STORY[0]))
    assert again.at.utcoffset() == timedelta()


def test_a_value_without_a_newer_field_takes_its_default() -> None:
    text = '{"kind":"resolved","at":"2026-03-02T12:00:00.123456Z","why":"drained"}'
    assert codec.EVENT.value(text) == Resolved(at=NOON, why="drained", by=None)


@pytest.mark.parametrize("text", ["", "no JSON", "{}", '{"kind":"exploded"}', '{"kind":"resolved","at":"hunter2"}'])
def test_text_that_is_no_such_value_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        codec.EVENT.value(text)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_lone_surrogates_become_question_marks() -> None:
    event = Resolved(at=NOON, why="caf\u00e9 \ud800")
    assert codec.EVENT.value(codec.EVENT.text(event)) == Resolved(at=NOON, why="caf\u00e9 ?")


def test_a_record_that_an_older_version_wrote_is_read_as_what_it_was() -> None:
    older = '{"key":"in_1","state":"open","client":"acme","created":"2026-03-02T12:00:00.123456Z","late":true}'
    assert codec.TRACKED.value(older) == Tracked("in_1", RecordState.OPEN, NOON, ClientId("acme"), late=True)
