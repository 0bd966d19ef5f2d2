"""What a database remembers of a time is read beside the process that holds it, on either kind."""

from datetime import timedelta

import pytest

from alerts.oncall import PersonId
from alerts.override import Override, OverrideId
from alerts.uptime import HourCount
from monitor.changes import Changes
from monitor.problem import ConfigError
from monitor.store import Store
from monitor.store.history import history
from tests.monitor.store.cast import DAY, ERP, FIRST, MINUTE, NOON, RESOLVED, STORY, alert, entries, opening

HOUR = NOON.replace(microsecond=0)


def test_timelines_alerts_and_looks_of_a_time_are_read_while_the_store_is_open(url: str, store: Store) -> None:
    looks = HourCount(system=ERP, hour=HOUR, good=58, bad=2)
    store.commit(Changes(entries=entries(*STORY, RESOLVED), alerts=(alert(),), looks=(looks,)))
    found = history(url, NOON - MINUTE, NOON + timedelta(hours=1))
    assert [entry.event for entry in found.entries] == [*STORY, RESOLVED]
    assert (found.alerts, found.looks, found.lost) == ((alert(),), (looks,), ())


def test_what_lies_outside_is_left_out_and_what_is_still_open_is_not(url: str, store: Store) -> None:
    store.commit(Changes(entries=(*entries(*STORY, RESOLVED), *opening("INC-2"), *opening("INC-3", NOON + 2 * DAY))))
    found = history(url, NOON + DAY, NOON + DAY + MINUTE)
    assert {entry.incident for entry in found.entries} == {"INC-2"}
    assert FIRST in {entry.incident for entry in history(url, NOON, NOON + MINUTE).entries}


def test_overrides_are_read_too(url: str, store: Store) -> None:
    one = Override(
        id=OverrideId("1"),
        schedule="team",
        start=NOON,
        end=NOON + DAY,
        person=PersonId("ana"),
        instead_of=None,
        by="ben",
        why="leave",
        created=NOON,
    )
    store.commit(Changes(overrides={one.id: one}))
    assert history(url, NOON, NOON + MINUTE).overrides == (one,)


def test_a_database_that_is_not_there_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ConfigError, match="there is no database"):
        history(f"sqlite:///{tmp_path_factory.mktemp('empty')}/tierwatch.db", NOON, NOON + DAY)
