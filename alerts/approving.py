"""What people do with drafts of notices: approve and send, edit, refuse; and what they say of an incident's stage.

An approval is for one text and one state. One that comes after either has changed is refused, and that is put down too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.communications import members
from alerts.course import RANKS, StageSaid
from alerts.draft import Context, Draft
from alerts.incident import Incident
from alerts.merging import CannotBeDone, Saying
from alerts.message import Stage
from alerts.news import outlook, present
from alerts.notice import Written, letters, prints
from alerts.notice_draft import Approval, DraftMove, DraftState, NoticeDraft, OwnText
from alerts.notifying import notify, queue
from alerts.oncall import PersonId
from alerts.proposing import end, meant, overtaken
from probes.catalog import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What an act came to: what is to be stored, the draft as it is then, and why it was not done after all."""

    draft: Draft
    notice: NoticeDraft
    refused: str = ""


def approvers(one: NoticeDraft, context: Context) -> frozenset[PersonId]:
    """Return who may approve a draft; where nobody is named, anybody may."""
    tier = context.catalog.tiers.get(one.tier)
    if not one.cause.restricted or tier is None:
        return frozenset()
    named = tier.consent.approvers or context.roster.communications.team
    return members(named, context.roster.schedules)


def still_meant(one: NoticeDraft, incident: Incident, now: datetime) -> tuple[ClientId, ...]:
    """Return the clients of a draft who are to be told just what it says."""
    asked = outlook(incident, now)
    impacts = ((client, incident.impacts[client]) for client in one.clients if client in incident.impacts)
    dues = ((client, impact, asked.due(impact)) for client, impact in impacts)
    return tuple(client for client, impact, due in dues if due is not None and meant(one, impact, due))


def written(
    one: NoticeDraft, incident: Incident, clients: Iterable[ClientId], context: Context, at: datetime
) -> list[Written]:
    """Return the letters of a draft to some of its clients, as they read if they are sent at an instant."""
    impacts = [incident.impacts[client] for client in clients if client in incident.impacts]
    return list(letters(incident, impacts, one.stage, context, at, one.own))


def approve(one: NoticeDraft, seen: str, saying: Saying, incident: Incident, context: Context) -> Acted:
    """Return what an approval comes to: the notices are sent, or wait for a second person, or it comes too late.

    `seen` is the fingerprint of the text that was read, "" where that is whatever it is now.

    Raises:
        CannotBeDone: this person may not approve it or has done so already, or it does not wait any more.
    """
    by, now = saying.by or "", saying.at
    draft = Draft(incident=incident)
    _may_decide(one, by, context)
    if one.state is DraftState.DEAD:
        return _overtaken_before(draft, one, by, now)
    _waits(one)
    if seen and seen != one.text:
        raise CannotBeDone(f"the text of {one.id} is another one than you have read; read it again, then approve it")
    if any(_same(each.by, by) for each in one.approvals):
        raise CannotBeDone(f"{by} has approved {one.id} already; it needs somebody else as well")
    clients = still_meant(one, incident, now)
    late = _too_late(one, clients, incident, context)
    if late:
        return _refused_late(draft, one, by, late, context, now)
    _may_go_out(one, incident, clients, context, now)
    approved = replace(one, approvals=(*one.approvals, Approval(by=by, at=now, text=one.text)))
    draft.add(one.moved(DraftMove.APPROVED, now, saying.why, by))
    if len(approved.approvals) < one.eyes:
        draft.notices[one.id] = approved
        return Acted(draft=draft, notice=approved)
    return _sent(draft, approved, by, clients, context, now)


def _sent(  # noqa: PLR0913, PLR0917 - which draft is sent to whom, by whom and when
    draft: Draft, one: NoticeDraft, by: str, clients: tuple[ClientId, ...], context: Context, now: datetime
) -> Acted:
    queue(draft, context, written(one, draft.incident, clients, context, now), one.stage, one.facts, now)
    left = len(one.clients) - len(clients)
    why = f"sent to {len(clients):,}" + (f"; {left:,} were to be told something else by then" if left else "")
    draft.add(one.moved(DraftMove.SENT, now, why, by))
    return Acted(draft=draft, notice=end(draft, one, DraftState.SENT, why, now))


def _may_go_out(
    one: NoticeDraft, incident: Incident, clients: Iterable[ClientId], context: Context, now: datetime
) -> None:
    """Raise where somebody wrote what must not leave: our own text was made safe before."""
    bad = next((each for each in written(one, incident, clients, context, now) if one.own and each.refused), None)
    if bad is not None:
        first = bad.objections[0]
        raise CannotBeDone(f"{one.id} cannot be sent as it is: {first.why}; {first.advice}")


def _too_late(one: NoticeDraft, clients: tuple[ClientId, ...], incident: Incident, context: Context) -> str:
    if not clients:
        return overtaken(incident, one)
    texts = prints(written(one, incident, clients, context, one.made))
    changed = any(texts.get(client) != one.texts.get(client) for client in clients)
    return "what its readers would get is another text by now" if changed else ""


