"""The alerts that Alertmanager's clients are shown: those that were reported to us, and our own.

Thousands are shown again and again, so each keeps the text that it is shown as until something about it changes; which
ones a filter finds is asked of the book's index.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.alert import Alert, AlertKind
from alerts.causes import explained, live
from alerts.intake import place_of, with_place
from alerts.labels import labels_of
from alerts.matcher import Matcher, Operator, filtered, holds
from alerts.receivers import Route, route_of
from alerts.reported import ALERTNAME, Labels, Reported, fingerprint
from alerts.silence import SilenceId, SilenceState, state_of
from monitor.load import Config
from monitor.situation import Situation
from monitor.web.alertmanager.configuration import original
from monitor.web.alertmanager.query import Query
from probes.catalog import Catalog

Ids = tuple[str, ...]
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A matcher as the index of the book wants it."""

    matcher: Matcher

    @property
    def name(self) -> str:
        """The label's name."""
        return self.matcher.name

    @property
    def equal_to(self) -> str | None:
        """The one value that it takes, None where there may be several."""
        return (self.matcher.value or None) if self.matcher.operator is Operator.EQUAL else None

    def matches(self, value: str) -> bool:
        """Return whether it takes a value."""
        return holds(self.matcher, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One alert as it is shown: its identity and its rule, by which line of the route who receives it, its whole text.

    `silenced` and `inhibited` are the ids of what keeps it quiet.
    """

    fingerprint: str
    name: str
    line: int
    receiver: str
    silenced: tuple[str, ...]
    inhibited: tuple[str, ...]
    text: str

    @property
    def suppressed(self) -> bool:
        """Whether somebody is kept from being told of it."""
        return bool(self.silenced or self.inhibited)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """The parts of an alert's text around its state, for one receiver."""

    of: Reported
    before: str
    after: str
    whole: Shown


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Which silences match an alert, whether they are in force or not, as of a version of all silences."""

    version: int
    silences: tuple[SilenceId, ...]


class Causes:
    """Which alerts explain others at this moment, by their fingerprints."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        indicators = situation.indicators
        self._places = live(situation.alerts, lambda key: indicators.get(str(key)), situation.config.catalog)

    def __bool__(self) -> bool:
        """Whether anything explains anything."""
        return bool(self._places)

    def of(self, alert: Alert | None) -> Ids:
        """Return what explains an alert."""
        if not self._places or alert is None:
            return ()
        catalog, alerts = self._situation.config.catalog, self._situation.alerts
        keys = sorted(explained(alert, self._places, catalog))
        return tuple(_print_of(alerts[key], catalog) for key in keys if key in alerts)


def _print_of(alert: Alert, catalog: Catalog) -> str:
    if alert.key.kind is AlertKind.REPORTED:
        return alert.key.subject.rpartition(":")[2]
    return fingerprint(tuple(sorted(labels_of(alert, catalog).items())))


class Board:
    """Shows alerts. `address` is where our own pages are."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._config: Config | None = None
        self._route: Route | None = None
        self._texts: dict[Labels, _Text] = {}
        self._quiet: dict[Labels, _Quiet] = {}
        self._names: dict[Labels, Mapping[str, str]] = {}
        self._original = ""
        self._order: tuple[int, int, tuple[Labels, ...]] = (-1, -1, ())

    def route(self, situation: Situation) -> Route:
        """Return the route of the configuration that is in force."""
        config = situation.config
        if self._route is None or self._config is not config:
            self._config = config
            self._route = route_of(config.intake, config.catalog, config.roster.policies)
            self._original = original(self._route, config.intake)
            for kept in (self._texts, self._quiet, self._names):
                kept.clear()
        return self._route

    def original(self, situation: Situation) -> str:
        """Return the route as a configuration of Alertmanager."""
        self.route(situation)
        return self._original

    def shown(self, situation: Situation, query: Query, now: datetime) -> list[Shown]:
        """Return the alerts that a query asks for, by their fingerprints."""
        causes = Causes(situation)
        ours = [one for one in self._ours(situation, query, causes, now) if _wanted(one, query)]
        theirs = [one for one in self._theirs(situation, query, causes, now) if _wanted(one, query)]
        return sorted((*ours, *theirs), key=lambda one: one.fingerprint) if ours else theirs

    def _theirs(self, situation: Situation, query: Query, causes: Causes, now: datetime) -> Iterator[Shown]:
        route = self.route(situation)
        reports = situation.reports
        goes_on, get = reports.goes_on, reports.get
        for labels in self._found(situation, query):
            one = get(labels)
            if one is None or not goes_on(one, now):
                continue
            text = self._texts.get(labels)
            if text is None or text.of is not one:
                text = self._texts[labels] = _written(one, text.whole.line if text else route.line(dict(labels)), route)
            silenced = self._silenced(labels, situation, now)
            inhibited = causes.of(situation.alerts.get(str(one.key))) if causes and one.key is not None else ()
            if text.whole.silenced != silenced or text.whole.inhibited != inhibited:
                text = self._texts[labels] = _again(text, silenced, inhibited)
            yield text.whole

    def _silenced(self, labels: Labels, situation: Situation, now: datetime) -> tuple[str, ...]:
        """Return the silences that are in force for labels; which ones match is kept until a silence changes."""
        silenced, known = situation.silenced, self._quiet.get(labels)
        if known is None or known.version != silenced.version:
            known = self._quiet[labels] = _Quiet(silenced.version, silenced.matching(self._named(labels, situation)))
        if not known.silences:
            return ()
        found = (silenced.get(one) for one in known.silences)
        return tuple(one.id for one in found if one is not None and state_of(one, now) is SilenceState.ACTIVE)

    def _named(self, labels: Labels, situation: Situation) -> Mapping[str, str]:
        """Return the labels that a silence is held against: also those of what they name here."""
        known = self._names.get(labels)
        if known is None:
            config, sent = situation.config, dict(labels)
            place = place_of(sent, config.intake, config.catalog)
            known = self._names[labels] = with_place(sent, place, config.catalog)
        return known

    def _found(self, situation: Situation, query: Query) -> Iterable[Labels]:
        reports = situation.reports
        if query.matchers:
            found = reports.select([Asked(matcher=one) for one in query.matchers])
            return sorted(found, key=lambda labels: getattr(reports.get(labels), "fingerprint", ""))
        if self._order[:2] != (id(reports), reports.shape):
            order = tuple(one.labels for one in sorted(reports, key=lambda one: one.fingerprint))
            self._order = (id(reports), reports.shape, order)
            self._texts = {labels: text for labels, text in self._texts.items() if reports.get(labels) is not None}
            self._quiet = {labels: quiet for labels, quiet in self._quiet.items() if labels in self._texts}
            self._names = {labels: names for labels, names in self._names.items() if labels in self._texts}
        return self._order[2]

    def _ours(self, situation: Situation, query: Query, causes: Causes, now: datetime) -> Iterator[Shown]:
        route = self.route(situation)
        catalog = situation.config.catalog
        for alert in situation.alerts.values():
            if not alert.active or alert.key.kind is AlertKind.REPORTED:
                continue
            labels = labels_of(alert, catalog)
            if filtered(query.matchers, labels):
                pairs = tuple(sorted(labels.items()))
                silenced = tuple(one.id for one in situation.silenced.by(labels, now))
                inhibited = causes.of(alert)
                one = self._as_reported(alert, pairs, situation, now)
                text = _written(one, route.line(labels), route)
                yield _again(text, silenced, inhibited).whole if silenced or inhibited else text.whole

    def _as_reported(self, alert: Alert, labels: Labels, situation: Situation, now: datetime) -> Reported:
        where = f"/incidents/{alert.incident}" if alert.incident is not None else ""
        return Reported(
            labels=labels,
            starts=alert.onset,
            ends=now + situation.config.intake.resolve_timeout,
            updated=alert.since,
            annotations={
                "summary": alert.explanation,
                "runbook_url": f"{self._address}/runbooks/{alert.key.kind}",
            },
            source=f"{self._address}{where}",
        )


def _wanted(one: Shown, query: Query) -> bool:
    if not query.active and not one.suppressed:
        return False
    if (not query.silenced and one.silenced) or (not query.inhibited and one.inhibited):
        return False
    return not query.receiver or query.received_by(one.receiver)


def instant(at: datetime) -> str:
    """Return an instant as Alertmanager writes it: in UTC, to the millisecond."""
    return f"{at.isoformat(timespec='milliseconds')[:-6]}Z"


def _written(one: Reported, line: int, route: Route) -> _Text:
    receiver = route.leads_to(line)
    before = (
        f'{{"annotations":{ENCODE(dict(sorted(one.annotations.items())))},"endsAt":"{instant(one.ends)}",'
        f'"fingerprint":"{one.fingerprint}","receivers":[{{"name":{ENCODE(receiver)}}}],'
        f'"startsAt":"{instant(one.starts)}","status":'
    )
    source = f'"generatorURL":{ENCODE(one.source)},' if one.source else ""
    after = f',"updatedAt":"{instant(one.updated)}",{source}"labels":{ENCODE(dict(one.labels))}}}'
    whole = Shown(
        fingerprint=one.fingerprint,
        name=next((value for name, value in one.labels if name == ALERTNAME), ""),
        line=line,
        receiver=receiver,
        silenced=(),
        inhibited=(),
        text=f"{before}{_status()}{after}",
    )
    return _Text(of=one, before=before, after=after, whole=whole)


def _again(text: _Text, silenced: Ids, inhibited: Ids) -> _Text:
    whole = f"{text.before}{_status(silenced, inhibited)}{text.after}"
    return replace(text, whole=replace(text.whole, silenced=silenced, inhibited=inhibited, text=whole))


def _status(silenced: Ids = (), inhibited: Ids = ()) -> str:
    state = "suppressed" if silenced or inhibited else "active"
    by, also = ENCODE(list(silenced)), ENCODE(list(inhibited))
    return f'{{"inhibitedBy":{also},"mutedBy":[],"silencedBy":{by},"state":"{state}"}}'
