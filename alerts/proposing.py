"""Notices that do not go out by themselves: drafts are made of them, and die when what they are for is overtaken.

A draft is for one state: a stage, and what its clients may know. It lives while any of its clients is to be told just
that. Somebody is told of each with what there is to do; what people then do is for `approving`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.communications import reached
from alerts.draft import Context, Draft
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.news import Due, Why
from alerts.notice import letters, prints
from alerts.notice_draft import DraftCause, DraftId, DraftMove, DraftState, NoticeDraft
from alerts.oncall import Person
from alerts.warn import concerned
from probes.catalog import ClientId, NoticePolicy, TierId

KEPT = timedelta(days=30)
"""How long a draft that has ended can still be read."""

CAUSES = {NoticePolicy.APPROVAL: DraftCause.APPROVAL, NoticePolicy.BY_HAND: DraftCause.BY_HAND}

State = tuple[Stage, str, datetime | None]
"""What a notice to a client is for: its stage, what the client may know, and of an update its time."""


Told = tuple[Impact, Due]


def state_of(due: Due) -> State:
    """Return what a notice that is due is for."""
    return due.stage, due.facts, due.by if due.stage is Stage.UPDATE else None


def state_for(one: NoticeDraft) -> State:
    """Return what a draft is for."""
    return one.stage, one.facts, one.due if one.stage is Stage.UPDATE else None


def by_itself(impact: Impact, due: Due) -> bool:
    """Return whether a notice goes out without anybody: there is news, and the contract asks nobody."""
    return impact.terms.notices is NoticePolicy.AUTOMATIC and due.why is not Why.NO_NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A notice to a client that needs somebody, and why."""

    impact: Impact
    due: Due
    cause: DraftCause
    objections: tuple[str, ...] = ()

    @property
    def together(self) -> tuple[TierId, State, DraftCause, tuple[str, ...]]:
        """By what clients share a draft."""
        return self.impact.terms.tier, state_of(self.due), self.cause, self.objections


def proposal(impact: Impact, due: Due) -> Proposal:
    """Return what is proposed of a notice that does not go out by itself."""
    return Proposal(impact=impact, due=due, cause=CAUSES.get(impact.terms.notices, DraftCause.NO_NEWS))


def meant(one: NoticeDraft, impact: Impact, due: Due) -> bool:
    """Return whether a draft is for what is due to a client, and for the reason for which its contract asks now."""
    cause = DraftCause.REFUSED if by_itself(impact, due) else CAUSES.get(impact.terms.notices, DraftCause.NO_NEWS)
    return state_for(one) == state_of(due) and one.cause is cause


def covers(one: NoticeDraft, impact: Impact, due: Due, incident: Incident) -> bool:
    """Return whether nothing else is proposed to a client beside a draft: it waits, or was refused for what goes on.

    What comes back later may be told, whatever was refused before.
    """
    if one.waiting or one.ended is None:
        return meant(one, impact, due)
    since = impact.spells[-1].start if impact.spells else impact.joined
    return meant(one, impact, due) and one.ended >= max(since, incident.course.relapsed or since)


def overtake(draft: Draft, drafts: Iterable[NoticeDraft], dues: Mapping[ClientId, Told], now: datetime) -> None:
    """End the drafts of which no client is to be told any more what they say."""
    for one in drafts:
        if not any(client in dues and meant(one, *dues[client]) for client in one.clients):
            end(draft, one, DraftState.DEAD, overtaken(draft.incident, one), now)


def overtaken(incident: Incident, one: NoticeDraft) -> str:
    """Return why a draft is not to be sent any more, in words."""
    if incident.merged is not None:
        return f"{incident.merged} goes on with {incident.id}, and has drafts of its own"
    if not incident.open:
        how = "a false alarm" if incident.course.false_alarm else "over"
        return f"it says '{one.stage}', and {incident.id} is {how} meanwhile"
    return f"it says '{one.stage}', and that is not what its clients are to be told any more"


def end(draft: Draft, one: NoticeDraft, state: DraftState, why: str, now: datetime) -> NoticeDraft:
    """Return a draft that waits no more, and put that down; `why` is what is shown of it."""
    over = replace(one, state=state, why=why, ended=now)
    draft.notices[one.id] = over
    if state is DraftState.DEAD:
        draft.add(one.moved(DraftMove.DIED, now, why))
    return over


