"""A company whose clients are called so that whatever is told to the wrong one shows: each bears a mark of its own.

Their names, identifiers, contacts, flows, templates and languages are drawn from a seed, and are as hostile as the
configuration lets them be: markup, template and format marks, signs that reorder, names inside of other names.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

NAMES = (
    "{}",
    "{} GmbH",
    "The {} Company & Sons",
    "<b>{}</b><script>alert(1)</script>",
    "{{{{ client }}}} {} {{% raw %}}",
    "%s {} %(name)s",
    "{{number}} {{client}} {}",
    "\u202e{}\u202c",
    "{}'; DROP TABLE clients; --",
    "ΑΩ {} ＧＬＯＢＡＬ",  # noqa: RUF001 - as companies write themselves
    "Invoices {}",
    "Outage {} ETA",
    "株式会社{}",
)
CONTACTS = ("Desk {}", "<{}@example.com>", "{} \r\n Bcc: all", "{{{{ x }}}} {}")
OWN_BODY = "{{ client }}, {{ contact }}:\n\n{{ text }}\n\n{{ began_utc }}"
LANGUAGES = ("en", "en-GB", "de", "de-AT", "es-ES", "fr", "ja", "pt-BR")
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe")
CONNECTOR = """\
resources:
  invoices: {path: /invoices, client_paths: [customer], failed: [{path: status, op: eq, value: void}]}
limits: [{rate: 100000/s, burst: 100000}, {limit: 1000000000, period: 1d}]
"""
EVERYBODY = """\
tiers:
  platinum: {weight: 100, escalation: all, sla: {acknowledge: 15m, first_notice: 30m, update_every: 30m, repair: 4h}}
  gold: {weight: 50, escalation: all, sla: {acknowledge: 30m, first_notice: 1h, update_every: 1h, repair: 8h}}
systems:
  billing: {connector: ./connectors/one.yaml, base_url: "https://billing.internal.example", quota: {rate: 1000/s}}
  erp: {connector: ./connectors/one.yaml, base_url: "https://10.1.2.3/erp", quota: {rate: 1000/s}}
flows: {sync: {source: billing.invoices, destination: erp.invoices, match: {id: external.id}, mode: realtime}}
people: [{id: ana, channels: [env:ANA_PAGER]}]
catch_all: person:ana
escalations: {all: [{page: person:ana}]}
status_pages: {name: Example Sync, services: {invoices: {name: Invoice sync, flows: [sync]}}}
"""


@dataclass(frozen=True, slots=True)
class Town:
    """A configuration of hostile clients in a folder, and the mark by which each of them is known."""

    folder: Path
    marks: dict[str, str]

    def strangers(self, client: str) -> tuple[str, ...]:
        """Return the marks of everybody but one client."""
        return tuple(mark for other, mark in self.marks.items() if other != client)


def built(folder: Path, count: int, seed: int) -> Town:
    """Write a configuration of so many clients; every fifth has a system and a flow of its own."""
    random = Random(seed)
    marks = {f"c-zq{n:04d}k-{random.choice(['x', 'client', 'erp'])}": f"zq{n:04d}k" for n in range(count)}
    (folder / "connectors").mkdir()
    (folder / "connectors" / "one.yaml").write_text(CONNECTOR, encoding="utf-8")
    (folder / "everybody.yaml").write_text(EVERYBODY, encoding="utf-8")
    own = {client: mark for n, (client, mark) in enumerate(marks.items()) if n % 5 == 0}
    parts: dict[str, Any] = {
        "clients": [_client(client, mark, client in own, random) for client, mark in marks.items()],
        "systems": {f"s-{mark}": _system(mark) for mark in own.values()},
        "flows": {f"f-{mark}": _flow(mark) for mark in own.values()},
        "templates": _templates(marks, random),
    }
    for name, part in parts.items():
        # JSON is YAML; there, no name can be taken for anything else.
        (folder / f"{name}.yaml").write_text(json.dumps({name: part}), encoding="utf-8")
    return Town(folder, marks)


def _client(client: str, mark: str, owns: bool, random: Random) -> dict[str, Any]:  # noqa: FBT001 - drawn, not asked for
    systems = ("billing", "erp", f"s-{mark}") if owns else ("billing", "erp")
    return {
        "id": client,
        "name": random.choice(NAMES).format(mark),
        "tier": random.choice(["platinum", "gold"]),
        "timezone": random.choice(ZONES),
        "locale": random.choice(LANGUAGES),
        "identifiers": {system: f"{mark}-{system[:3]}-{random.randint(1, 9)}" for system in systems},
        "contacts": [
            {
                "name": random.choice(CONTACTS).format(mark),
                "channel": f"env:CHANNEL_{mark.upper()}_{place}",
                "language": random.choice(LANGUAGES),
            }
            for place in range(random.choice([1, 1, 2]))
        ],
    }


def _system(mark: str) -> dict[str, Any]:
    return {
        "connector": "./connectors/one.yaml",
        "base_url": f"https://{mark}.internal.example",
        "quota": {"rate": "1000/s"},
    }


def _flow(mark: str) -> dict[str, Any]:
    ends = {"source": f"s-{mark}.invoices", "destination": "erp.invoices"}
    return {**ends, "match": {"id": f"ext.{mark}"}, "mode": "realtime"}


def _templates(marks: dict[str, str], random: Random) -> dict[str, Any]:
    """Templates of clients that name them, and one of a whole tier that names a client by mistake."""
    chosen = random.sample(sorted(marks), max(1, len(marks) // 4))
    own = {
        f"t-{marks[client]}": {
            "clients": [client],
            "stages": ["investigating", "update"],
            "subject": f"{{{{ subject }}}} {marks[client]}",
            "body": f"Dear {marks[client]}, {OWN_BODY}",
        }
        for client in chosen
    }
    mistaken = {"tiers": ["gold"], "stages": ["resolved"], "body": f"{{{{ text }}}} As we told {chosen[0]}."}
    return {**own, "mistaken": mistaken}
