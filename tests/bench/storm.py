"""The storm: a dead system makes alerts of 5,000 clients fire in one look; how soon the one page is at its receiver.

The records of all clients reach their limit at the same instant, and the next look at the destination finds none of
them. That look is the last bad answer. In the same pass one incident opens, and 5,000 clients' notices are written with
the page. Each run is a fresh process on a fresh database.
"""

import tempfile
from datetime import datetime
from pathlib import Path

from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere, elsewhere
from tests.bench.result import Result
from tests.real.process import Served, eventually, tierwatch

RUNS = 3
CLIENTS = 5_000
EACH = 3
"""Late records of each client: as many as are no accident under its contract."""

DESKS = 500
LONGEST = 2.0
WRITTEN = Written(
    systems=(
        Source(id="source", path="/storm/source", every="1s", overlap="1s"),
        Source(id="destination", path="/storm/destination", every="1s"),
    ),
    clients={f"c{number}": ("source",) for number in range(CLIENTS)},
    within="3s",
    flow=True,
    desks=DESKS,
)


def _paged(world: Elsewhere, served: Served) -> float:
    """Let the storm begin; return the seconds from the look that made the alerts fire to the page's arrival."""
    eventually(lambda: len(world.log.looked) > 0, "the destination is looked at")
    world.storms(CLIENTS, EACH)
    pages = eventually(lambda: world.log.arrived.get("pager"), "the page")
    assert pages is not None
    incidents = served.items("/api/v1/incidents")
    assert [one["clients_hurt"] for one in incidents] == [CLIENTS], incidents
    opened = datetime.fromisoformat(incidents[0]["opened"])
    last = max(answer for answer in world.log.looked if answer <= opened)
    assert len(world.log.arrived["pager"]) == 1, "more than one page"
    return (pages[0] - last).total_seconds()


def _run() -> float:
    with tempfile.TemporaryDirectory() as name, elsewhere() as world:
        folder = Path(name)
        secrets = write(folder / "configuration", world.address, WRITTEN)
        with tierwatch(folder / "configuration", folder / "data", secrets) as served:
            return _paged(world, served)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how long it takes. Each run has a world of its own; the one handed in is not used."""
    del world
    runs = [_run() for _ in range(RUNS + 1)][1:]
    name = f"storm of {CLIENTS:,} clients: last bad answer to the page's arrival"
    return (Result(name=name, unit="s", values=tuple(runs), goal=LONGEST),)
