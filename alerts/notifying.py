"""Tells clients what they are due by now: by itself where the contract and the news allow, else as drafts.

What is due to whom is for `news`, drafts are for `proposing`. Word of an end is never kept back by a silence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from alerts.draft import Context, Draft
from alerts.impact import Impact
from alerts.message import Stage
from alerts.mute import KeptBack, Mute, MuteCause
from alerts.news import Due, lull_until, outlook
from alerts.notice import Written, letters
from alerts.notice_draft import DraftCause, NoticeDraft, holding
from alerts.preferences import addressed
from alerts.proposing import Proposal, Told, by_itself, covers, note, overtake, proposal, propose, team
from alerts.timeline import NoticesQueued
from probes.catalog import ClientId

AT_ONCE = 250
"""So many clients are written to in one pass: to write 5,000 letters takes longer than a platinum client may wait."""


def notify(draft: Draft, context: Context, now: datetime) -> None:
    """Add the notices that clients are due by now, and drafts of those that need somebody."""
    found = _found(draft, context, now)
    drafts = tuple(holding(context.notice_drafts, draft.incident.id))
    if not found and not drafts:
        return
    kept = _keep_back(draft, context, (one for one, due in found if not due.stage.closes), now)
    dues = [(impact, due) for impact, due in found if due.stage.closes or impact.terms.client not in kept]
    wanted = {impact.terms.client: (impact, due) for impact, due in dues}
    overtake(draft, (one for one in drafts if one.waiting), wanted, now)
    covered = {
        client
        for one in drafts
        if not _past(one, now)
        for client in one.clients
        if client in wanted and covers(one, *wanted[client], draft.incident)
    }
    left = [one for client, one in wanted.items() if client not in covered]
    tell(draft, context, _foremost([one for one in left if by_itself(*one)]), now)
    propose(draft, context, (proposal(*one) for one in left if not by_itself(*one)), now)


def _foremost(dues: Sequence[Told]) -> Sequence[Told]:
    """Return who is told in this pass: of thousands the heaviest, so that the first of them need not wait for the last.

    The others are due in the next pass, which follows at once. Word of an end leaves with the end, for no pass follows.
    """
    if len(dues) <= AT_ONCE:
        return dues
    ends = [one for one in dues if one[1].stage.closes]
    others = [one for one in dues if not one[1].stage.closes]
    return [*ends, *sorted(others, key=lambda one: -one[0].terms.weight)[:AT_ONCE]]


def _found(draft: Draft, context: Context, now: datetime) -> Sequence[Told]:
    """Return who is due what. That it is nobody is remembered: it is asked at every look, and there are thousands."""
    settled, incident = context.quiet.settled, draft.incident
    if settled is not None and settled.lulled(incident, now):
        return ()
    asked = outlook(incident, now)
    found = [(impact, due) for impact in incident.impacts.values() if (due := asked.due(impact)) is not None]
    if not found and not draft.events and settled is not None:
        settled.lull(incident, now, lull_until(incident, now))
    return found


def _past(one: NoticeDraft, now: datetime) -> bool:
    """Whether nobody has mended in time what must not leave as it is: then the safe generic text goes out."""
    return one.cause is DraftCause.REFUSED and (one.due is None or one.due <= now)


def tell(draft: Draft, context: Context, dues: Sequence[Told], now: datetime) -> None:
    """Add notices that go out by themselves; the team hears where one is not what it was to be."""
    for (stage, facts), impacts in _alike(dues).items():
        written = list(letters(draft.incident, impacts, stage, context, now))
        held = held_up(written, {impact.terms.client: due for impact, due in dues}, now)
        sent = [one for one in written if one.impact.terms.client not in held]
        if sent:
            queue(draft, context, sent, stage, facts, now)
        _tell_the_team(draft, context, sent, now)
        propose(draft, context, held.values(), now)


def held_up(written: Iterable[Written], dues: Mapping[ClientId, Due], now: datetime) -> Mapping[ClientId, Proposal]:
    """Return the clients whose text is refused while there is time to mend it: until then it does not go out."""
    found: dict[ClientId, Proposal] = {}
    for one in written:
        client = one.impact.terms.client
        due = dues[client]
        if one.refused and not due.stage.closes and due.by is not None and due.by > now:
            why = tuple(dict.fromkeys(f"{each.why}; {each.advice}" for each in one.objections))
            found[client] = Proposal(impact=one.impact, due=due, cause=DraftCause.REFUSED, objections=why)
    return found


def _alike(dues: Iterable[Told]) -> Mapping[tuple[Stage, str], list[Impact]]:
    found: dict[tuple[Stage, str], list[Impact]] = {}
    for impact, due in dues:
        found.setdefault((due.stage, due.facts), []).append(impact)
    return found


def queue(  # noqa: PLR0913, PLR0917 - letters of one stage and state
    draft: Draft, context: Context, written: Iterable[Written], stage: Stage, facts: str, now: datetime
) -> None:
    """Add letters as messages, with the event that says so."""
    written = list(written)
    messages = [(one.message, one.reader) for one in written]
    readers = {message.key: reader for message, reader in messages}
    draft.messages += addressed((message for message, _ in messages), context.preferences, now, readers)
    clients = tuple(dict.fromkeys(one.impact.terms.client for one in written))
    draft.add(NoticesQueued(at=now, stage=stage, clients=clients, facts=facts))


def _tell_the_team(draft: Draft, context: Context, written: Iterable[Written], now: datetime) -> None:
    failed = [one for one in written if one.letter.fallback is not None]
    if not failed:
        return
    clients = tuple(dict.fromkeys(one.impact.terms.client for one in failed))
    reasons = dict.fromkeys(one.letter.fallback.detail for one in failed if one.letter.fallback is not None)
    stage = failed[0].audience.stage
    lines = (
        f"{len(clients):,} clients were sent the safe generic text of '{stage}' and not what was to be sent.",
        *list(reasons)[:NAMED],
        f"Who was told what: {context.links.incident(draft.incident)}",
    )
    subject = f"[{draft.incident.id}] Notices went out with the generic text"
    key = f"{draft.incident.id}/generic/{draft.incident.version}"
    people = team(draft.incident, context, clients, now)
    draft.messages += [note(f"{key}/{person.id}", person, subject, lines, now) for person in people]


NAMED = 10


def _keep_back(draft: Draft, context: Context, impacts: Iterable[Impact], now: datetime) -> Collection[ClientId]:
    """Return the clients whose notices are kept back, and put down what has come to keep them back."""
    clients = [one.terms.client for one in impacts]
    if not clients:
        return ()
    kept = {**context.quiet.notices(draft.incident, clients, now), **dict(_gone(context, clients))}
    news: dict[tuple[Mute, ...], list[ClientId]] = {}
    for client, mutes in kept.items():
        if draft.incident.unnotified.get(client) != mutes:
            news.setdefault(mutes, []).append(client)
    for mutes, those in news.items():
        draft.add(KeptBack(at=now, clients=tuple(those), mutes=mutes))
    return kept


def _gone(context: Context, clients: Iterable[ClientId]) -> Iterator[tuple[ClientId, tuple[Mute, ...]]]:
    """Yield clients whom the configuration does not know any more: they are told the end, and nothing else."""
    for client in clients:
        if client not in context.catalog.clients:
            why = f"{client} is no longer in the configuration"
            yield client, (Mute(cause=MuteCause.CONTRACT, by=f"{client}:removed", why=why),)
