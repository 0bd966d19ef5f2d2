"""From the first bad answer of a system to the page's arrival at its receiver: real processes, the world's clock.

One bad answer pages nobody. A burst of confirming looks does, within a fifth of the interval and two seconds at most:
a row of bad answers is no accident any more, three in a small fleet and four in one as large as this. So most of what
is measured is that confirmation, and what Tierwatch adds is told beside it.
"""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from probes.cusum import WEEK, thresholds
from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.result import Result
from tests.real.process import eventually, tierwatch

RUNS = 7
LONGEST = 3.0
EVERY = timedelta(seconds=4)

LINES = tuple(f"line-{number}" for number in range(RUNS + 1))
CONFIRMING = thresholds(len(LINES) * (WEEK / EVERY), 1).row
"""Bad answers in a row that are no accident."""

WRITTEN = Written(
    systems=tuple(Source(id=line, path=f"/line/{line}", every=f"{EVERY.seconds}s") for line in LINES),
    clients={f"c-{line}": (line,) for line in LINES},
)


def _run(world: Elsewhere, line: str) -> tuple[float, float]:
    """Break a system and wait for the page; return seconds from its first and from its confirming bad answer."""
    pages = len(world.log.arrived.get("pager", ()))
    world.breaks(line)

    def arrival() -> datetime | None:
        arrived = world.log.arrived.get("pager", ())
        return arrived[pages] if len(arrived) > pages else None

    paged = eventually(arrival, f"the page about {line}")
    assert paged is not None
    bad = world.log.bad[line]
    return (paged - bad[0]).total_seconds(), (paged - bad[CONFIRMING - 1]).total_seconds()


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how long it takes, one system after another failing in one running Tierwatch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secrets = write(folder / "configuration", world.address, WRITTEN)
        with tierwatch(folder / "configuration", folder / "data", secrets):
            runs = [_run(world, line) for line in LINES][1:]
    first, confirming = zip(*runs, strict=True)
    return (
        Result(name="first bad answer to the page's arrival", unit="s", values=first, goal=LONGEST),
        Result(name=f"  of it, after {CONFIRMING} bad answers in a row", unit="s", values=confirming, digits=3),
    )
