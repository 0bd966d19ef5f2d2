"""The labels of alerts of ours: what matchers are held against."""

from alerts.alert import AlertKind
from alerts.labels import labels_of, name_of, with_client
from alerts.matcher import matches
from alerts.matcher_syntax import parse_matchers
from tests.cast import ACME, CATALOG, ERP, late, system_alert


def test_an_alert_on_a_system_names_it_and_its_vendor() -> None:
    assert labels_of(system_alert(ERP), CATALOG) == {
        "alertname": "Availability",
        "kind": "availability",
        "severity": "page",
        "subject": "erp",
        "system": "erp",
        "vendor": "erp",
    }


def test_an_alert_of_a_client_on_a_flow_names_both_ends_and_the_tier() -> None:
    assert labels_of(late(ACME), CATALOG) == {
        "alertname": "SyncLatency",
        "kind": "sync_latency",
        "severity": "page",
        "subject": "invoices",
        "flow": "invoices",
        "source": "billing",
        "destination": "erp",
        "client": "acme",
        "tier": "platinum",
    }


def test_an_alert_that_hurts_several_clients_has_their_labels_one_by_one() -> None:
    labels = labels_of(system_alert(ERP), CATALOG)
    platinum = parse_matchers("system=erp,tier=platinum")
    assert not matches(platinum, labels)
    assert matches(platinum, with_client(labels, ACME, CATALOG))


def test_every_kind_of_alert_has_a_name_of_its_own() -> None:
    names = {name_of(kind) for kind in AlertKind}
    assert len(names) == len(AlertKind)
    assert "RecordsMissing" in names
