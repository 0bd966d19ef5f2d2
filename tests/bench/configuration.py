"""The configurations that benches run with: YAML as a user would have written it, and the secrets it refers to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTOR = """\
name: bench-{system}
resources:
  {name}:
    path: {path}
    records_path: items
    client_paths: [client]
    created_path: created
    time_format: iso8601
    since: {{param: since, format: iso8601, overlap: {overlap}}}
    settled: [{{path: status, op: in, value: [approved, declined]}}]
    failed: [{{path: status, op: eq, value: declined}}]
limits: [{{rate: 100000/s}}]
"""

TIERS = """\
settings: {{allow_private_destinations: true}}
tiers:
  gold:
    weight: 100
    objectives:
      availability: {{target: 99.9%, window: 30d}}
      sync_latency: {{within: {within}, target: 99%, over: 5m}}
      failure_ratio: {{below: 2%, over: 5m}}
    sla: {{acknowledge: 5m, first_notice: 10m, update_every: 20m, repair: 30m, calendar: always}}
    escalation: integrations
    notices: automatic
  platinum:
    weight: 10000
    objectives:
      availability: {{target: 99.9%, window: 30d}}
      failure_ratio: {{below: 2%, over: 2m}}
    sla: {{acknowledge: 1m, first_notice: 2m, update_every: 5m, repair: 3m, calendar: always}}
    escalation: integrations
    notices: automatic
people:
  - {{id: on-call, timezone: Europe/Madrid, channels: [env:BENCH_PAGER]}}
escalations:
  integrations: [{{page: person:on-call}}]
catch_all: person:on-call
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A system with one list: its address in the world, and how often it is looked at."""

    id: str
    path: str
    every: str = "1s"
    overlap: str = "30s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a bench's configuration holds besides its systems. `clients` maps each client to the systems it is in.

    Clients are told at `desks`, in turn. With a `flow`, records travel from the first of the systems to the second,
    from the third to the fourth, and so on; none touch the systems `beside` them.
    The clients in `platinum` have a contract of that name, all others a gold one.
    """

    systems: tuple[Source, ...]
    clients: Mapping[str, Iterable[str]]
    within: str = "5m"
    flow: bool = False
    desks: int = 1
    platinum: frozenset[str] = frozenset()
    beside: tuple[Source, ...] = ()


def box(address: str, name: str) -> str:
    """Return where a message reaches a box of the world."""
    return f"json://{urlsplit(address).netloc}/inbox/{name}"


def write(folder: Path, address: str, written: Written) -> Mapping[str, str]:
    """Write a configuration for a world into a folder; return the environment variables that it refers to."""
    (folder / "connectors").mkdir(parents=True)
    for system in (*written.systems, *written.beside):
        text = CONNECTOR.format(system=system.id, name="records", path=system.path, overlap=system.overlap)
        (folder / "connectors" / f"{system.id}.yaml").write_text(text, encoding="utf-8")
    parts = (TIERS.format(within=written.within), _systems(address, written), _clients(written))
    for name, text in zip(("tiers", "systems", "clients"), parts, strict=True):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    desks = {f"BENCH_DESK_{desk}": box(address, f"desk-{desk}") for desk in range(written.desks)}
    return {"BENCH_PAGER": box(address, "pager"), **desks}


def _systems(address: str, written: Written) -> str:
    lines = ["systems:"]
    for one in (*written.systems, *written.beside):
        place = f'connector: ./connectors/{one.id}.yaml, base_url: "{address}"'
        lines.append(f"  {one.id}: {{{place}, quota: {{rate: 100000/s}}, every: {one.every}}}")
    if written.flow:
        ends = [f"{one.id}.records" for one in written.systems]
        lines.append("flows:")
        for number, (source, destination) in enumerate(zip(ends[::2], ends[1::2], strict=True)):
            lines.append(f"  records-{number}: {{source: {source}, destination: {destination}, match: {{id: id}}}}")
    return "\n".join((*lines, ""))


def _clients(written: Written) -> str:
    """Write short lines with an anchor for each desk: thousands of clients are to be read in a few seconds."""
    lines = ["clients:"]
    for number, (client, systems) in enumerate(written.clients.items()):
        desk = number % written.desks
        first = number < written.desks
        contacts = f"&desk{desk} [{{name: desk, channel: env:BENCH_DESK_{desk}}}]" if first else f"*desk{desk}"
        known = ", ".join(f"{system}: {client}" for system in systems)
        tier = "platinum" if client in written.platinum else "gold"
        who = f"id: {client}, name: {client}, tier: {tier}, identifiers: {{{known}}}"
        lines.append(f"  - {{{who}, contacts: {contacts} }}")
    return "\n".join((*lines, ""))
