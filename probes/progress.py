"""How far the runs of a batch flow are, from what its book remembers. When a run is due is for `batch`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median_high

from probes.batch import Limit, Run, Windowed, last_run, next_run, run_of
from probes.book import Book
from probes.catalog import ClientId
from probes.sli import Tally
from probes.tracked import RecordState, Tracked

REMEMBERED_RUNS = timedelta(days=30)
"""How long the numbers of a run are kept; a cell of such a tally is half a day, so that no two runs share one."""

FEWEST_RUNS = 3
MISSED_BY_CHANCE = 9.2
"""Where so many are usual, none at all has a chance below 1e-4 (Poisson: exp(-9.2))."""

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The run that is under way or comes next, and how many of its records have arrived and wait."""

    run: Run
    arrived: int = 0
    waiting: int = 0


def progress(book: Book, limits: Mapping[ClientId, Limit], now: datetime) -> dict[ClientId, Progress]:
    """Return how far each client's run is."""
    windows = {client: limit for client, limit in limits.items() if isinstance(limit, Windowed)}
    found = {client: Progress(run=next_run(limit, now)) for client, limit in windows.items()}
    for client, known in found.items():
        records = (one for one in book.undecided(client, known.run.cut) if _carries(windows[client], known.run, one))
        states = Counter(one.state for one in records)
        found[client] = replace(known, arrived=states[RecordState.MATCHED], waiting=states[RecordState.OPEN])
    return found


def _carries(limit: Windowed, run: Run, one: Tracked) -> bool:
    return run_of(limit, one.since).due == run.due


def closed(book: Book, limit: Windowed, now: datetime) -> Run | None:
    """Return the last run if all of it has been seen: both ends were read whole since its cut and since its end."""
    run = last_run(limit, now)
    source, destination = book.source_covered, book.destination_covered
    seen = source is not None and destination is not None and source >= run.cut and destination >= run.due
    return run if seen else None


def carried(tally: Tally, run: Run) -> tuple[int, int]:
    """Return how many records of a run arrived in time, and how many did not."""
    return tally.cells.get(tally.cell(run.due), (0, 0))


def usual(tally: Tally, run: Run) -> int | None:
    """Return how many records a run usually has where it cannot be none by chance, None where it can.

    The median of the runs of the last 30 days without this one. A run that had none tells that its weekday may have
    none.
    """
    this = tally.cell(run.due)
    known = {cell: good + bad for cell, (good, bad) in tally.cells.items() if cell != this}
    middle = median_high(known.values()) if len(known) >= FEWEST_RUNS else 0
    # Where clocks were changed in between, the same time of day is an hour off.
    same_day = {tally.cell(run.due - week * WEEK + shift) for week in range(1, 5) for shift in (-HOUR, 0 * HOUR, HOUR)}
    may_be_none = any(known.get(cell) == 0 for cell in same_day)
    return middle if middle > MISSED_BY_CHANCE and not may_be_none else None
