"""A watch: looks judged one after the other as the desk would, with nothing but memory behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertKind, AlertState
from alerts.assess import assess_look, assess_time, blind_after
from alerts.evaluate import Blindness
from alerts.exclusion import Exclusion
from alerts.maintenance import Window
from alerts.weigh import Assessment, Before
from probes.book import Book
from probes.burn import targets_of
from probes.catalog import Catalog, ClientId, FlowId, ProbeId, SystemId
from probes.failure import FailureClass, Outcome, outcome_of
from probes.feed import Feed, Habit
from probes.observation import Observation, Record
from probes.plan import Want
from probes.rhythm import Baseline
from probes.sli import Indicator
from probes.status import Said
from probes.upkeep import Upkeep
from tests.cast import CATALOG, INVOICES, NOON, SECOND

QUICK = timedelta(milliseconds=200)


def record(key: str, client: ClientId | None, created: datetime, *, at: SystemId, failed: bool | None = None) -> Record:
    """Return a record as a system shows it; both ends of a flow carry its key."""
    name = f"{at}-{client}" if client else "nobody we know"
    return Record(id=f"{at}-{key}", client=name, created=created, failed=failed, fields={"id": key, "external_id": key})


@dataclass
class Watch:
    """What is known, and the alerts that moved, in order."""

    catalog: Catalog = CATALOG
    indicators: dict[str, Indicator] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    books: dict[FlowId, Book] = field(default_factory=dict)
    moved: list[Alert] = field(default_factory=list)
    seen: dict[SystemId, datetime] = field(default_factory=dict)
    statuses: dict[ClientId, dict[SystemId, Said]] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    upkeep: dict[SystemId, Upkeep] = field(default_factory=dict)
    feeds: dict[ProbeId, Feed] = field(default_factory=dict)
    habits: dict[ProbeId, Habit] = field(default_factory=dict)
    wants: dict[SystemId, tuple[Want, ...]] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    exclusions: dict[str, Exclusion] = field(default_factory=dict)
    since: datetime | None = None

    def looks(
        self,
        system: SystemId,
        at: datetime,
        *records: Record,
        resource: str = INVOICES.id,
        failure: FailureClass | None = None,
        confirming: bool = False,
    ) -> Assessment:
        """Look at a system; all records given are fresh."""
        outcome = outcome_of(failure) if failure else Outcome.GOOD
        observation = Observation(
            probe=ProbeId(f"{system}.{resource}"),
            system=system,
            resource=resource,
            outcome=outcome,
            sent=at,
            answered=at + QUICK,
            failure=failure,
            reason=str(failure or ""),
            records=records,
            whole=failure is None,
            confirming=confirming,
        )
        return self.sees(observation, records)

    def sees(self, observation: Observation, fresh: tuple[Record, ...] = ()) -> Assessment:
        """Judge a look, of whose records some are fresh."""
        system = observation.system
        if observation.outcome in (Outcome.GOOD, Outcome.BAD):
            self.seen[system] = observation.sent
        blindness = self._blindness(system)
        assessment = self._take(assess_look(self._before(), observation, fresh, blindness, observation.answered))
        for client, said in assessment.statuses.items():
            self.statuses.setdefault(client, {})[system] = said
        return assessment

    def waits(self, at: datetime, systems: Iterable[SystemId] = ()) -> Assessment:
        """Let time alone judge; `systems` are those that might be out of sight."""
        blindness = {system: self._blindness(system) for system in systems}
        return self._take(assess_time(self._before(), blindness, at))

    def state(self, kind: AlertKind, subject: str, client: ClientId | None = None) -> AlertState:
        """Return where an alert stands."""
        alert = self.alerts.get("/".join(part for part in (kind.value, subject, client) if part))
        return alert.state if alert else AlertState.INACTIVE

    def states(self) -> Mapping[str, AlertState]:
        """Return every alert's state by its key."""
        return {name: alert.state for name, alert in self.alerts.items()}

    def _before(self) -> Before:
        return Before(
            catalog=self.catalog,
            indicators=self.indicators,
            alerts=self.alerts,
            books=self.books,
            statuses=self.statuses,
            targets=targets_of(self.catalog),
            baselines=self.baselines,
            upkeep=self.upkeep,
            feeds=self.feeds,
            habits=self.habits,
            wants=self.wants,
            windows=self.windows,
            exclusions=self.exclusions,
            since=self.since,
        )

    def _blindness(self, system: SystemId) -> Blindness:
        limit = blind_after(self.catalog, system, 5 * SECOND)
        return Blindness(since=self.seen.get(system, NOON), limit=limit, reason="no answer")

    def _take(self, assessment: Assessment) -> Assessment:
        self.indicators |= assessment.indicators
        self.baselines |= assessment.baselines
        self.upkeep |= assessment.upkeep
        self.feeds |= assessment.feeds
        self.habits |= assessment.habits
        self.exclusions |= assessment.exclusions
        for change in assessment.books.values():
            self.books.setdefault(change.flow, Book(change.flow)).apply(change)
        for name, alert in assessment.moved.items():
            self.moved.append(alert)
            if alert.state is AlertState.INACTIVE:
                self.alerts.pop(name, None)
            else:
                self.alerts[name] = alert
        return assessment
