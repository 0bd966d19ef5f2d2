"""Which silences match which labels: an index that is asked for every alert, again and again.

A silence is filed under one value that it asks for, so that only those are looked at whose value an alert has. What was
found for labels is kept until a silence is added or removed; whether one is in force at an instant is asked each time.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.alert import Alert
from alerts.expressions import Expressions
from alerts.labels import labels_of, with_client
from alerts.matcher import Labels, Matcher, Operator, matches
from alerts.mute import Mute, MuteCause
from alerts.silence import Silence, SilenceId, SilenceState, state_of, until
from probes.catalog import Catalog, ClientId

Pair = tuple[str, str]

NOTHING: tuple[SilenceId, ...] = ()
NOBODY: frozenset[SilenceId] = frozenset()
NO_CATALOG = Catalog(tiers={}, clients={}, systems={}, flows={})


class Silenced:
    """The silences that are pending or in force, and what they match."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self.version = 0
        self._known: dict[SilenceId, Silence] = {}
        self._filed: dict[Pair, set[SilenceId]] = {}
        self._by_expression: dict[str, Expressions[SilenceId]] = {}
        self._unfiled: set[SilenceId] = set()
        self._found: dict[frozenset[Pair], tuple[SilenceId, ...]] = {}
        self._of: dict[tuple[str, ClientId | None, bool], tuple[SilenceId, ...]] = {}
        self._catalog = NO_CATALOG
        self._mutes: tuple[datetime | None, dict[SilenceId, Mute | None]] = (None, {})
        for silence in silences:
            self.put(silence)

    def put(self, silence: Silence) -> None:
        """Add a silence, or change it."""
        self.remove(silence.id)
        self._known[silence.id] = silence
        value, expression = _asked(silence.matchers, Operator.EQUAL), _asked(silence.matchers, Operator.MATCHES)
        if value is not None:
            self._filed.setdefault(value, set()).add(silence.id)
        elif expression is not None:
            name, pattern = expression
            self._by_expression.setdefault(name, Expressions()).add(pattern, silence.id)
        else:
            self._unfiled.add(silence.id)

    def remove(self, identity: SilenceId) -> None:
        """Forget a silence."""
        self.version += 1
        self._found.clear()
        self._of.clear()
        self._mutes = (None, {})
        silence = self._known.pop(identity, None)
        if silence is None:
            return
        value, expression = _asked(silence.matchers, Operator.EQUAL), _asked(silence.matchers, Operator.MATCHES)
        if value is not None:
            self._filed[value].remove(identity)
        elif expression is not None:
            self._by_expression[expression[0]].remove(expression[1], identity)
        self._unfiled.discard(identity)

    def take(self, identity: SilenceId, silence: Silence | None) -> None:
        """Take a change over: None is forgotten, and one that has been ended matches nothing any more."""
        if silence is None or silence.ends <= silence.updated:
            self.remove(identity)
        else:
            self.put(silence)

    def over(self, catalog: Catalog) -> "Silenced":
        """Return itself, with the catalog that alerts have their labels of from now on."""
        if catalog is not self._catalog:
            self._catalog = catalog
            self._of.clear()
        return self

    def __bool__(self) -> bool:
        """Whether there is any silence."""
        return bool(self._known)

    def __iter__(self) -> Iterator[Silence]:
        """Yield every silence that is known."""
        return iter(self._known.values())

    def get(self, identity: str) -> Silence | None:
        """Return a silence, None where there is none of this id."""
        return self._known.get(SilenceId(identity))

    def by(self, labels: Labels, now: datetime) -> tuple[Silence, ...]:
        """Return the silences that are in force for an alert of these labels."""
        found = (self._known[one] for one in self.matching(labels))
        return tuple(one for one in found if state_of(one, now) is SilenceState.ACTIVE)

    def mutes(self, name: str, alert: Alert, client: ClientId | None, now: datetime) -> tuple[Mute, ...]:
        """Return what silences an alert, as far as it hurts a client; of thousands each is matched once."""
        if not self._known:
            return ()
        key = (name, client, alert.urgent)
        found = None if alert.labels else self._of.get(key)
        if found is None:
            labels = labels_of(alert, self._catalog)
            found = self.matching(labels if client is None else with_client(labels, client, self._catalog))
            self._of[key] = found
        return tuple(mute for one in found if (mute := self._mute(one, now)) is not None) if found else ()

    def _mute(self, identity: SilenceId, now: datetime) -> Mute | None:
        """Return what a silence does at an instant, None where it is not in force."""
        if self._mutes[0] != now:
            self._mutes = (now, {})
        known = self._mutes[1]
        if identity not in known:
            known[identity] = _muting(self._known[identity], now)
        return known[identity]

    def matching(self, labels: Labels) -> tuple[SilenceId, ...]:
        """Return the silences that match labels, whether they are in force or not."""
        if not self._known:
            return NOTHING
        key = frozenset(labels.items())
        found = self._found.get(key)
        if found is None:
            found = tuple(one.id for one in self._candidates(labels) if matches(one.matchers, labels))
            self._found[key] = found
        return found

    def _candidates(self, labels: Labels) -> Iterator[Silence]:
        found = set(self._unfiled)
        for pair in labels.items():
            found |= self._filed.get(pair, NOBODY)
        for name, expressions in self._by_expression.items():
            found |= expressions.fitting(labels.get(name, ""))
        # In the order in which they were made, which is the same in every process.
        return (silence for identity, silence in self._known.items() if identity in found) if found else iter(())


def _muting(silence: Silence, now: datetime) -> Mute | None:
    if state_of(silence, now) is not SilenceState.ACTIVE:
        return None
    why = f"silenced by {silence.by}: {silence.comment}"
    return Mute(cause=MuteCause.SILENCE, by=silence.id, why=why, until=until(silence, now))


def _asked(matchers: Iterable[Matcher], operator: Operator) -> Pair | None:
    """Return a label and what a silence asks of it, None where it asks for nothing in this way."""
    asked = ((one.name, one.value) for one in matchers if one.operator is operator and one.value)
    return next(asked, None)
