"""What a rule test expects of a story, and what is said where it came otherwise. Nothing else may have happened.

An expectation that is not met, and a page, notice or broken promise that nobody expected, are each told with the line
that it concerns, with what was expected and with what came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.clocks import Promise
from alerts.message import Stage
from monitor.load.node import Node
from monitor.problem import Problem
from monitor.replay.outcome import Broken, Outcome, Told, titled
from monitor.replay.times import both
from monitor.replay.transcript import broken as in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A page or a notice: to whom, and between which instants. `node` is where that is written."""

    node: Node
    to: str
    after: datetime
    by: datetime
    stage: Stage | None = None

    def fits(self, told: Told) -> bool:
        """Return whether a message is the one that is expected."""
        to = told.client if told.client is not None else told.recipient
        return to == self.to and self.after <= told.at <= self.by and self.stage in (None, told.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise that breaks."""

    node: Node
    client: str
    promise: Promise

    def fits(self, one: Broken) -> bool:
        """Return whether this is the promise."""
        return (one.client, one.promise) == (self.client, self.promise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """All that a rule test expects; of what is None, anything may happen."""

    node: Node
    pages: Sequence[Expected] | None
    warnings: Sequence[Expected] | None
    notices: Sequence[Expected] | None
    broken: Sequence[Promised] | None
    incidents: int | None


def differences(expected: Expectations, outcome: Outcome, zone: str) -> Iterator[Problem]:
    """Yield what came otherwise than expected."""
    if expected.pages is not None:
        yield from _messages(expected, "pages", expected.pages, outcome.pages, zone)
    if expected.warnings is not None:
        yield from _messages(expected, "warnings", expected.warnings, outcome.warnings, zone)
    if expected.notices is not None:
        yield from _messages(expected, "notices", expected.notices, _first_of_each(outcome.notices), zone)
    if expected.broken is not None:
        yield from _broken(expected, expected.broken, outcome.broken, zone)
    if expected.incidents is not None and expected.incidents != len(outcome.incidents):
        came = "; ".join(titled(one) for one in outcome.incidents) or "none"
        message = f"expected {expected.incidents} incidents, got {len(outcome.incidents)}: {came}"
        yield expected.node.problem(message, ("incidents",))


def _first_of_each(notices: Iterable[Told]) -> tuple[Told, ...]:
    """Several contacts of a client that are told the same at once are one notice."""
    found = {(one.at, one.client, one.stage): one for one in reversed(list(notices))}
    return tuple(reversed(found.values()))


def _messages(
    expected: Expectations, key: str, wanted: Sequence[Expected], came: Sequence[Told], zone: str
) -> Iterator[Problem]:
    left = list(came)
    for one in wanted:
        found = next((told for told in left if one.fits(told)), None)
        if found is not None:
            left.remove(found)
        else:
            others = [told for told in came if (told.client or told.recipient) == one.to]
            yield one.node.problem(f"expected {_wanted(one, zone)}, got {_came(others, zone)}")
    for told in left:
        yield expected.node.problem(f"expected no more than is listed, got {_came([told], zone)}", (key,))


def _wanted(one: Expected, zone: str) -> str:
    stage = f" ({one.stage})" if one.stage is not None else ""
    return f"{one.to}{stage} between {both(one.after, zone)} and {both(one.by, zone)}"


def _came(told: Sequence[Told], zone: str) -> str:
    return "; ".join(f"{one.client or one.recipient} ({one.stage}) at {both(one.at, zone)}" for one in told) or "none"


def _broken(expected: Expectations, wanted: Sequence[Promised], came: Sequence[Broken], zone: str) -> Iterator[Problem]:
    left = list(came)
    for one in wanted:
        found = next((broken for broken in left if one.fits(broken)), None)
        if found is not None:
            left.remove(found)
        else:
            got = "; ".join(in_words(broken, zone) for broken in came) or "none"
            yield one.node.problem(f"expected {one.promise} to {one.client} to break, got {got}")
    for broken in left:
        yield expected.node.problem(f"expected no more than is listed, got {in_words(broken, zone)}", ("broken",))
