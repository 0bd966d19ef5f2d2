"""What people decide about telling nobody: silences and windows of maintenance, set and ended, with the audit's word.

Each function returns a decision for `Desk.decide`; by which rules a silence may be and changes is for the rooms below.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from alerts.alert import IncidentId
from alerts.fold import advanced
from alerts.incident import Incident
from alerts.maintenance import Window, WindowId
from alerts.mute import DebtsWaived
from alerts.silence import Silence, SilenceId, SilenceState, expired, placed, state_of
from monitor.changes import Act, Changes, Entry
from monitor.situation import Situation

T = TypeVar("T")
Decision = Callable[[Situation], tuple[T, Changes]]

REMEMBERED = timedelta(hours=120)
"""How long a silence that is over can still be read, as in Alertmanager."""


class UnknownSilenceError(LookupError):
    """There is no silence of this id."""

    def __init__(self) -> None:
        """Say so as Alertmanager does."""
        super().__init__("silence not found")


class UnknownDebtError(LookupError):
    """No incident that has ended owes anybody its end under this number."""


class UnknownWindowError(LookupError):
    """There is no window of this id that people set."""


def set_silence(silence: Silence, now: datetime) -> Decision[Silence]:
    """Return the decision that makes a silence, or changes the one of its id; its answer is the silence as it is then.

    The decision raises UnknownSilenceError where an id is given that nothing has, SilenceError where it may not be.
    """

    def decision(situation: Situation) -> tuple[Silence, Changes]:
        known = situation.silences.get(silence.id)
        if known is None and silence.id:
            raise UnknownSilenceError
        kept = placed(silence, known, SilenceId(str(uuid4())), now)
        told = _told(kept[-1])
        act = Act(at=now, actor=silence.by, action="silence", subject=kept[-1].id, detail=told)
        changed: dict[SilenceId, Silence | None] = {one.id: one for one in kept}
        return kept[-1], Changes(silences={**_outlived(situation, now), **changed}, acts=(act,))

    return decision


def expire_silence(identity: str, by: str, now: datetime) -> Decision[Silence]:
    """Return the decision that ends a silence; of one that is over nothing changes.

    The decision raises UnknownSilenceError where nothing has this id.
    """

    def decision(situation: Situation) -> tuple[Silence, Changes]:
        known = situation.silences.get(SilenceId(identity))
        if known is None:
            raise UnknownSilenceError
        if state_of(known, now) is SilenceState.EXPIRED:
            return known, Changes()
        ended = expired(known, now)
        act = Act(at=now, actor=by, action="expire silence", subject=identity, detail=_told(ended))
        return ended, Changes(silences={ended.id: ended}, acts=(act,))

    return decision


def set_window(window: Window, now: datetime) -> Decision[Window]:
    """Return the decision that makes a window of maintenance; its answer is the window with its id."""

    def decision(situation: Situation) -> tuple[Window, Changes]:
        del situation
        made = replace(window, id=WindowId(str(uuid4())), updated=now)
        act = Act(at=now, actor=window.by, action="maintenance", subject=made.id, detail=window.title)
        return made, Changes(windows={made.id: made}, acts=(act,))

    return decision


def cancel_window(identity: str, by: str, now: datetime) -> Decision[Window]:
    """Return the decision that ends a window that somebody set, or calls it off; what is past stays on record.

    The decision raises UnknownWindowError where nobody set such a window.
    """

    def decision(situation: Situation) -> tuple[Window, Changes]:
        known = situation.windows.get(WindowId(identity))
        if known is None:
            configured = any(one.id == identity for one in situation.config.maintenance)
            hint = "it stands in the configuration; take it out there" if configured else "nobody set it"
            raise UnknownWindowError(f"there is no window {identity} to cancel: {hint}")
        if known.cancelled is not None:
            return known, Changes()
        ended = replace(known, cancelled=now, updated=now)
        act = Act(at=now, actor=by, action="cancel maintenance", subject=identity, detail=known.title)
        return ended, Changes(windows={ended.id: ended}, acts=(act,))

    return decision


def waive_debts(incident: IncidentId, by: str, why: str, now: datetime) -> Decision[Incident]:
    """Return the decision that who was told of a beginning and could not be told the end need not be told any more.

    The decision raises UnknownDebtError where no such incident has ended and owes its end.
    """

    def decision(situation: Situation) -> tuple[Incident, Changes]:
        known = situation.incidents.get(incident)
        if known is None or known.open or not known.debts:
            raise UnknownDebtError(f"{incident} owes nobody its end")
        event = DebtsWaived(at=now, by=by, why=why)
        entry = Entry(incident=incident, sequence=known.version + 1, event=event)
        act = Act(at=now, actor=by, action="waive", subject=incident, detail=why)
        return advanced(known, event), Changes(entries=(entry,), acts=(act,))

    return decision


def _outlived(situation: Situation, now: datetime) -> Mapping[SilenceId, None]:
    return {one.id: None for one in situation.silences.values() if one.ends < now - REMEMBERED}


def _told(silence: Silence) -> str:
    """Return what the audit says of a silence."""
    matchers = ", ".join(map(str, silence.matchers))
    return f"{{{matchers}}} until {silence.ends:%Y-%m-%d %H:%M} UTC: {silence.comment}"
