"""Cut-offs: whose they are, and when the next one is, on the clock of its zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import Cutoff
from probes.cutoff import cutoffs_of, next_at, upcoming
from probes.timetable import Cron, next_instant
from tests.cast import ACME, BOREAL, CLIENTS, GOLD, PLATINUM, SILVER, catalog_of

RUN = Cutoff(name="invoice-run", expression="0 18 * * mon-fri", zone="Europe/Madrid")
REPORT = Cutoff(name="report", expression="30 2 * * *")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_client_has_its_tiers_cut_offs_and_its_own_come_before_them() -> None:
    own = replace(RUN, expression="0 9 * * *", zone="UTC")
    clients = {**CLIENTS, ACME: replace(CLIENTS[ACME], cutoffs=(own,))}
    catalog = catalog_of(clients, (replace(PLATINUM, cutoffs=(RUN, REPORT)), GOLD, SILVER))
    assert cutoffs_of(catalog, ACME) == (own, REPORT)
    assert cutoffs_of(catalog, BOREAL) == (RUN, REPORT)


def test_the_nearest_comes_first_each_on_its_own_clock_or_the_clients() -> None:
    catalog = catalog_of(CLIENTS, (replace(PLATINUM, cutoffs=(RUN, REPORT)), GOLD, SILVER))
    friday = at("2026-03-06 16:30")
    # Six in Madrid is 17:00 UTC; half past two in New York 07:30, on Sunday one hour later than it would be.
    assert [(one.cutoff.name, one.at) for one in upcoming(catalog, ACME, friday)] == [
        ("invoice-run", at("2026-03-06 17:00")),
        ("report", at("2026-03-07 07:30")),
    ]
    assert next_at(RUN, catalog, ACME, at("2026-03-06 17:00")) == at("2026-03-09 17:00")
    assert next_at(REPORT, catalog, ACME, at("2026-03-08 05:00")) == at("2026-03-08 07:00")
    assert next_at(REPORT, catalog, ACME, at("2026-03-08 08:00")) == at("2026-03-09 06:30")


@given(st.timedeltas(timedelta(0), timedelta(days=365)), st.sampled_from(["*/7 * * * *", "5 3 * * *", "0 12 1 * *"]))
def test_the_next_instant_is_the_first_of_all_that_are_later(since: timedelta, expression: str) -> None:
    cron, now = Cron(expression=expression, zone="Europe/Berlin"), at("2026-01-01") + since
    found = next_instant(cron, now)
    assert found > now
    assert next_instant(cron, found - timedelta(seconds=1)) == found
    assert next_instant(cron, now + (found - now) / 2) == found
