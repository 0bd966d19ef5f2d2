"""What goes wrong per credential and per system, each with the alert that it makes and its sentence."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, Urgency
from alerts.message import MessageKind
from monitor.clock import SettableClock
from monitor.sandbox.faults import Fault
from probes.catalog import ProbeId
from probes.feed import Habit, Hour, hour_of_week
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

PAYMENTS = ProbeId("gateway.payments")


def alert(day: Day, kind: AlertKind, system: str) -> Alert:
    key = str(AlertKey(kind=kind, subject=system))
    assert key in day.application.situation.alerts, sorted(day.application.situation.alerts)
    return day.application.situation.alerts[key]


def headlines(day: Day) -> list[str]:
    return [page.subject for page in day.told(MessageKind.PAGE)]


async def test_a_key_for_another_environment_is_said_to_be_one_and_where_to_put_the_right_one(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.CREDENTIAL_ELSEWHERE)
        await day.advance(minutes=1)
        found = alert(day, AlertKind.CREDENTIAL, "billing")
        assert re.fullmatch(
            r"billing refuses our credential since 2026-03-04 08:01:0\d UTC: it is for another environment than "
            r"http://sandbox\.test/billing; put one of that environment under env:SANDBOX_BILLING_KEY",
            found.explanation,
        )
        assert "sandbox-billing-credential" not in "".join(page.body for page in day.told(MessageKind.PAGE))
        refused = re.search(
            r'credential_refusals_total\{kind="wrong_environment",system="billing"\} (\d+)', metrics(day)
        )
        assert refused is not None
        assert int(refused[1]) >= 3
        day.mends(Fault.CREDENTIAL_ELSEWHERE)
        await day.advance(minutes=2)
        assert alert(day, AlertKind.CREDENTIAL, "billing").state is AlertState.RESOLVED


def metrics(day: Day) -> str:
    return day.application.metrics().decode().replace(".0\n", "\n")


async def test_one_list_that_may_not_be_read_leaves_the_system_in_sight(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.CHARGES_FORBIDDEN)
        await day.advance(minutes=1)
        found = alert(day, AlertKind.CREDENTIAL, "billing")
        assert found.state is AlertState.FIRING
        assert "refuses our credential for charges since 2026-03-04 08:01:0" in found.explanation
        assert "and not for " in found.explanation
        assert found.explanation.endswith("it may not read charges; give it that right at the vendor")
        kinds = {one.key.kind for one in day.application.situation.alerts.values() if one.active}
        assert kinds == {AlertKind.CREDENTIAL}, "the other lists answer: the system is neither down nor out of sight"
        day.mends(Fault.CHARGES_FORBIDDEN)
        await day.advance(minutes=2)
        assert alert(day, AlertKind.CREDENTIAL, "billing").state is AlertState.RESOLVED


@pytest.mark.answers(
    "airbytehq/airbyte#32914",
    "airbytehq/airbyte#84961",
    "airbytehq/airbyte#70984",
    "airbytehq/airbyte#68104",
    "PostHog/posthog#85782",
)
async def test_an_empty_list_with_status_200_is_not_a_success(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.CHARGES_EMPTY)
        await day.advance(minutes=1)
        found = alert(day, AlertKind.EMPTY_LIST, "billing")
        assert re.fullmatch(
            r"billing\.charges answers without an error and is empty since 08:01:\d\d UTC: "
            r"3 or more records should be in it that it showed before",
            found.explanation,
        )
        assert any("A list of system billing is empty that should not be" in line for line in headlines(day))
        day.mends(Fault.CHARGES_EMPTY)
        await day.advance(minutes=1)
        assert alert(day, AlertKind.EMPTY_LIST, "billing").state is AlertState.RESOLVED


async def test_a_field_that_vanishes_and_one_that_changes_its_type_are_named_and_no_value_is(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=3)
        day.breaks(Fault.CHARGES_CHANGED)
        await day.advance(minutes=1)
        found = alert(day, AlertKind.SCHEMA_DRIFT, "billing")
        assert re.fullmatch(
            r"billing\.charges has another form since 08:03:\d\d UTC, in \d+ records in a row: "
            r"`amount` was number and is string; `customer` was string and is no longer there",
            found.explanation,
        )
        day.mends(Fault.CHARGES_CHANGED)
        await day.advance(minutes=1)
        assert alert(day, AlertKind.SCHEMA_DRIFT, "billing").state is AlertState.RESOLVED


async def test_errors_inside_good_answers_are_told_by_their_share(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERRORS_AT_TIMES)
        await day.advance(minutes=3)
        found = alert(day, AlertKind.ERRORS_INSIDE, "billing")
        assert re.fullmatch(
            r"billing answers without an error and with one inside since 08:0\d:\d\d UTC: "
            r"\d+ of \d+ looks in an hour \([\d.]+ %, usual is 1 %\)",
            found.explanation,
        )
        day.mends(Fault.ERRORS_AT_TIMES)
        await day.advance(minutes=4)
        assert alert(day, AlertKind.ERRORS_INSIDE, "billing").state is AlertState.RESOLVED


async def test_a_list_that_answers_with_an_old_copy_is_frozen(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        # Last week at this hour there was something newer every six seconds.
        usual = Hour(watched=timedelta(hours=1), moves=600, slots=12, longest=timedelta(seconds=20))
        number = hour_of_week(day.clock.now())
        day.application.situation.habits[PAYMENTS] = Habit(probe=PAYMENTS, hours={number: usual})
        await day.advance(minutes=1)
        day.breaks(Fault.PAYMENTS_FROZEN)
        await day.advance(minutes=3)
        found = alert(day, AlertKind.FROZEN_FEED, "gateway")
        assert re.fullmatch(
            r"gateway\.payments shows nothing newer since 08:0[01]:\d\d UTC \(\d+ s\) and answers as always: "
            r"by its own history 1[4-6] newer records were to be expected",
            found.explanation,
        )
        assert any("A list of system gateway no longer changes" in line for line in headlines(day))
        day.mends(Fault.PAYMENTS_FROZEN)
        await day.advance(minutes=1)
        assert alert(day, AlertKind.FROZEN_FEED, "gateway").state is AlertState.RESOLVED


async def test_a_clock_that_is_off_is_a_ticket_and_no_page(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.CLOCK_AHEAD)
        await day.advance(minutes=1)
        found = alert(day, AlertKind.CLOCK_SKEW, "gateway")
        assert re.fullmatch(
            r"the clock of gateway is (89|90|91) s ahead of ours \(give or take 0\.5 s\), 30 s is allowed; "
            r"those of 2 of 2 others agree with ours",
            found.explanation,
        )
        assert found.urgency is Urgency.TICKET
        assert day.incidents == []
        assert re.search(r'tierwatch_clock_skew_seconds\{system="gateway"\} (89|90|91)', metrics(day))
        day.mends(Fault.CLOCK_AHEAD)
        await day.advance(minutes=1)
        assert alert(day, AlertKind.CLOCK_SKEW, "gateway").state is AlertState.RESOLVED


async def test_a_credential_that_ends_is_a_ticket_for_weeks_and_a_page_on_its_last_day(tmp_path: Path) -> None:
    def ends(folder: Path) -> None:
        leisurely(folder)
        systems = folder / "systems.yaml"
        told = "    credential_expires: 2026-03-05\n"
        systems.write_text(systems.read_text().replace("  gateway:\n", f"  gateway:\n{told}"))

    # The day begins at midnight in UTC.
    start = datetime(2026, 3, 3, 23, 59, 30, tzinfo=UTC)
    async with a_day(tmp_path, configure=ends, clock=SettableClock(start)) as day:
        await day.advance(seconds=20)
        ticket = alert(day, AlertKind.CREDENTIAL_EXPIRY, "gateway")
        assert ticket.explanation == (
            "our credential for gateway ends at 2026-03-05 00:00:00 UTC; it should have been renewed 30 days before"
        )
        assert day.incidents == []
        await day.advance(seconds=30)
        assert alert(day, AlertKind.CREDENTIAL_ENDS, "gateway").state is AlertState.FIRING
        assert any("Our credential for system gateway ends within a day" in line for line in headlines(day))
        assert 'tierwatch_token_expiry_timestamp_seconds{system="gateway"} 1.7726688e+09' in metrics(day)
