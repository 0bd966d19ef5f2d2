"""Configurations of any size for the weather, written as a user would have written them."""

from collections.abc import Iterable
from pathlib import Path

CONNECTOR = """\
name: wild
auth: {kind: none}
resources:
  records:
    path: /records
    records_path: items
    id_path: id
    client_paths: [client]
    created_path: created
    time_format: iso8601
    since: {param: since, format: iso8601, overlap: 30s}
    pagination: {kind: next_url, next_path: next}
    settled: [{path: status, op: exists}]
    failed: [{path: status, op: eq, value: failed}]
limits: [{rate: 1000/1s}]
whoami: /me
"""
PEOPLE = """\
people:
  - {id: ada, timezone: Europe/Madrid, channels: [env:ADA_PAGER, env:ADA_MAIL]}
  - {id: duty, timezone: Europe/Madrid, channels: [env:DUTY_PAGER]}
schedules: {staff: {rotations: [{people: [ada], every: 1w, handover: "Mon 09:00", timezone: Europe/Madrid}]}}
escalations: {staff: [{page: schedule:staff, wait: 30m}, {page: person:duty}]}
catch_all: person:duty
settings: {allow_private_destinations: true}
"""
TIERS = """\
tiers:
  gold:
    weight: 40
    objectives:
      availability: {target: 99.5%, window: 30d}
      sync_latency: {within: 20s, target: 99%, over: 2m}
      failure_ratio: {below: 3%, over: 2m}
    sla: {acknowledge: 30m, first_notice: 5m, repair: 1h, calendar: always}
    escalation: staff
    notices: automatic
"""
SECRETS = {"ADA_PAGER": "json://pager/", "ADA_MAIL": "json://mail/", "DUTY_PAGER": "json://duty/"}


def write(folder: Path, systems: Iterable[str], clients: Iterable[str], flows: str = "") -> None:
    """Write a configuration from lines about its systems and clients."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "connectors").mkdir(exist_ok=True)
    (folder / "connectors" / "wild.yaml").write_text(CONNECTOR, encoding="utf-8")
    (folder / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (folder / "tiers.yaml").write_text(TIERS, encoding="utf-8")
    lines = ["systems:", *systems, "clients:", *clients]
    (folder / "watched.yaml").write_text("\n".join([*lines, flows, ""]), encoding="utf-8")
