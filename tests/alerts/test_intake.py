"""What a reported alert means: whom it is about by its labels, when it is over, and which incident it belongs to."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.alert import AlertState, Urgency
from alerts.intake import LABELS, Intake, OnTimeout, Place, Role, assess_reported, place_of
from alerts.message import MessageKind, Stage
from alerts.receivers import route_of
from alerts.reported import Reported
from alerts.reports import Reports
from alerts.weigh import Before
from alerts.wording import headline
from probes.catalog import TierId
from tests.alerts.shift import FIRST, Shift
from tests.alerts.test_reported import labelled, report
from tests.cast import ACME, BILLING, BOREAL, CATALOG, COBALT, CONTEXT, ERP, INVOICES, MINUTE, NOON, after, system_alert

INTAKE = Intake(labels={**LABELS, Role.CLIENT: ("client", "customer", "tenant"), Role.SYSTEM: ("job", "system")})


class Sent:
    """A shift to which others report; our own alerts follow at once."""

    def __init__(self, intake: Intake = INTAKE) -> None:
        self.intake = intake
        self.shift = Shift()
        self.reports = Reports(keeps=intake.on_timeout is OnTimeout.KEEP)

    def reports_at(self, at: datetime, *reports: Reported) -> None:
        """Take reports in, and let time pass to this instant."""
        self.reports.take(reports)
        self.reports.expire(at)
        chunk = self.reports.to_follow(100)
        before = Before(catalog=CATALOG, indicators={}, alerts=self.shift.alerts, books={})
        assessment, keys = assess_reported(before, chunk, self.intake, at)
        self.shift.sees(at, *assessment.moved.values())
        self.reports.follow(chunk, keys, at)


def sent(at: datetime = NOON, ends: datetime | None = None, /, **labels: str) -> Reported:
    one = report(at, at - MINUTE, ends, labelled(**{"alertname": "SyncLag", **labels}))
    one.annotations = {"summary": "invoices are late", "runbook_url": "https://wiki.example.com/sync"}
    return one


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({"client": "acme"}, Place(client=ACME)),
        ({"customer": "erp-cobalt"}, Place(client=COBALT)),
        ({"client": "nobody", "tenant": "boreal"}, Place(client=BOREAL)),
        ({"job": "billing", "customer": "billing-acme"}, Place(client=ACME, system=BILLING)),
        ({"job": "billing", "customer": "erp-acme"}, Place(system=BILLING)),
        ({"job": "node", "system": "erp"}, Place(system=ERP)),
        ({"flow": "invoices", "tier": "gold"}, Place(flow=INVOICES.id, tier=TierId("gold"))),
        ({"instance": "acme", "flow": "none"}, Place()),
    ],
)
def test_labels_name_whom_an_alert_is_about(labels: dict[str, str], place: Place) -> None:
    assert place_of(labels, INTAKE, CATALOG) == place


def test_an_alert_of_others_lives_like_ours_incident_timers_pages_and_notices() -> None:
    told = Sent()
    told.reports_at(NOON, sent(client="acme", flow="invoices"))
    incident = told.shift.incidents[FIRST]
    assert list(incident.impacts) == [ACME]
    assert incident.impacts[ACME].onset == NOON - MINUTE
    assert incident.tier == "platinum"
    assert headline(incident) == "Reported to us: SyncLag: 1 client hurt (1 platinum)"
    (page,) = [one for one in told.shift.messages if one.kind is MessageKind.PAGE]
    assert "invoices are late" in page.body
    assert "https://wiki.example.com/sync" in page.body
    assert [one.stage for one in told.shift.messages if one.client == ACME] == [Stage.INVESTIGATING] * 2
    told.reports_at(after(minutes=2), sent(after(minutes=2), after(minutes=1), client="acme", flow="invoices"))
    ended = told.shift.incidents[FIRST]
    assert ended.resolved_why == "the data caught up: every hurt client's backlog has drained"
    assert ended.impacts[ACME].recovered == after(minutes=1)


@pytest.mark.answers("target/goalert#4461")
def test_alerts_that_say_the_same_are_one_only_where_their_labels_are() -> None:
    told = Sent()
    told.reports_at(NOON, sent(instance="a"), sent(instance="b"), sent(instance="a"))
    assert len(told.shift.alerts) == 2
    assert len(told.shift.incidents[FIRST].alerts) == 2


def test_several_alerts_with_one_cause_are_one_incident_and_one_page() -> None:
    told = Sent()
    told.shift.sees(NOON, system_alert(ERP))
    told.reports_at(after(seconds=5), sent(system="erp", client="acme"), sent(system="erp", client="boreal"))
    told.reports_at(after(seconds=9), sent(alertname="ErpDown", job="erp"))
    assert list(told.shift.incidents) == [FIRST]
    pages = [one for one in told.shift.messages if one.kind is MessageKind.PAGE]
    assert len(pages) == 1


def test_alerts_that_name_no_place_share_an_incident_by_their_rule() -> None:
    told = Sent()
    told.reports_at(NOON, sent(client="acme"), sent(client="dune"), sent(alertname="DiskFull", instance="db"))
    assert sorted(len(one.alerts) for one in told.shift.incidents.values()) == [1, 2]


def test_an_alert_of_a_tier_on_a_system_hurts_that_tiers_clients_there() -> None:
    told = Sent()
    told.reports_at(NOON, sent(system="billing", tier="platinum"))
    assert set(told.shift.incidents[FIRST].impacts) == {ACME, BOREAL}


def test_an_alert_of_a_tier_alone_hurts_nobody_known_and_pages_as_that_tier() -> None:
    told = Sent()
    told.reports_at(NOON, sent(tier="gold"))
    assert not told.shift.incidents[FIRST].impacts
    assert told.shift.incidents[FIRST].tier == "gold"


def test_what_is_only_a_warning_pages_nobody() -> None:
    told = Sent()
    told.reports_at(NOON, sent(severity="warning", client="acme"))
    (alert,) = told.shift.alerts.values()
    assert alert.urgency is Urgency.TICKET
    assert not told.shift.incidents


@pytest.mark.answers("prometheus/alertmanager#2264")
def test_an_alert_that_is_not_sent_again_ends_and_says_that_nobody_said_so() -> None:
    told = Sent()
    told.reports_at(NOON, sent(client="acme"))
    told.reports_at(after(minutes=5))
    (alert,) = told.shift.alerts.values()
    assert alert.state is AlertState.RESOLVED
    assert alert.explanation == "ended by timeout: not sent again for 5 min, and nobody said that it is over"
    why = "an alert of others was not sent to us again; nobody has said that it is over"
    assert told.shift.incidents[FIRST].resolved_why == why


@pytest.mark.answers("prometheus/alertmanager#2264")
def test_it_goes_on_where_missing_data_is_no_recovery_until_somebody_says_so() -> None:
    told = Sent(replace(INTAKE, on_timeout=OnTimeout.KEEP))
    told.reports_at(NOON, sent(client="acme"))
    told.reports_at(after(minutes=5))
    (alert,) = told.shift.alerts.values()
    assert alert.state is AlertState.FIRING
    told.reports_at(after(minutes=9), sent(after(minutes=9), after(minutes=8), client="acme"))
    (alert,) = told.shift.alerts.values()
    assert alert.state is AlertState.RESOLVED
    assert alert.cleared == after(minutes=8)


def test_what_fires_again_is_hurt_again() -> None:
    told = Sent()
    for minute in (0, 10):
        at = after(minutes=minute)
        told.reports_at(at, sent(at, client="acme"))
        told.reports_at(at + 2 * MINUTE, sent(at + 2 * MINUTE, at + MINUTE, client="acme"))
    (alert,) = told.shift.alerts.values()
    assert alert.state is AlertState.RESOLVED
    assert all(one.resolved is not None for one in told.shift.incidents.values())


def test_a_mapping_that_changes_moves_no_alert_that_goes_on() -> None:
    told = Sent()
    told.reports_at(NOON, sent(client="acme"))
    told.intake = Intake(labels={**LABELS, Role.CLIENT: ("customer",)})
    told.reports_at(after(minutes=2), sent(after(minutes=2), after(minutes=1), client="acme"))
    (alert,) = told.shift.alerts.values()
    assert alert.state is AlertState.RESOLVED


def test_receivers_are_the_policies_that_the_labels_lead_to() -> None:
    route = route_of(INTAKE, CATALOG, CONTEXT.roster.policies)
    assert route.receivers == ("first-line", "second-line")
    leads = {
        "first-line": ({}, {"client": "acme"}, {"customer": "erp-acme"}, {"job": "billing"}, {"flow": "invoices"}),
        "second-line": (
            {"client": "cobalt"},
            {"tier": "silver"},
            {"system": "ledger"},
            {"client": "x", "tier": "gold"},
        ),
    }
    assert {name: [route.receiver(one) for one in labels] for name, labels in leads.items()} == {
        name: [name] * len(labels) for name, labels in leads.items()
    }
