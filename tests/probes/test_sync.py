"""Source against destination: censored, decided at the limit, once, and only on what was really seen."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from probes.book import Book
from probes.catalog import ClientId
from probes.draft import after
from probes.sync import at_destination, at_source, forgotten, joined, next_limit
from probes.tracked import BookChange, Verdict
from tests.cast import ACME, BOREAL, HOUR, MINUTE, NOON
from tests.examples import examples
from tests.probes.books import FLOW, LOOKS, PROMISED, Desk, Looks, sighting, when


def test_a_record_that_arrives_in_time_is_good_at_its_limit_and_not_before() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(5)
    desk.destination(10, sighting("a"))
    desk.waits(19.9)
    assert desk.verdicts == []
    desk.waits(20)
    assert desk.verdicts == [Verdict(key="a", client=ACME, at=when(20), late=False)]


def test_a_record_that_has_not_arrived_by_its_limit_is_bad_then_and_not_when_it_arrives() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(20)
    assert desk.verdicts == [Verdict(key="a", client=ACME, at=when(20), late=True)]
    desk.destination(300, sighting("a"))
    assert len(desk.verdicts) == 1
    assert [(one.key, one.late, one.arrived) for one in desk.arrivals] == [("a", True, when(300))]


def test_a_record_on_its_way_is_not_late_before_a_look_after_its_limit_did_not_contain_it() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(19)
    desk.waits(60)
    assert desk.verdicts == []


def test_a_record_that_is_seen_after_a_younger_one_of_its_client_is_decided_at_its_own_limit() -> None:
    desk = Desk()
    desk.source(11, sighting("younger", at=10))
    desk.source(12, sighting("older", at=2))
    desk.destination(23)
    assert desk.lateness == {"older": True}
    desk.destination(30)
    assert desk.lateness == {"older": True, "younger": True}


def test_an_arrival_between_two_looks_around_the_limit_is_not_held_against_the_contract() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(15)
    desk.destination(25, sighting("a"))
    assert desk.lateness == {"a": False}


def test_a_destination_that_cannot_be_seen_decides_nothing_of_what_is_on_its_way() -> None:
    desk = Desk()
    desk.source(1, sighting("a"), sighting("b"))
    for at in range(5, 600, 5):
        desk.destination(at, whole=False)
        desk.waits(at)
    assert desk.verdicts == []
    assert desk.book.standings()[ACME].unsynced == 2
    assert desk.book.standings()[ACME].overdue == 0
    desk.destination(605, sighting("b"))
    assert desk.lateness == {"a": True, "b": False}


def test_a_record_seen_at_the_destination_first_is_matched_when_its_source_is_seen() -> None:
    desk = Desk()
    desk.destination(2)
    desk.destination(6, sighting("a"))
    desk.source(8, sighting("a"))
    desk.waits(20)
    assert desk.lateness == {"a": False}
    assert desk.book.standings() == {}


def test_a_late_record_is_late_even_when_its_source_could_only_be_read_after_it_had_arrived() -> None:
    desk = Desk()
    desk.destination(60)
    desk.destination(70, sighting("a"))
    desk.source(80, sighting("a"))
    assert desk.lateness == {"a": True}


@pytest.mark.parametrize("client", [None, ClientId("nobody-promised")])
def test_nobody_is_held_to_a_promise_that_was_not_made(client: ClientId | None) -> None:
    desk = Desk()
    desk.source(1, sighting("a", client=client))
    desk.destination(600)
    assert desk.verdicts == []


def test_a_settled_record_that_is_read_again_is_not_reopened_even_after_it_was_forgotten() -> None:
    desk = Desk()
    desk.source(1, sighting("a"))
    desk.destination(5, sighting("a"))
    desk.source(30, sighting("a"))
    assert desk.book.remembers("a")
    desk.source(3_900)
    desk.destination(3_900)
    desk.waits(3_900)
    assert not desk.book.remembers("a")
    desk.source(3_905, sighting("a"))
    desk.destination(4_000)
    assert desk.book.tracked == {}
    assert desk.lateness == {"a": False}


def test_only_what_is_settled_is_forgotten() -> None:
    desk = Desk()
    desk.source(1, sighting("lost"), sighting("arrived"))
    desk.destination(5, sighting("arrived"), sighting("orphan"))
    desk.destination(30)
    desk.source(8_000)
    desk.waits(8_000)
    desk.destination(8_001)
    desk.waits(8_002)
    assert set(desk.book.tracked) == {"lost"}
    assert not desk.book.settled


def test_a_record_of_an_unknown_client_that_never_arrives_does_not_stay_for_ever() -> None:
    desk = Desk()
    desk.source(1, sighting("stray", client=None))
    desk.destination(30)
    desk.waits(3_000)
    assert set(desk.book.tracked) == {"stray"}
    desk.source(3_700)
    desk.waits(3_700)
    assert desk.book.tracked == {}


def test_the_next_limit_is_the_earliest_that_time_alone_can_decide() -> None:
    desk = Desk()
    assert next_limit(desk.book, PROMISED, NOON) is None
    desk.source(1, sighting("b", at=0.5), sighting("a"))
    assert next_limit(desk.book, PROMISED, when(1)) == when(20)
    assert next_limit(desk.book, PROMISED, when(20)) == when(20.5)
    assert next_limit(desk.book, PROMISED, when(21)) is None


def test_a_standing_counts_what_is_under_way_and_what_is_overdue() -> None:
    desk = Desk()
    desk.source(40, sighting("old"), sighting("young", at=39), sighting("other", at=3, client=BOREAL))
    desk.destination(41)
    mine = desk.book.standings()[ACME]
    assert (mine.unsynced, mine.oldest, mine.overdue, mine.oldest_overdue) == (2, NOON, 1, NOON)
    assert desk.book.standings()[BOREAL].oldest == when(3)


@given(LOOKS)
def test_each_record_is_decided_once_whatever_is_seen_in_whatever_order(
    looks: Looks,
) -> None:
    desk, at = Desk(), 0.0
    for end, keys, whole, pause in looks:
        at += pause
        seen = [sighting(key, at="abcdef".index(key)) for key in sorted(keys)]
        if end == "time":
            desk.waits(at)
        elif end == "source":
            desk.source(at, *seen, whole=whole)
        else:
            desk.destination(at, *seen, whole=whole)
        assert all(one.at <= when(at) for one in desk.verdicts), "nothing is decided before its limit"
    assert len(desk.verdicts) == len(desk.lateness)
    for verdict in desk.verdicts:
        known = desk.book.get(verdict.key)
        assert desk.book.remembers(verdict.key) if known is None else known.late is verdict.late
    arrived = [one.key for one in desk.arrivals]
    assert len(arrived) == len(set(arrived)), "a record arrives once"


@settings(max_examples=examples(30))
@given(LOOKS)
def test_two_changes_as_one_make_the_same_book_as_one_after_the_other(
    looks: Looks,
) -> None:
    book, at = Book(FLOW), 0.0
    whole_change = BookChange(flow=FLOW)
    stepwise = Book(FLOW)
    for end, keys, whole, pause in looks:
        at += pause * 60
        seen = [sighting(key) for key in sorted(keys)]
        covered = when(at) if whole else None
        change = {
            "source": at_source(stepwise, seen, covered, HOUR, when(at)),
            "destination": at_destination(stepwise, seen, covered, HOUR, when(at)),
            "time": forgotten(stepwise, {}, MINUTE, when(at)),
        }[end]
        stepwise.apply(change)
        whole_change = joined(whole_change, change)
    draft, together = after(book, whole_change), Book(FLOW)
    together.apply(whole_change)
    assert together.tracked == stepwise.tracked
    assert all(together.settled[key] >= at for key, at in stepwise.settled.items()), "remembered as long, or longer"
    assert together.settled.keys().isdisjoint(together.tracked)
    assert together.standings() == stepwise.standings() == draft.standings()
    assert together.source_covered == stepwise.source_covered
    assert together.destination_covered == stepwise.destination_covered
    assert book.tracked == {}, "the book itself is left as it was"


def test_coverage_never_goes_back() -> None:
    desk = Desk()
    desk.destination(30)
    desk.destination(25)
    assert desk.book.destination_covered == when(30)


def test_a_change_without_content_need_not_be_written() -> None:
    assert BookChange(flow=FLOW).empty
    assert not replace(BookChange(flow=FLOW), dropped=("a",)).empty
