"""The records of a story: each is where it should be when it should, whatever stops it on its way."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.replay.records import Block, streams_of
from monitor.replay.story import FOREVER, Span, Stop, Story, Traffic, Trouble
from probes.failure import FailureClass
from tests.cast import ACME, CATALOG, COBALT, ERP, INVOICES, MINUTE, NOON, after

EVERY, TAKES = 5 * MINUTE, timedelta(seconds=20)
TRAFFIC = Traffic(flow=INVOICES.id, clients=(ACME, COBALT), span=Span(start=NOON), every=EVERY, takes=TAKES)


def story(stopped: tuple[Stop, ...] = (), failing: tuple[Trouble, ...] = ()) -> Story:
    """Return two hours of traffic on the invoices' flow."""
    return Story(
        title="", zone="UTC", start=NOON, end=after(hours=2), traffic=(TRAFFIC,), stopped=stopped, failing=failing
    )


def test_a_record_is_at_its_source_at_once_and_at_its_destination_when_it_has_travelled() -> None:
    (acme, cobalt) = streams_of(story(), CATALOG)
    assert [at for _, at in acme.shown(acme.created, NOON, after(minutes=9))] == [NOON, after(minutes=5)]
    assert next(acme.shown(acme.arrived, NOON, after(hours=1))) == ("invoices-acme-0", after(seconds=20))
    assert cobalt.created(0) == NOON + EVERY / 2


def test_what_waits_arrives_in_its_order_once_the_flow_moves_again() -> None:
    span = Span(start=after(minutes=10), end=after(minutes=40))
    (acme, _) = streams_of(story((Stop(flow=INVOICES.id, span=span, catches_up=10 * MINUTE),)), CATALOG)
    arrived = [acme.arrived(number) for number in range(12)]
    assert arrived == sorted(arrived)
    assert arrived[1] == after(minutes=5, seconds=20)
    assert all(span.end <= at <= span.end + 10 * MINUTE for at in arrived[2:9])


def test_nothing_reaches_a_system_that_does_not_answer_and_what_is_only_refused_does() -> None:
    span = Span(start=NOON, end=after(hours=1))
    for failure, first in ((FailureClass.SERVER, after(hours=1)), (FailureClass.AUTH, NOON)):
        trouble = Trouble(system=ERP, span=span, failure=failure)
        (acme, _) = streams_of(story(failing=(trouble,)), CATALOG)
        assert acme.arrived(0) >= first
        assert (acme.arrived(0) < after(minutes=1)) == (failure is FailureClass.AUTH)


def test_a_flow_may_stop_for_one_client_and_for_ever() -> None:
    stop = Stop(flow=INVOICES.id, span=Span(start=NOON), catches_up=MINUTE, clients=frozenset({ACME}))
    acme, cobalt = streams_of(story((stop,)), CATALOG)
    assert acme.arrived(0) == FOREVER
    assert cobalt.arrived(0) < after(minutes=3)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60), st.integers(1, 60)), max_size=4))
def test_however_a_flow_is_stopped_no_record_overtakes_another(stops: list[tuple[int, int, int]]) -> None:
    blocks = [
        Block(Span(start=after(minutes=begin), end=after(minutes=begin + length)), catching * MINUTE)
        for begin, length, catching in sorted(stops)
    ]
    instants = []
    for number in range(0, 240, 5):
        at = NOON + number * MINUTE
        for block in blocks:
            at = block.passed(at)
        instants.append(at)
    assert instants == sorted(instants)
    assert all(at >= NOON + 5 * place * MINUTE for place, at in enumerate(instants))
