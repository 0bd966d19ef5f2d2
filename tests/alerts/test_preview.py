"""Before a silence is made, it is shown what it hides: now, in the last days, and whole tiers."""

import pytest

from alerts.alert import AlertState
from alerts.matcher_syntax import parse_matchers
from alerts.preview import Hidden, Known, hidden
from tests.alerts.shift import Shift
from tests.cast import ACME, BOREAL, CATALOG, ERP, NOON, after, late, system_alert


def of(shift: Shift, written: str) -> Hidden:
    """Return what a silence would hide of a shift."""
    known = Known(catalog=CATALOG, alerts=shift.alerts, incidents=shift.incidents.values())
    return hidden(parse_matchers(written), known, after(hours=1))


@pytest.fixture
def shift() -> Shift:
    """Return a shift with an incident that is over, and one that goes on."""
    known = Shift()
    known.sees(NOON, system_alert(ERP))
    known.sees(after(minutes=9), system_alert(ERP, AlertState.RESOLVED, at=after(minutes=9)))
    known.sees(after(minutes=50), late(ACME), late(BOREAL))
    return known


def test_it_shows_what_is_hidden_now_and_would_have_been(shift: Shift) -> None:
    found = of(shift, "destination=erp")
    assert found.alerts == ("sync_latency/invoices/acme", "sync_latency/invoices/boreal")
    assert (found.incidents, found.past, found.clients) == (("INC-2",), (), (ACME, BOREAL))
    before = of(shift, "system=erp")
    assert (before.alerts, before.incidents, before.past) == ((), (), ("INC-1",))


def test_what_hides_a_part_hides_no_incident(shift: Shift) -> None:
    found = of(shift, "client=acme")
    assert (found.alerts, found.incidents, found.clients) == (("sync_latency/invoices/acme",), (), (ACME,))


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("tier=platinum", ("platinum",)),
        ("client=~acme|boreal", ("platinum",)),
        ("tier!=platinum", ("gold", "silver")),
        ("alertname=~.+", ("platinum", "gold", "silver")),
        ("client=acme", ()),
        ("system=erp", ()),
        ("kind=availability", ()),
        ("tier=platinum,kind=sync_latency", ()),
    ],
)
def test_a_tier_is_hidden_where_nothing_of_any_of_its_clients_would_be_told(
    shift: Shift, written: str, whole: tuple[str, ...]
) -> None:
    found = of(shift, written)
    assert found.whole_tiers == whole
    assert found.tiers["platinum"][1] == 2  # type: ignore[index]
