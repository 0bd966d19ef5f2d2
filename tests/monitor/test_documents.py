"""The pages for users, tried as their reader would try them."""

import re
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from alerts.alert import TICKETS, AlertKind
from monitor.cli import main
from monitor.load import load
from probes.assertion import AssertionKind, Totals
from probes.catalog import SystemId
from probes.failing import LIMITED
from tests.monitor.load.written import NOW, PARTS, written


def yaml_of(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)


def test_the_page_on_connectors_can_be_followed(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "connectors.md").read_text(encoding="utf-8")
    books, definition, answers, posted, others = yaml_of(page)
    folder = tmp_path / "connectors"
    folder.mkdir()
    (folder / "tills.yaml").write_text(definition, encoding="utf-8")
    (folder / "tills.answers.yaml").write_text(answers, encoding="utf-8")
    done = CliRunner().invoke(main, ["connector", "test", str(folder / "tills.yaml")])
    assert done.output == "ok: a sale that was refused\n1 case read as recorded.\n"

    used = "  tills: {connector: ./connectors/tills.yaml, values: {shop: corner}, credential: env:TILLS}\n"
    systems = PARTS["systems"] + "".join(one.removeprefix("systems:\n") for one in (books, posted, others)) + used
    loaded = load(written(tmp_path, systems=systems), now=NOW, secrets=False)
    assert loaded.errors == ()
    assert loaded.config is not None
    assert loaded.config.catalog.systems.keys() >= {"books", "shop", "vendor-status", "engagement", "tills"}


def test_the_page_names_no_command_that_there_is_not(repository: Path) -> None:
    page = (repository / "docs" / "connectors.md").read_text(encoding="utf-8")
    for command in sorted(set(re.findall(r"^tierwatch ([a-z]+)", page, flags=re.MULTILINE))):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0, command


def test_the_page_on_what_can_go_wrong_can_be_followed(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "what-can-go-wrong.md").read_text(encoding="utf-8")
    limits, assertions, flow, ends = yaml_of(page)
    failures = "".join(f"{line}\n" for line in limits.splitlines()[3:])
    tiers = PARTS["tiers"].replace("    sla:", f"{failures}    sla:")
    asserted = "".join(f"      {line}\n" for line in assertions.splitlines()).replace("sales:", "invoices:")
    systems = PARTS["systems"] + (
        f"  shop:\n    connector: stripe\n    credential: env:SHOP\n    every: 10s\n    overrides:\n{asserted}"
    )
    systems += "".join(f"{line}\n" for line in ends.splitlines()[2:])
    totals = flow.replace("  invoices:\n", "  sync:\n").replace("external_id", "external.id")
    loaded = load(written(tmp_path, tiers=tiers, systems=systems, flows=totals), now=NOW, secrets=False)
    assert loaded.errors == ()
    assert loaded.config is not None
    catalog = loaded.config.catalog
    (tier,), (one,) = catalog.tiers.values(), catalog.flows.values()
    assert {LIMITED[kind] for kind in tier.objectives.failures} == {"hard_declines", "webhooks_failed"}
    assert one.totals == Totals(over=timedelta(hours=1), settling=timedelta(minutes=15), at_most=0.001)
    assert catalog.systems[SystemId("shop")].renewal.credential_expires is not None
    kinds = [one.kind for one in catalog.systems[SystemId("shop")].connector.resources["invoices"].assertions]
    assert set(kinds) == set(AssertionKind)
    said = [str(finding) for finding in loaded.findings]
    assert [
        one for one in said if "totals: only counts records: billing.invoices and erp.invoices have no amount" in one
    ]
    assert [one for one in said if "no list of a system that knows its clients tells of hard_declined" in one]


def test_the_page_on_what_can_go_wrong_names_every_limit_and_every_kind_of_assertion(repository: Path) -> None:
    page = (repository / "docs" / "what-can-go-wrong.md").read_text(encoding="utf-8")
    assert [name for name in (*LIMITED.values(), *LIMITED, *AssertionKind) if name not in page] == []


def test_every_alert_is_listed_with_whose_it_is_and_whether_it_pages(repository: Path) -> None:
    page = (repository / "docs" / "what-can-go-wrong.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (page|ticket)[^|]* \| [^|]+ \| [^|]+ \|$", page, flags=re.MULTILINE)
    said = dict(listed)
    assert said == {kind.value: "ticket" if kind in TICKETS else "page" for kind in AlertKind}
    assert len(listed) == len(said), "one alert is listed twice"


def test_how_every_alert_begins_and_ends_is_written(repository: Path) -> None:
    page = (repository / "docs" / "how-it-decides.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(set(AlertKind) - {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}) == []
