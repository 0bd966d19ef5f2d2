"""What is at stake in an incident, and how it was worked out."""

from dataclasses import replace
from datetime import date

from alerts.alert import AlertState
from alerts.stake import lines, stake
from probes.catalog import Cutoff
from probes.worth import Revenue
from tests.alerts.shift import Shift
from tests.cast import ACME, BOREAL, CLIENTS, COBALT, CONTEXT, ERP, NOON, after, catalog_of, late, system_alert

PAID = {
    **CLIENTS,
    ACME: replace(
        CLIENTS[ACME],
        revenue=Revenue(yearly=120_000, currency="EUR"),
        cutoffs=(Cutoff(name="invoice-run", expression="34 12 * * *", zone="UTC"),),
    ),
    BOREAL: replace(
        CLIENTS[BOREAL], revenue=Revenue(yearly=80_000.4, currency="EUR"), renewal=NOON.date().replace(day=16)
    ),
    COBALT: replace(CLIENTS[COBALT], renewal=date(2020, 1, 1)),
}
KNOWN = catalog_of(PAID)


def hurting() -> Shift:
    shift = Shift(context=replace(CONTEXT, catalog=KNOWN))
    shift.sees(NOON, late(ACME), late(BOREAL), late(COBALT))
    return shift


def test_a_page_says_what_is_at_stake() -> None:
    (page, *_) = (one for one in hurting().messages if one.client is None)
    assert (
        "At stake: 2 platinum, 1 gold; 200,000 EUR a year (of 2 of 3 clients); boreal is to renew in 12 days "
        "(2026-03-16); 34 min to invoice-run of acme."
    ) in page.body


def test_how_it_was_worked_out_is_said_with_it() -> None:
    known = stake(hurting().only, KNOWN, NOON)
    assert [sentence.partition(":")[0] for sentence in known.how] == ["clients", "revenue", "renewal", "cut-off"]
    assert "1 without one are left out" in known.how[1]


def test_who_has_recovered_is_at_stake_no_more_and_all_are_told_of_once_it_is_over() -> None:
    shift = hurting()
    shift.sees(
        after(minutes=2), *(replace(late(one), state=AlertState.RESOLVED, cleared=NOON) for one in (ACME, COBALT))
    )
    assert stake(shift.only, KNOWN, after(minutes=2)).revenue == {"EUR": 80_000.4}
    shift.resolves(after(minutes=3))
    over = stake(shift.only, KNOWN, after(minutes=4))
    assert (over.clients, over.cutoff) == (3, None)


def test_where_nobody_is_hurt_nothing_is_said() -> None:
    shift = Shift()
    shift.sees(NOON, replace(system_alert(ERP), state=AlertState.BLIND))
    assert lines(stake(shift.only, shift.context.catalog, NOON), NOON) == ()
