"""What a page says to whom: the reader's own clock, why they are told, what breaks first, and what to do next."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.briefing import briefing, clock, ended
from alerts.escalation import PageReason
from alerts.fold import advanced
from alerts.incident import Incident
from alerts.timeline import Resolved
from alerts.wording import REASONS, headline, page_subject
from tests.alerts.shift import Shift
from tests.alerts.test_wording import incident
from tests.cast import ACME, ALBA, BRUNO, CARLA, CONTEXT, NOON, after, late

TOKYO = replace(BRUNO, timezone="Asia/Tokyo")


@pytest.fixture
def paged() -> Incident:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    return shift.only


@pytest.mark.answers(
    "prometheus/alertmanager#4201",
    "prometheus/alertmanager#2931",
    "prometheus/alertmanager#3810",
    "prometheus/alertmanager#3861",
)
def test_every_reader_is_told_the_time_on_their_own_clock_with_the_offset_and_in_utc(paged: Incident) -> None:
    madrid = briefing(paged, ALBA, PageReason.FIRST, CONTEXT, NOON)
    tokyo = briefing(paged, TOKYO, PageReason.FIRST, CONTEXT, NOON)
    assert "Since 2026-03-04 12:59:00 +01:00 (Europe/Madrid), 11:59:00 UTC" in madrid
    assert "Since 2026-03-04 20:59:00 +09:00 (Asia/Tokyo), 11:59:00 UTC" in tokyo
    assert "Europe/Madrid" not in tokyo


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-03-04T12:00Z", "UTC", "2026-03-04 12:00:00 +00:00 (UTC), 12:00:00 UTC"),
        ("2026-03-04T23:30Z", "Asia/Kolkata", "2026-03-05 05:00:00 +05:30 (Asia/Kolkata), 2026-03-04 23:30:00 UTC"),
        ("2026-10-25T00:30Z", "Europe/Madrid", "2026-10-25 02:30:00 +02:00 (Europe/Madrid), 00:30:00 UTC"),
        ("2026-10-25T01:30Z", "Europe/Madrid", "2026-10-25 02:30:00 +01:00 (Europe/Madrid), 01:30:00 UTC"),
        ("2026-03-04T12:00Z", "America/St_Johns", "2026-03-04 08:30:00 -03:30 (America/St_Johns), 12:00:00 UTC"),
    ],
)
def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(at: str, zone: str, expected: str) -> None:
    assert clock(datetime.fromisoformat(at), zone) == expected


@pytest.mark.parametrize("reason", PageReason)
def test_a_page_says_what_why_since_when_and_where_to_go(paged: Incident, reason: PageReason) -> None:
    text = briefing(paged, ALBA, reason, CONTEXT, NOON)
    for part in (
        headline(paged),
        REASONS[reason],
        "Evidence: a record of acme has waited 41 s",
        "https://watch.example.com/incidents/INC-1",
        "https://watch.example.com/runbooks/sync_latency",
    ):
        assert part in text
    assert page_subject(paged) == f"[INC-1] {headline(paged)}"


def test_a_page_says_what_breaks_first_and_in_how_long(paged: Incident) -> None:
    text = briefing(paged, ALBA, PageReason.FIRST, CONTEXT, NOON)
    assert (
        "Breaks first: acknowledge for Acme Corp (platinum) at "
        "2026-03-04 13:01:00 +01:00 (Europe/Madrid), 12:01:00 UTC, in 60 s." in text
    )


def test_a_page_says_who_is_next_if_nobody_acknowledges(paged: Incident) -> None:
    text = briefing(paged, ALBA, PageReason.FIRST, CONTEXT, NOON)
    assert "(or else carla is paged at 2026-03-04 13:03:00 +01:00 (Europe/Madrid), 12:03:00 UTC, in 3 min)" in text


def test_why_now_is_told_in_a_sentence(paged: Incident) -> None:
    text = briefing(paged, CARLA, PageReason.FORECAST, CONTEXT, NOON, "3 of 14 outages of erp lasted longer")
    assert f"{REASONS[PageReason.FORECAST]} 3 of 14 outages of erp lasted longer.\n" in text


def test_the_evidence_on_a_page_is_that_of_its_headline() -> None:
    both = incident("sync_latency/invoices/acme", "availability/erp")
    assert "Evidence: evidence of availability/erp" in briefing(both, ALBA, PageReason.FIRST, CONTEXT, NOON)


def test_a_page_of_a_storm_stays_short() -> None:
    keys = [f"sync_latency/invoices/c{number}" for number in range(5_000)]
    assert len(briefing(incident(*keys), ALBA, PageReason.FIRST, CONTEXT, NOON)) < 1_000


def test_the_all_clear_says_how_it_ended_and_how_long_it_lasted_on_the_readers_clock() -> None:
    over = advanced(incident("availability/erp"), Resolved(at=after(minutes=9), why="the data caught up"))
    text = ended(over, TOKYO, CONTEXT, after(minutes=9))
    assert "INC-7 is resolved: the data caught up." in text
    assert "It lasted 10 min, from 2026-03-04 20:59:00 +09:00 (Asia/Tokyo), 11:59:00 UTC." in text
    assert "https://watch.example.com/incidents/INC-7" in text
