"""What Grafana's Alertmanager data source and karma ask, as their source has it; they find what they look for."""

import httpx
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from ruamel.yaml import YAML

from monitor.telemetry.reporting import alertmanager_metrics
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_alertmanager import ALERTS, GROUPS, alert
from tests.monitor.web.test_alertmanager_silences import SILENCES, silence

STATUS = "/api/v2/status"


async def test_grafana_finds_an_alertmanager_and_no_mimir(program: httpx.AsyncClient) -> None:
    """public/app/plugins/datasource/alertmanager/DataSource.ts: testDatasource."""
    assert (await program.get(f"/alertmanager{STATUS}")).status_code != 200
    assert (await program.get(STATUS)).status_code == 200
    assert (await program.get("/api/v1/status/buildinfo")).status_code == 404


async def test_grafana_reads_the_configuration_the_alerts_and_the_silences(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    """pkg/services/ngalert/api/lotex_am.go."""
    await program.post(ALERTS, json=[alert(client="acme")])
    identity = (await program.post(SILENCES, json=silence(office))).json()["silenceID"]
    status = (await program.get(STATUS)).json()
    read = YAML(typ="safe", pure=True).load(status["config"]["original"])
    names = {one["name"] for one in read["receivers"]}
    assert read["route"]["receiver"] in names
    assert {one["receiver"] for one in read["route"].get("routes", [])} <= names
    assert status["cluster"]["status"] == "disabled"
    query = "?active=true&silenced=true&inhibited=true"
    for found in ((await program.get(f"{ALERTS}{query}")).json(), await _in_groups(program, query)):
        (mine,) = [one for one in found if one["labels"].get("client") == "acme" and "kind" not in one["labels"]]
        assert mine["status"]["silencedBy"] == [identity]
    assert [one["id"] for one in (await program.get(SILENCES)).json()] == [identity]
    assert (await program.get(f"/api/v2/silence/{identity}")).json()["id"] == identity
    assert (await program.delete(f"/api/v2/silence/{identity}")).status_code == 200


async def _in_groups(program: httpx.AsyncClient, query: str) -> list[dict[str, dict[str, object]]]:
    groups = (await program.get(f"{GROUPS}{query}")).json()
    return [one for group in groups for one in group["alerts"]]


class Exposed(Collector):
    """The metrics of an office that have Alertmanager's names."""

    def __init__(self, office: MemoryOffice) -> None:
        self._office = office

    def collect(self) -> list[Metric]:
        """Return them."""
        return list(alertmanager_metrics(self._office.situation, self._office.at))


async def test_karma_finds_the_version_the_groups_and_the_silences(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    """internal/alertmanager: the version decides how it reads the rest."""
    await program.post(ALERTS, json=[alert(client="acme"), {"labels": {}}])
    await program.post(SILENCES, json=silence(office))
    registry = CollectorRegistry()
    registry.register(Exposed(office))
    families = {one.name: one for one in text_string_to_metric_families(generate_latest(registry).decode())}
    assert families["alertmanager_build_info"].samples[0].labels["version"] == "0.25.0"
    states = {sample.labels["state"]: sample.value for sample in families["alertmanager_silences"].samples}
    assert states == {"active": 1, "pending": 0, "expired": 0}
    assert {sample.labels["state"] for sample in families["alertmanager_alerts"].samples} == {"active", "suppressed"}
    for path, keys in (
        (STATUS, {"cluster", "config", "uptime", "versionInfo"}),
        (GROUPS, {"alerts", "labels", "receiver"}),
        (SILENCES, {"comment", "createdBy", "endsAt", "id", "matchers", "startsAt", "status", "updatedAt"}),
    ):
        found = (await program.get(path)).json()
        assert set(found if path == STATUS else found[0]) == keys
