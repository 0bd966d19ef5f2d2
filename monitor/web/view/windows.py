"""The runs of a batch flow: which is under way or comes next on which clock, and how much of it has arrived."""

from dataclasses import dataclass
from datetime import datetime

from alerts.weigh import limits
from monitor.situation import Situation
from probes.batch import Run
from probes.book import Book
from probes.catalog import FlowId
from probes.progress import Progress, progress


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """A run for all clients that share its clock; `under_way` while its time has begun."""

    run: Run
    clients: int
    arrived: int
    waiting: int
    under_way: bool

    @property
    def total(self) -> int:
        """The records that it is to carry, as far as they have been made."""
        return self.arrived + self.waiting


def windows(situation: Situation, flow: FlowId, now: datetime) -> tuple[WindowView, ...]:
    """Return the runs of a flow, the one that is due first before the others; none of a flow without a batch."""
    catalog = situation.config.catalog
    found = progress(situation.books.get(flow) or Book(flow), limits(catalog, catalog.flows[flow]), now).values()
    runs = sorted({one.run for one in found}, key=lambda run: (run.due, run.zone))
    return tuple(_view(run, [one for one in found if one.run == run], now) for run in runs)


def _view(run: Run, members: list[Progress], now: datetime) -> WindowView:
    return WindowView(
        run=run,
        clients=len(members),
        arrived=sum(one.arrived for one in members),
        waiting=sum(one.waiting for one in members),
        under_way=run.begins <= now,
    )
