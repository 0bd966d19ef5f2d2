"""A calendar that cannot be read for too long is a ticket, which only a good reading ends."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertState, Urgency
from alerts.assess import assess_time, next_judgement
from alerts.calendars import NEVER_READ
from alerts.oncall import Feed, Schedule
from alerts.rota import Rota, failed
from alerts.weigh import Before
from probes.catalog import SecretRef
from tests.cast import CATALOG, NOON

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FEED = Feed(url=SecretRef("env:ROTA"), people=(), stale_after=6 * HOUR)
READ = Rota(schedule="team", read=NOON, tried=NOON)
KEY = "calendar_stale/team"


def known(rota: Rota, *alerts: Alert, since: datetime = NOON, feed: Feed | None = FEED) -> Before:
    team = Schedule(name="team", rotations=(), feed=feed)
    return Before(
        catalog=CATALOG,
        indicators={},
        alerts=dict.fromkeys((KEY,), *alerts) if alerts else {},
        books={},
        since=since,
        schedules={"team": team},
        rotas={"team": rota},
    )


def after(before: Before, now: datetime) -> Alert | None:
    return assess_time(before, {}, now).moved.get(KEY)


def test_a_calendar_that_fails_is_a_ticket_once_its_last_copy_is_too_old() -> None:
    at = NOON + 6 * HOUR
    before = known(failed(READ, "status 503", at - MINUTE))
    assert after(before, at - MINUTE) is None
    assert next_judgement(before, {}, at - MINUTE) == at
    alert = after(before, at)
    assert alert is not None
    assert (alert.state, alert.urgency, alert.onset) == (AlertState.FIRING, Urgency.TICKET, NOON)
    assert "last read at 2026-03-04 12:00:00 UTC, 6 h 0 min ago (status 503); what it told then" in alert.explanation


def test_only_a_good_reading_ends_it() -> None:
    at = NOON + 6 * HOUR
    stale = failed(READ, "status 503", at)
    alert = after(known(stale), at)
    assert alert is not None
    again = failed(stale, "timeout", at + HOUR)
    assert after(known(again, alert), at + HOUR) is None, "another failure says nothing new"
    read = replace(stale, read=at + HOUR, tried=at + HOUR, problem="")
    ended = after(known(read, alert), at + HOUR)
    assert ended is not None
    assert (ended.state, ended.cleared) == (AlertState.RESOLVED, at + HOUR)


def test_a_calendar_that_was_never_read_is_one_an_hour_after_a_start() -> None:
    never = failed(Rota(schedule="team"), "its address is a secret that is not there", NOON + MINUTE)
    assert after(known(never), NOON + NEVER_READ - MINUTE) is None
    alert = after(known(never), NOON + NEVER_READ)
    assert alert is not None
    assert "was never read (its address is a secret that is not there)" in alert.explanation


def test_while_we_did_not_run_nobody_tried_so_nothing_is_said_before_the_first_try() -> None:
    started = NOON + 24 * HOUR
    old = failed(READ, "status 503", NOON + HOUR)
    assert after(known(old, since=started), started) is None
    tried = failed(old, "status 503", started + MINUTE)
    assert after(known(tried, since=started), started + MINUTE) is not None


def test_a_calendar_that_is_read_is_none_however_rarely_it_is_read() -> None:
    assert after(known(READ), NOON + 12 * HOUR) is None


def test_it_ends_where_the_schedule_no_longer_comes_from_a_calendar() -> None:
    at = NOON + 6 * HOUR
    stale = failed(READ, "status 503", at)
    alert = after(known(stale), at)
    assert alert is not None
    ended = after(known(stale, alert, feed=None), at + HOUR)
    assert ended is not None
    assert (ended.state, ended.explanation) == (AlertState.RESOLVED, "no longer configured")
