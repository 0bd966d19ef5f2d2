"""A small configuration without errors or findings, and files to vary it with."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.load import Config, Loaded, load

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONNECTOR = """\
resources:
  invoices: {path: /invoices, client_paths: [customer], failed: [{path: status, op: eq, value: void}]}
limits: [{rate: 100/s, burst: 150}, {limit: 1000000, period: 1d}]
"""
PARTS = {
    "tiers": """\
tiers:
  gold:
    weight: 40
    objectives:
      availability: {target: 99.9%, window: 30d}
      sync_latency: {within: 5m, target: 99%}
      failure_ratio: {below: 0.02, over: 15m}
    sla: {acknowledge: 15m, first_notice: 30m, update_every: 1h, repair: 4h, from: onset}
    escalation: all
""",
    "clients": """\
clients:
  - {id: acme, name: Acme, tier: gold, identifiers: {billing: cus_1, erp: "0042"},
     contacts: [{name: Desk, channel: env:ACME_DESK}]}
""",
    "systems": """\
systems:
  billing: {connector: ./connectors/one.yaml, base_url: "https://billing.example/api/", quota: {share: 20%}}
  erp: {connector: ./connectors/one.yaml, base_url: "https://erp.example", quota: {rate: 10/s, burst: 20}}
""",
    "flows": """\
flows: {sync: {source: billing.invoices, destination: erp.invoices, match: {id: external.id}, mode: realtime}}
""",
    "people": """\
people:
  - {id: ana, timezone: Europe/Madrid, channels: [env:ANA_PAGER, file:ana-mail]}
  - {id: ben, channels: [env:BEN_PAGER]}
catch_all: person:ben
""",
    "schedules": """\
schedules: {week: {rotations: [{people: [ana, ben], handover: "Wed 09:00", timezone: Europe/Madrid}]}}
""",
    "escalations": """\
escalations: {all: [{page: schedule:week, wait: 3m}, {page: person:ben}]}
""",
}


def written(folder: Path, **changed: str) -> Path:
    """Write the configuration, a file for each part, with some parts changed; return its folder."""
    (folder / "connectors").mkdir(exist_ok=True)
    (folder / "connectors" / "one.yaml").write_text(changed.pop("connector", CONNECTOR), encoding="utf-8")
    for part, text in (PARTS | changed).items():
        (folder / f"{part}.yaml").write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path, *, secrets: bool = False, now: datetime = NOW, **changed: str) -> Loaded:
    """Return what is loaded of the configuration with some parts changed."""
    return load(written(folder, **changed), secrets=secrets, now=now)


def config(folder: Path, **changed: str) -> Config:
    """Return the configuration with some parts changed, which must be without errors."""
    result = load(written(folder, **changed), now=NOW, secrets=False)
    assert result.config is not None, [str(problem) for problem in result.errors]
    return result.config


def found(folder: Path, *, secrets: bool = False, now: datetime = NOW, **changed: str) -> list[str]:
    """Return the findings as `grade file:line: path: message`, the configuration being without errors."""
    result = loaded(folder, secrets=secrets, now=now, **changed)
    assert result.config is not None, [str(problem) for problem in result.errors]
    return [f"{problem.grade} {problem}".replace(f"{folder}/", "") for problem in result.findings]
