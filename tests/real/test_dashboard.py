"""Every query of the Grafana dashboard returns data from the Prometheus that scraped us, and its form is sound."""

import math
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.real.dashboard import BOARD, filled, panels, queries, variables
from tests.real.process import eventually
from tests.real.watched import Watched

NEEDS_PROMETHEUS = [pytest.mark.real("prometheus"), pytest.mark.story]
UNPLAYED = (
    "tierwatch_sync_entire_latency_seconds_bucket",
    "tierwatch_batch_",
    "tierwatch_cutoff_timestamp_seconds",
    "tierwatch_heartbeat_last_success_timestamp_seconds",
    "tierwatch_probe_ssl_earliest_cert_expiry",
    "tierwatch_token_expiry_timestamp_seconds",
    "tierwatch_webhook_last_received_timestamp_seconds",
)
"""What the minutes that are played have none of: ways of several hops, runs, cut-offs, certificates, ends, webhooks."""

QUERIES = [
    pytest.param(query, id=place, marks=NEEDS_PROMETHEUS)
    for place, query in queries()
    if not any(name in query for name in UNPLAYED)
]
OTHERS = [pytest.param(query, id=place) for place, query in queries() if any(name in query for name in UNPLAYED)]
CHOICES = [pytest.param(name, marks=NEEDS_PROMETHEUS) for name, one in variables().items() if one["type"] == "query"]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"none", "s", "percentunit", "cps", "cpm", "reqps", "bool_yes_no"}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_dashboard_returns_data(played: Watched, query: str) -> None:
    def numbers() -> list[float]:
        # What rose longer than an interval ago is asked whether it ever showed.
        samples = played.prometheus.query(asked) or played.prometheus.query(f"last_over_time(({asked})[5m:1s])")
        return [sample.value for sample in samples if math.isfinite(sample.value)]

    asked = filled(query)
    assert eventually(numbers, query)


@pytest.mark.parametrize("query", OTHERS)
def test_a_query_of_what_is_not_played_asks_for_metrics_and_labels_that_there_are(repository: Path, query: str) -> None:
    page = (repository / "docs" / "metrics.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"tierwatch_\w+", query)
    row = re.search(rf"^\| `{name.removesuffix('_bucket')}` \| \w+ \| (.*?) \|", page, flags=re.MULTILINE)
    assert row is not None, f"there is no {name}"
    used = {label for by in re.findall(r"by \(([\w, ]+)\)", query) for label in by.split(", ")}
    used |= set(re.findall(r"(\w+)=~", query))
    assert used - {"le"} <= set(row[1].split(", "))


@pytest.mark.parametrize("name", CHOICES)
def test_a_variable_offers_choices(played: Watched, name: str) -> None:
    asked = re.fullmatch(r"label_values\((\w+), (\w+)\)", variables()[name]["query"]["query"])
    assert asked is not None
    assert asked[2] == name
    assert played.prometheus.label_values(name, asked[1])


def test_every_panel_has_a_title_a_description_a_unit_and_the_chosen_data_source() -> None:
    for panel in panels():
        assert panel["title"][0].isupper()
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["datasource"] == SOURCE
        assert all(target["datasource"] == SOURCE and target["legendFormat"] for target in panel["targets"])


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    everything = BOARD["panels"]
    assert [panel["id"] for panel in everything] == list(range(1, len(everything) + 1))
    for one, other in combinations(everything, 2):
        assert _apart(one["gridPos"], other["gridPos"]), f"{one['title']} lies on {other['title']}"
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in everything)


def test_it_shows_tiers_flows_quotas_incidents_and_the_time_to_repair() -> None:
    rows = {panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"}
    assert {"Tiers", "Flows", "Systems and quotas", "Incidents"} <= rows
    assert "Mean time to repair" in {panel["title"] for panel in panels()}


def test_only_the_boards_own_variables_are_used() -> None:
    used = {name for _, query in queries() for name in re.findall(r"\$(?!__)(\w+)", query)}
    assert used == set(variables()) - {"datasource"}


def test_it_ships_in_the_wheel(repository: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path)
    subprocess.run(command, cwd=repository, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    assert "monitor/grafana/tierwatch.json" in ZipFile(wheel).namelist()


def _apart(one: dict[str, int], other: dict[str, int]) -> bool:
    across = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    return across or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
