"""What becomes of records: missing, mismatched, orphan; each on evidence, and taken back by evidence."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from probes.compare import differ
from probes.ending import MOST_ORPHANS, ended
from probes.latency import Pace, paced
from probes.tracked import BookChange, Ending, Facts, Sighting
from tests.cast import ACME, SECOND
from tests.probes.books import Desk, sighting, when

QUICK = paced(Pace(), [2 * SECOND] * 2_000, when(0))
"""A flow whose records take two seconds, and 99.9 % no longer."""


@dataclass
class Judge(Desk):
    """Looks that are followed by the question what has become of the records."""

    found: dict[str, Ending] = field(default_factory=dict)

    def _take(self, change: BookChange, now: datetime) -> None:
        super()._take(change, now)
        change = ended(self.book, now)
        self.book.apply(change)
        self.found = {one.key: one.ending for one in self.book.doubtful() if one.ending is not None}


def judge() -> Judge:
    watched = Judge()
    watched.book.pace = QUICK
    watched.source(0)
    watched.destination(0)
    return watched


def said(key: str, at: float, *facts: str | None) -> Sighting:
    return sighting(key, at=at)._replace(facts=tuple(facts))


def test_a_record_is_missing_once_two_looks_after_its_time_did_not_show_it_and_a_younger_one_has_arrived() -> None:
    desk = judge()
    desk.source(3, sighting("lost", at=1), sighting("later", at=3))
    desk.destination(5, sighting("later", at=3))
    assert desk.found == {}, "one look after its time is not enough"
    desk.destination(7)
    assert desk.found == {"lost": Ending.MISSING}
    assert (desk.book.standings()[ACME].missing, desk.book.standings()[ACME].overdue) == (1, 0)


@pytest.mark.answers("datastax/cassandra-data-migrator#395")
def test_a_record_written_during_the_look_is_not_missing() -> None:
    """What was written during a look is on its way."""
    desk = judge()
    desk.source(30, sighting("before", at=20), sighting("meanwhile", at=29.5))
    desk.destination(30, sighting("before", at=20))
    desk.destination(31)
    assert desk.found == {}


def test_in_a_flow_that_stands_still_nothing_is_missing_however_late_it_is() -> None:
    desk = judge()
    desk.source(5, sighting("a", at=3))
    desk.destination(6, sighting("a", at=3))
    desk.source(10, *(sighting(f"stuck-{at}", at=at) for at in range(6, 10)))
    for at in range(11, 400, 5):
        desk.destination(at)
    assert desk.found == {}
    assert desk.book.standings()[ACME].overdue == 4


def test_what_was_there_before_the_destination_was_first_read_is_not_missing() -> None:
    desk = Judge()
    desk.book.pace = QUICK
    desk.source(20, sighting("old", at=1), sighting("later", at=15))
    desk.destination(20, sighting("later", at=15))
    desk.destination(30)
    desk.destination(40)
    assert desk.found == {}, "it may have arrived before anybody looked"


def test_a_destination_that_cannot_be_read_whole_shows_nothing_to_be_missing() -> None:
    desk = judge()
    desk.source(3, sighting("lost", at=1), sighting("later", at=3))
    for at in (5, 7, 9, 11):
        desk.destination(at, sighting("later", at=3), whole=False)
    assert desk.found == {}


def test_a_missing_record_that_arrives_is_late_and_no_longer_missing() -> None:
    desk = judge()
    desk.source(3, sighting("lost", at=1), sighting("later", at=3))
    for at in (5, 7, 40):
        desk.destination(at, sighting("later", at=3))
    desk.destination(50, sighting("lost", at=1))
    assert desk.found == {}
    assert desk.lateness["lost"]
    assert desk.book.remembers("lost")


def test_ends_that_differ_are_told_once_both_were_read_again_and_settled_once_they_agree() -> None:
    desk = judge()
    desk.source(2, said("a", 1, "12.5", "EUR"))
    desk.destination(4, said("a", 1, "12.05", "EUR"))
    assert desk.found == {}, "a change may be on its way"
    desk.source(5)
    desk.destination(6)
    assert desk.found == {"a": Ending.MISMATCHED}
    desk.destination(30)
    assert not desk.book.remembers("a"), "decided in time, and still wrong"
    desk.destination(40, said("a", 1, "12.5", "EUR"))
    assert desk.found == {}
    assert desk.book.remembers("a")


def test_a_change_that_reaches_both_ends_is_no_mismatch() -> None:
    desk = judge()
    desk.source(2, said("a", 1, "open"))
    desk.destination(4, said("a", 1, "paid"))
    desk.source(5, said("a", 1, "paid"))
    desk.destination(6)
    assert desk.found == {}


@pytest.mark.parametrize(
    ("facts", "found", "contradict"),
    [
        (("12.5", "EUR"), ("12.5", "EUR"), False),
        (("12.5", "EUR"), ("12.5", "USD"), True),
        (("12.5", None), ("12.5", "USD"), False),
        ((None, None), ("12.5", "USD"), False),
        ((), (), False),
    ],
)
def test_what_one_end_does_not_say_differs_from_nothing(facts: Facts, found: Facts, contradict: bool) -> None:  # noqa: FBT001
    assert differ(facts, found) is contradict


def test_a_record_of_the_destination_alone_is_an_orphan_once_two_looks_at_the_source_did_not_show_it() -> None:
    desk = judge()
    desk.destination(12, sighting("invented", at=10))
    desk.source(13)
    assert desk.found == {}
    desk.source(15)
    assert desk.found == {}, "the first of the two looks was sent too early to show it"
    desk.source(17)
    assert desk.found == {"invented": Ending.ORPHAN}
    desk.source(20, sighting("invented", at=9))
    assert desk.found == {}


def test_what_came_before_the_source_was_watched_is_no_orphan() -> None:
    desk = judge()
    desk.destination(3, sighting("old", at=1))
    for at in (10, 20, 30):
        desk.source(at)
    assert desk.found == {}


def test_orphans_without_end_are_kept_to_a_number() -> None:
    desk = judge()
    desk.destination(30, *(sighting(f"o{number}", at=10 + number / MOST_ORPHANS) for number in range(MOST_ORPHANS + 5)))
    for at in (40, 50, 60):
        desk.source(at)
    assert len(desk.found) == MOST_ORPHANS
    assert "o0" not in desk.found
