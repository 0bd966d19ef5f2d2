"""What the process holds in memory: a thousand clients on ten flows, each with a record on its way on each of them.

It runs as it would for a user, asks a vendor in another process, and is told nothing of being measured.
"""

import tempfile
from pathlib import Path
from threading import Event

from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.origin import CROWD, CROWDED, EMPTY, HOSTS, origin
from tests.bench.result import Result
from tests.real.process import eventually, tierwatch

FLOWS = 10
LOOKS = 3
"""Looks at each source, so that what a look needs for a moment has come and gone."""

SETTLED = 10
MOST = 300.0


def _resident(process: int, line: str) -> float:
    """Return a line of what the kernel says of a process's memory, in MB."""
    told = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) / 1024 for one in told if one.startswith(f"{line}:"))


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how much memory is resident; the world outside is not asked."""
    del world
    systems = tuple(
        Source(id=f"s{number}", path=f"{EMPTY if number % 2 else CROWDED}/{number}", every="5s")
        for number in range(2 * FLOWS)
    )
    known = tuple(one.id for one in systems)
    written = Written(systems=systems, clients={f"c{n}": known for n in range(CROWD)}, flow=True, within="1h")
    with origin() as served, tempfile.TemporaryDirectory() as name:
        secrets = write(Path(name) / "configuration", f"http://{HOSTS[0]}:{served.plain}", written)
        with tierwatch(Path(name) / "configuration", Path(name) / "data", secrets) as watching:
            eventually(lambda: served.counted(CROWDED) >= LOOKS * FLOWS, "every source was looked at")
            Event().wait(SETTLED)
            process = watching.process.pid
            now, most = _resident(process, "VmRSS"), _resident(process, "VmHWM")
    return (
        Result(name=f"memory with {CROWD * FLOWS} client x flow pairs", unit="MB", values=(now,), goal=MOST, digits=0),
        Result(name="  the most it was until then", unit="MB", values=(most,), digits=0),
    )