def propose(draft: Draft, context: Context, proposals: Iterable[Proposal], now: datetime) -> None:
    """Make drafts of what needs somebody, one for all of a tier who are to be told the same, and tell of them."""
    groups: dict[object, list[Proposal]] = {}
    for one in proposals:
        groups.setdefault(one.together, []).append(one)
    for group in groups.values():
        _propose(draft, context, group, now)
    if groups:
        _forget(draft, context, now)


def _propose(draft: Draft, context: Context, group: Sequence[Proposal], now: datetime) -> None:
    first = group[0]
    known = next((one for one in _held(draft, context) if _takes(one, first)), None)
    made = now if known is None else known.made
    impacts = [one.impact for one in group]
    texts = prints(letters(draft.incident, impacts, first.due.stage, context, made))
    fresh = {impact.terms.client: texts[impact.terms.client] for impact in impacts}
    if known is not None:
        wider = replace(known, clients=(*known.clients, *fresh), texts={**known.texts, **fresh})
        draft.notices[known.id] = wider
        draft.add(wider.moved(DraftMove.WIDENED, now))
        return
    one = NoticeDraft(
        id=DraftId(f"{draft.incident.id}-{draft.incident.version + 1}"),
        incident=draft.incident.id,
        tier=first.impact.terms.tier,
        stage=first.due.stage,
        cause=first.cause,
        clients=tuple(fresh),
        facts=first.due.facts,
        made=now,
        due=min((each.due.by for each in group if each.due.by is not None), default=None),
        eyes=_eyes(context, first),
        texts=fresh,
        objections=first.objections,
    )
    draft.notices[one.id] = one
    draft.add(one.moved(DraftMove.MADE, now, WHY[one.cause]))
    draft.messages += [_note(one, person, context, now) for person in team(draft.incident, context, one.clients, now)]


WHY = {
    DraftCause.APPROVAL: "the contract asks for approval",
    DraftCause.BY_HAND: "the contract asks for a notice by hand",
    DraftCause.NO_NEWS: "an update is due and nothing has changed",
    DraftCause.REFUSED: "the text must not leave as it is",
}


def _takes(one: NoticeDraft, wanted: Proposal) -> bool:
    """Whether a draft can take in further clients: nobody has approved or written it yet."""
    alike = (one.tier, state_for(one), one.cause, one.objections) == wanted.together
    return alike and one.waiting and not one.approvals and not one.own


def _held(draft: Draft, context: Context) -> Iterator[NoticeDraft]:
    every = {**context.notice_drafts, **draft.notices}
    return (one for one in every.values() if one is not None and one.incident == draft.incident.id)


def _eyes(context: Context, one: Proposal) -> int:
    tier = context.catalog.tiers.get(one.impact.terms.tier)
    return tier.consent.eyes(one.due.stage) if tier is not None and one.cause.restricted else 1


def team(incident: Incident, context: Context, clients: Iterable[ClientId], now: datetime) -> list[Person]:
    """Return who is told of a draft: the communications team, or who has the incident, and whose accounts they are."""
    roster = context.roster
    named = roster.communications.team
    found = list(reached(named, roster.people, roster.schedules, context.board, now)) or concerned(incident)
    found += [roster.accounts[client] for client in clients if client in roster.accounts]
    return list({person.id: person for person in found}.values())


def _note(one: NoticeDraft, person: Person, context: Context, now: datetime) -> Message:
    number = f"{len(one.clients):,} {one.tier} {'client' if len(one.clients) == 1 else 'clients'}"
    until = f" It is due by {one.due:%Y-%m-%d %H:%M} UTC." if one.due is not None else ""
    lines = (
        f"A notice to {number} waits for somebody: {WHY[one.cause]}.{until}",
        *one.objections,
        f"Read, change and send it: {context.links.external}/notices/{one.id}",
    )
    return note(f"{one.id}/note/{person.id}", person, f"[{one.incident}] Notice '{one.stage}' waits", lines, now)


def note(key: str, person: Person, subject: str, lines: Iterable[str], now: datetime) -> Message:
    """Return a note to one of ours. It is no part of its incident: nobody is owed an end by it."""
    return Message(
        key=key,
        kind=MessageKind.NOTE,
        lane=Lane.NORMAL,
        stage=Stage.UPDATE,
        recipient=person.id,
        channels=person.channels,
        subject=subject,
        body="\n".join(lines),
        created=now,
        severity=MessageSeverity.WARNING,
    )


def _forget(draft: Draft, context: Context, now: datetime) -> None:
    old = (one for one in context.notice_drafts.values() if one.ended is not None and one.ended < now - KEPT)
    draft.notices.update({one.id: None for one in old})
