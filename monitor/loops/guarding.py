"""The tick of the dunning guard: holds begin, are renewed and end, and the calls that tell of it, in one transaction.

What begins and ends is for `alerts.dunning`, which call is due for `alerts.dunning_calls`.
"""

from datetime import datetime, timedelta
from itertools import islice

from alerts.dunning import DunningHold, guarded, touched, with_payments
from alerts.dunning_calls import calls_due, next_change
from monitor.changes import Changes
from monitor.desk import Desk
from monitor.situation import Situation

AT_ONCE = 500
"""So many calls are written in one pass: what is written keeps everything else waiting."""

SOON = timedelta(milliseconds=50)
REMEMBERED = timedelta(hours=6)
"""How long a failed payment is remembered that no hold has: one may begin that reaches back so far."""


class Guarding:
    """The tick of the dunning guard."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nothing done."""
        self._desk = desk

    async def tick(self, now: datetime) -> datetime | None:
        """Do what is due; return when time alone makes more due."""
        situation = self._desk.situation
        if not situation.config.dunning.targets and not situation.dunning:
            return None
        _forget(situation, now - REMEMBERED)
        more = await self._desk.decide(lambda known: decided(known, now))
        if more:
            return now + SOON
        return next_change(situation.dunning.values(), situation.config.dunning, now)


def decided(situation: Situation, now: datetime) -> tuple[bool, Changes]:
    """Return whether more is due, and what begins, goes on or ends, with the calls that tell of it."""
    rules, catalog = situation.config.dunning, situation.config.catalog
    touching = touched(situation.incidents.values(), situation.alerts, rules, catalog)
    known = dict(situation.dunning)
    known |= {one.key: one for one in guarded(known.values(), touching, situation.incidents, (rules, catalog), now)}
    known |= {one.key: one for one in _with_payments(situation, known)}
    calls = list(islice(calls_due(known.values(), rules, catalog, now), AT_ONCE + 1))
    written = calls[:AT_ONCE]
    known |= {hold.key: hold for hold, _ in written}
    changed = {key: one for key, one in known.items() if situation.dunning.get(key) is not one}
    return len(calls) > AT_ONCE, Changes(dunning=changed, messages=tuple(message for _, message in written))


def _with_payments(situation: Situation, known: dict[str, DunningHold]) -> list[DunningHold]:
    seen = situation.failed_payments
    holds = [one for one in known.values() if one.client in seen]
    found = ((one, with_payments(one, seen[one.client].values())) for one in holds)
    return [after for before, after in found if after is not before]


def _forget(situation: Situation, before: datetime) -> None:
    for client, seen in list(situation.failed_payments.items()):
        left = {key: one for key, one in seen.items() if one.at >= before}
        if left:
            situation.failed_payments[client] = left
        else:
            del situation.failed_payments[client]