def _overtaken_before(draft: Draft, one: NoticeDraft, by: str, now: datetime) -> Acted:
    draft.add(one.moved(DraftMove.TOO_LATE, now, one.why, by))
    return Acted(draft=draft, notice=one, refused=f"the approval of {one.id} comes too late: {one.why}")


def _refused_late(  # noqa: PLR0913, PLR0917 - whose approval of what came too late, why and when
    draft: Draft, one: NoticeDraft, by: str, why: str, context: Context, now: datetime
) -> Acted:
    draft.add(one.moved(DraftMove.TOO_LATE, now, why, by))
    over = end(draft, one, DraftState.DEAD, why, now)
    notify(draft, with_drafts(context, draft), now)
    fresh = next((key for key, each in draft.notices.items() if each is not None and each.waiting), None)
    then = f"; {fresh} takes its place" if fresh is not None else ""
    return Acted(draft=draft, notice=over, refused=f"the approval of {one.id} comes too late: {why}{then}")


def edit(one: NoticeDraft, own: Mapping[str, OwnText], saying: Saying, incident: Incident, context: Context) -> Acted:
    """Return the draft with what somebody wrote, by language; a text that is empty is ours again. Approvals die by it.

    Raises:
        CannotBeDone: it does not wait any more, or a text has no subject, or a subject no text.
    """
    by, now = saying.by or "", saying.at
    _may_be_edited(one)
    if any(bool(text.subject.strip()) != bool(text.body.strip()) for text in own.values()):
        raise CannotBeDone("write a subject and a text; leave both empty to take our text again")
    texts = {language: text for language, text in {**one.own, **own}.items() if text.subject and text.body}
    draft = Draft(incident=incident)
    fresh = replace(one, own=texts, approvals=(), made=now, state=DraftState.WAITING, why="", ended=None)
    fresh = replace(fresh, texts=prints(written(fresh, incident, one.clients, context, now)))
    draft.notices[one.id] = fresh
    draft.add(one.moved(DraftMove.EDITED, now, saying.why, by))
    return Acted(draft=draft, notice=fresh)


def refuse(one: NoticeDraft, saying: Saying, incident: Incident, context: Context) -> Acted:
    """Return what a refusal comes to: nothing of the kind is proposed again until something changes.

    Raises:
        CannotBeDone: no reason is given, this person may not, or it does not wait any more.
    """
    _may_decide(one, saying.by or "", context)
    _waits(one)
    if not saying.why.strip():
        raise CannotBeDone("say why it is refused: somebody else has to write it")
    draft = Draft(incident=incident)
    draft.add(one.moved(DraftMove.REFUSED, saying.at, saying.why, saying.by))
    why = f"refused by {saying.by}: {saying.why}"
    return Acted(draft=draft, notice=end(draft, one, DraftState.REFUSED, why, saying.at))


def say_stage(incident: Incident, stage: Stage, saying: Saying, context: Context) -> Draft:
    """Return what somebody's word of how far an incident has come does: clients are told as their contracts say.

    Raises:
        CannotBeDone: it is over, has come as far already, or nobody can say this stage.
    """
    if stage not in (Stage.IDENTIFIED, Stage.MONITORING):
        raise CannotBeDone(f"nobody says '{stage}' of an incident; say identified or monitoring")
    if not incident.open:
        raise CannotBeDone(f"{incident.id} is over, so it is not {stage}; reopen it first")
    known = present(incident)
    if RANKS[known.stage] >= RANKS[stage] and (known.said or known.stage is not stage):
        raise CannotBeDone(f"{incident.id} is {known.stage} already")
    draft = Draft(incident=incident)
    draft.add(StageSaid(at=saying.at, stage=stage, by=saying.by or "", why=saying.why))
    notify(draft, context, saying.at)
    return draft


def with_drafts(context: Context, draft: Draft) -> Context:
    """Return what is read by a decision after one that changed drafts."""
    known = {**context.notice_drafts, **{key: one for key, one in draft.notices.items() if one is not None}}
    return replace(context, notice_drafts=known)


def _waits(one: NoticeDraft) -> None:
    if not one.waiting:
        raise CannotBeDone(f"{one.id} does not wait any more: {one.why or one.state}")


def _may_decide(one: NoticeDraft, by: str, context: Context) -> None:
    if not by.strip():
        raise CannotBeDone("who says so must be said")
    allowed = approvers(one, context)
    if allowed and not any(_same(person, by) for person in allowed):
        names = ", ".join(sorted(allowed))
        raise CannotBeDone(f"{by} may not decide on notices to {one.tier} clients; these may: {names}")


def _may_be_edited(one: NoticeDraft) -> None:
    if not one.holds:
        raise CannotBeDone(f"{one.id} cannot be changed any more: {one.why or one.state}")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
