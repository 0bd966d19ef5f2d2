"""Turns what was decided into counts: hears of looks and of stored changes, and feeds the metrics.

It hears only of what is stored already, so that a metric never tells of something that a restart takes back.
"""

from collections import Counter
from collections.abc import Callable

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.timeline import Acknowledged, ClientsHurt, ClientsRecovered, Event, Opened, Told
from alerts.weigh import Assessment
from monitor.changes import Changes
from monitor.situation import Situation
from monitor.telemetry.metrics import NOBODY, UNKNOWN, Metrics
from probes.catalog import ClientId, FlowId, SystemId
from probes.failing import LIMITED
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from probes.tracked import Tracked


class Listener:
    """Feeds the metrics."""

    def __init__(self, metrics: Metrics, situation: Callable[[], Situation]) -> None:
        self._metrics = metrics
        self._situation = situation

    def looked(self, observation: Observation, assessment: Assessment, late: int) -> None:
        """Count a look and the records that it showed for the first time."""
        metrics, system = self._metrics, observation.system
        metrics.probe_runs.labels(system, observation.probe, observation.outcome).inc()
        metrics.probe_duration.labels(system).observe((observation.answered - observation.sent).total_seconds())
        metrics.requests.labels(system).inc(observation.requests)
        metrics.throttled.labels(system).inc(observation.outcome is Outcome.THROTTLED)
        metrics.unread_headers.labels(system).inc(observation.news.unread)
        metrics.late_records.labels(system, observation.probe).inc(late)
        if observation.failure is FailureClass.AUTH:
            metrics.refusals.labels(system, observation.refusal or UNKNOWN).inc()
        if assessment.ahead:
            metrics.ahead.labels(system).inc(assessment.ahead)
        self.told(system, assessment)

    def told(self, system: SystemId, assessment: Assessment) -> None:
        """Count the records that a look or a webhook told of for the first time."""
        metrics = self._metrics
        metrics.unknown_clients.labels(system).inc(assessment.unknown_clients)
        for client, good, bad in assessment.counted:
            place = (system, client, self._tier(client))
            metrics.records_good.labels(*place).inc(good)
            metrics.records_bad.labels(*place).inc(bad)
        for client, kind in assessment.failed:
            metrics.record_failures.labels(system, client, self._tier(client), LIMITED[kind]).inc()

    def stored(self, changes: Changes) -> None:
        """Count what was stored."""
        for change in changes.books:
            for one in change.arrivals:
                self._arrived(change.flow, one)
            for (client, ending), count in change.endings.items():
                self._metrics.endings.labels(change.flow, self._tier(client), ending).inc(count)
            for (client, late), count in Counter((one.client, one.late) for one in change.verdicts).items():
                counter = self._metrics.sync_bad if late else self._metrics.sync_good
                counter.labels(change.flow, client, self._tier(client)).inc(count)
        for fate in changes.fates:
            counter = self._metrics.webhook_lost if fate.lost else self._metrics.webhook_announced
            counter.labels(fate.system, fate.client or NOBODY, self._tier(fate.client)).inc()
        for settled in changes.settlements:
            self._metrics.delivering.ended(settled, self._situation().config.catalog)
        self._metrics.changing.moved(changes.alerts)
        for entry in changes.entries:
            self._heard(entry.incident, entry.event)

    def _arrived(self, flow: FlowId, one: Tracked) -> None:
        # Without an earlier look that did not show it nobody knows when it came: at a first start, long ago.
        if one.client is not None and one.arrived is not None and one.after is not None:
            took = max(0.0, (one.arrived - one.created).total_seconds())
            self._metrics.sync_latency.labels(flow, self._tier(one.client)).observe(took)
            known = self._situation().config.catalog.flows.get(flow)
            if one.arrived < one.created and known is not None:
                self._metrics.ahead.labels(known.source.system).inc()
            if one.entered is not None and known is not None and known.hop is not None and known.hop.last:
                entire = max(0.0, (one.arrived - one.entered).total_seconds())
                self._metrics.entire_latency.labels(known.hop.chain, self._tier(one.client)).observe(entire)

    def _tier(self, client: ClientId | None) -> str:
        known = self._situation().config.catalog.clients.get(client) if client is not None else None
        return known.tier if known else NOBODY

    def _heard(self, identity: IncidentId, event: Event) -> None:
        incident = self._situation().incidents[identity]
        self._metrics.changing.heard(event)
        self._metrics.noticing.heard(event)
        match event:
            case Opened():
                self._metrics.incidents.inc()
            case ClientsHurt():
                self._detected(event)
            case Acknowledged():
                self._acknowledged(incident, event)
            case Told():
                self._told(incident, event)
            case ClientsRecovered():
                self._recovered(incident, event)

    def _detected(self, event: ClientsHurt) -> None:
        for hurt in event.hurt:
            took = max(0.0, (event.at - hurt.onset).total_seconds())
            self._metrics.detect.labels(hurt.terms.tier).observe(took)

    def _acknowledged(self, incident: Incident, event: Acknowledged) -> None:
        if incident.acknowledged == event.at and incident.first_paged is not None:
            took = max(0.0, (event.at - incident.first_paged).total_seconds())
            self._metrics.acknowledge.labels(incident.tier or "unknown").observe(took)

    def _told(self, incident: Incident, event: Told) -> None:
        impact = incident.impacts.get(event.client) if event.client else None
        if impact is not None and list(impact.told.values()) == [event.at]:
            took = max(0.0, (event.at - impact.joined).total_seconds())
            self._metrics.notify.labels(impact.terms.tier).observe(took)

    def _recovered(self, incident: Incident, event: ClientsRecovered) -> None:
        for one in event.recovered:
            impact = incident.impacts[one.client]
            took = max(0.0, (one.drained - impact.joined).total_seconds())
            self._metrics.repair.labels(impact.terms.tier).observe(took)
