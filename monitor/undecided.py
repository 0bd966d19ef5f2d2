"""Incidents that a pass could not decide: what is put down of them, beside what it decided of all others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.apart import Undecided, newly, pages
from alerts.draft import Context, Failure
from monitor.changes import Changes
from monitor.situation import Situation

LOOKS = "looks"
ESCALATION = "escalation"
PROMISES = "promises"


def undecided(situation: Situation, context: Context, kind: str, failed: Sequence[Failure], now: datetime) -> Changes:
    """Return what a pass of one kind changes of what could not be decided: what failed first now, and what is well."""
    known = situation.undecided
    if not failed and not known:
        return Changes()
    new = newly(known, kind, failed, now)
    failing = {f"{kind}/{one.incident}" for one in failed}
    well = [key for key in known if key.startswith(f"{kind}/") and key not in failing]
    return Changes(undecided={**dict.fromkeys(well), **new}, messages=pages(new.values(), known, context))


def besides(changes: Changes, failures: Changes) -> Changes:
    """Return what a pass decided together with what it could not decide."""
    if failures.empty:
        return changes
    return replace(changes, messages=(*changes.messages, *failures.messages), undecided=failures.undecided)


def told(changes: Changes) -> Iterator[Undecided]:
    """Yield what could not be decided for the first time."""
    return (one for one in changes.undecided.values() if one is not None)
