"""What people decide about who is on call: overrides and swaps, posted and cancelled, with the audit's word.

Each function returns a decision for `Desk.decide`; what may be posted is for `alerts.posting`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from alerts.override import Override, OverrideId, cancelled
from alerts.posting import SwapTurn, Wish, in_swap, posted, swapped
from alerts.published import CalendarLink
from monitor.changes import Act, Changes
from monitor.quieting import Decision
from monitor.situation import Situation

REMEMBERED = timedelta(days=400)
"""How long an override that is over stays on record."""


class UnknownOverrideError(LookupError):
    """There is no override of this id."""


def post_override(wish: Wish, now: datetime) -> Decision[Override]:
    """Return the decision that posts an override; it raises PostingError where it may not be."""

    def decision(situation: Situation) -> tuple[Override, Changes]:
        made = posted(wish, situation.config.roster, situation.board, OverrideId(str(uuid4())), now)
        return made, _changes(situation, (made,), wish.by, "override", now)

    return decision


def post_swap(schedule: str, turns: tuple[SwapTurn, SwapTurn], by: str, why: str, now: datetime) -> Decision[Override]:
    """Return the decision that swaps two turns; its answer is the first of two overrides, which name the same `swap`.

    The decision raises PostingError where they cannot be swapped.
    """

    def decision(situation: Situation) -> tuple[Override, Changes]:
        roster, board, swap = situation.config.roster, situation.board, OverrideId(str(uuid4()))
        wishes = (replace(wish, by=by, why=why) for wish in swapped(schedule, turns, roster, board, now))
        made = tuple(in_swap(posted(wish, roster, board, OverrideId(str(uuid4())), now), swap) for wish in wishes)
        return made[0], _changes(situation, made, by, "swap", now)

    return decision


def cancel_override(identity: str, by: str, now: datetime) -> Decision[Override]:
    """Return the decision that cancels an override, and with it the other half of a swap; it stays on record.

    The decision raises UnknownOverrideError where there is none of this id.
    """

    def decision(situation: Situation) -> tuple[Override, Changes]:
        known = situation.overrides.get(OverrideId(identity))
        if known is None:
            raise UnknownOverrideError(f"there is no override {identity}")
        if known.cancelled is not None:
            return known, Changes()
        both = [one for one in situation.overrides.values() if known.swap and one.swap == known.swap] or [known]
        ended = tuple(cancelled(one, by, now) for one in both if one.cancelled is None)
        return cancelled(known, by, now), _changes(situation, ended, by, "cancel override", now)

    return decision


def revoke_calendar(subject: str, by: str, now: datetime) -> Decision[CalendarLink]:
    """Return the decision that makes a calendar's address void, and gives it another."""

    def decision(situation: Situation) -> tuple[CalendarLink, Changes]:
        known = situation.calendar_links.get(subject)
        link = CalendarLink(subject=subject, generation=known.generation + 1 if known else 1, changed=now, by=by)
        act = Act(at=now, actor=by, action="revoke calendar", subject=subject)
        return link, Changes(calendar_links={subject: link}, acts=(act,))

    return decision


def _changes(situation: Situation, made: tuple[Override, ...], by: str, action: str, now: datetime) -> Changes:
    acts = tuple(Act(at=now, actor=by, action=action, subject=one.schedule, detail=told(one)) for one in made)
    return Changes(overrides={**_outlived(situation, now), **{one.id: one for one in made}}, acts=acts)


def _outlived(situation: Situation, now: datetime) -> Mapping[OverrideId, None]:
    return {one.id: None for one in situation.overrides.values() if one.end < now - REMEMBERED}


def told(one: Override) -> str:
    """Return an override in words."""
    who = f"{one.person or 'nobody'} instead of {one.instead_of or 'everybody'}"
    return f"{who} from {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC{f': {one.why}' if one.why else ''}"
