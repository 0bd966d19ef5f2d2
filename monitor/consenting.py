"""What people do with drafts of notices, as decisions for `Desk.decide`, each with the audit's word.

By which rules it may be done is for `alerts.approving`; a refusal that is itself on record is stored before it is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from alerts.alert import IncidentId
from alerts.approving import Acted, approve, edit, refuse, say_stage
from alerts.draft import Context, Draft
from alerts.incident import Incident
from alerts.merging import CannotBeDone, Saying
from alerts.message import Stage
from alerts.notice_draft import DraftId, NoticeDraft, OwnText
from alerts.respond import resolved
from alerts.wording import Links
from monitor.changes import Act, Changes
from monitor.deciding import context
from monitor.record import drafted
from monitor.situation import Situation

T = TypeVar("T")
Decision = Callable[[Situation], tuple[T, Changes]]
Do = Callable[[NoticeDraft, Incident, Context], Acted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A draft as it is after an act, and why that was refused, in words for who asked."""

    notice: NoticeDraft
    refused: str = ""


class UnknownDraftError(LookupError):
    """There is no draft of this id."""


def approve_draft(draft: str, seen: str, saying: Saying, links: Links) -> Decision[Answer]:
    """Return the decision that approves a draft, and sends it where that is enough.

    The decision raises UnknownDraftError, or CannotBeDone with why.
    """
    return _acting(draft, saying, links, "approve notice", lambda one, *known: approve(one, seen, saying, *known))


def edit_draft(draft: str, own: Mapping[str, OwnText], saying: Saying, links: Links) -> Decision[Answer]:
    """Return the decision that puts somebody's text, by language, in the place of a draft's; it raises as above."""
    return _acting(draft, saying, links, "edit notice", lambda one, *known: edit(one, own, saying, *known))


def refuse_draft(draft: str, saying: Saying, links: Links) -> Decision[Answer]:
    """Return the decision that refuses a draft; it raises as above."""
    return _acting(draft, saying, links, "refuse notice", lambda one, *known: refuse(one, saying, *known))


def _acting(draft: str, saying: Saying, links: Links, action: str, do: Do) -> Decision[Answer]:
    def decision(situation: Situation) -> tuple[Answer, Changes]:
        one = draft_of(situation, draft)
        done = do(one, incident_of(situation, one.incident), context(situation, links))
        why = done.refused or saying.why or done.notice.why
        changes = acted(done.draft, Act(at=saying.at, actor=saying.by or "", action=action, subject=one.id, detail=why))
        return Answer(notice=done.notice, refused=done.refused), changes

    return decision


def tell_stage(incident: str, stage: Stage, saying: Saying, links: Links) -> Decision[Incident]:
    """Return the decision that an incident has come so far; it raises CannotBeDone with why not."""

    def decision(situation: Situation) -> tuple[Incident, Changes]:
        known = incident_of(situation, IncidentId(incident))
        draft = say_stage(known, stage, saying, context(situation, links))
        act = Act(at=saying.at, actor=saying.by or "", action=f"say {stage}", subject=known.id, detail=saying.why)
        return draft.incident, acted(draft, act)

    return decision


def retract(incident: str, saying: Saying, links: Links) -> Decision[Incident]:
    """Return the decision that an incident was a false alarm: it ends, and who was told of it is told so.

    The decision raises CannotBeDone where it is over already.
    """

    def decision(situation: Situation) -> tuple[Incident, Changes]:
        known = incident_of(situation, IncidentId(incident))
        if not known.open:
            raise CannotBeDone(f"{known.id} is over; reopen it first, then retract it")
        by = saying.by or ""
        draft = resolved(known, by, saying.why, context(situation, links), saying.at, false_alarm=True)
        act = Act(at=saying.at, actor=by, action="retract", subject=known.id, detail=saying.why)
        return draft.incident, acted(draft, act)

    return decision


def acted(draft: Draft, act: Act) -> Changes:
    """Return what a decision about one incident writes, with the audit's word."""
    return replace(drafted((draft,)), acts=(act,))


def draft_of(situation: Situation, draft: str) -> NoticeDraft:
    """Return a draft; UnknownDraftError where there is none of this id."""
    found = situation.notice_drafts.get(DraftId(draft))
    if found is None:
        raise UnknownDraftError(f"there is no draft {draft}, or it ended so long ago that only the audit has it")
    return found


def incident_of(situation: Situation, incident: IncidentId) -> Incident:
    """Return an incident that is in memory; CannotBeDone where it is not."""
    found = situation.incidents.get(incident)
    if found is None:
        raise CannotBeDone(f"{incident} is not known, or was over so long ago that it is only on record")
    return found


def upcoming(one: NoticeDraft, now: datetime) -> tuple[bool, bool, float]:
    """Return by what drafts are sorted: those that wait first, the soonest due first, then the newest."""
    due = one.due.timestamp() if one.due is not None else float("inf")
    return not one.waiting, one.due is None, due if one.waiting else -(one.ended or now).timestamp()
