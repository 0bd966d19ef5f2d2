"""What an incident's escalation does next: who is paged at which step, what moves the next step, and why.

Every function adds events to a draft, each with its reason and, where somebody is to be paged, a message. What a policy
is, and whom a step reaches, is for `escalation`; whose an incident is, for `ownership`.
"""

from datetime import datetime, timedelta

from alerts.concern import worse
from alerts.draft import Context, Draft
from alerts.escalation import PageReason, PutOff, call, put_off
from alerts.evaluate import span
from alerts.hurry import hurry
from alerts.incident import Incident
from alerts.mute import KeptBack
from alerts.ownership import first_of, kinds, owed, policy_for
from alerts.paging import owner_page, page, unanswered
from alerts.steps import EscalationPaused, OwnersPaged, PolicyTaken, StepCause, StepMoved
from alerts.timeline import Acknowledged, Paged

MOST_STEPS = 100
"""Steps that may be due at one instant; steps without a wait page one after another."""

LONGEST_HOLD = timedelta(days=7)
"""How long an acknowledgement or a pause lasts at most: what is put off for longer is forgotten."""


def escalate(draft: Draft, context: Context, now: datetime) -> None:
    """Add what is due of an incident's escalation: owners told, acknowledgements lapsed, pauses over, steps taken.

    While something keeps pages back nobody is paged, and the step that is due stays due.
    """
    _worse_kind(draft, context, now)
    kept = _kept_back(draft, context, now)
    if not kept:
        _others(draft, context, now)
    _clock(draft, now)
    _wake(draft, now)
    if kept:
        return
    hurry(draft, context, now)
    for _ in range(MOST_STEPS):
        if draft.incident.next_due is None or draft.incident.next_due > now:
            return
        _step(draft, context, now)


def _kept_back(draft: Draft, context: Context, now: datetime) -> bool:
    """Return whether something keeps pages back, and put down what does where one is due: the step waits for it."""
    incident, mutes = draft.incident, context.quiet.pages(draft.incident, now)
    due = incident.next_due is not None and incident.next_due <= now
    if mutes and mutes != incident.muted and (due or any(owed(incident, context.catalog, context.roster, now))):
        draft.add(KeptBack(at=now, pages=True, mutes=mutes))
    return bool(mutes)


def _step(draft: Draft, context: Context, now: datetime) -> None:
    incident = draft.incident
    if incident.policy is None:
        return
    moved = put_off(incident.policy, incident.next_step, now)
    if moved is not None:
        draft.add(_put_off(incident, moved, now))
        return
    step = call(incident.policy, incident.next_step, context.board, now)
    turn = step.reason in (PageReason.FIRST, PageReason.NOT_ACKNOWLEDGED)
    reason = incident.standing.because if turn and incident.standing.because is not None else step.reason
    people = tuple(person.id for person in step.people)
    others = tuple(person for person in step.people if person.id not in incident.people)
    # Who has it is not asked again because somebody else is called to help.
    due = incident.standing.held_until if incident.held else step.next_due
    draft.add(Paged(at=now, step=step.step, people=people, reason=reason, next_due=due, others=others))
    why = incident.standing.why if reason is incident.standing.because else ""
    draft.messages += [page(draft.incident, person, reason, context, now, why) for person in step.people]


def _put_off(incident: Incident, moved: PutOff, now: datetime) -> StepMoved:
    passed = moved.step != incident.next_step
    cause = StepCause.PASSED_OVER if passed else StepCause.OUT_OF_HOURS
    zone = f" in {moved.hours.zone}" if moved.hours.zone else ""
    why = f"step {incident.next_step + 1} is for {moved.hours.name}{zone}"
    return StepMoved(at=now, step=moved.step, next_due=moved.until, cause=cause, why=why)


def _worse_kind(draft: Draft, context: Context, now: datetime) -> None:
    """Change to the policy of a worse kind of failure than the one that pages, where that is another policy."""
    incident = draft.incident
    tier = context.catalog.tiers.get(incident.tier) if incident.tier is not None else None
    known, worst = incident.standing.concern, kinds(incident)[0]
    if tier is None or incident.policy is None or known is None or not incident.active or not worse(worst, known):
        return
    policy = policy_for(incident, tier, context.catalog, context.roster, now)
    if policy.name != incident.policy.name:
        draft.add(PolicyTaken(at=now, concern=worst, policy=policy, why=f"{worst} is worse than {known}"))


def _others(draft: Draft, context: Context, now: datetime) -> None:
    """Tell the owners of the other kinds of failure, once each."""
    for concern, policy in tuple(owed(draft.incident, context.catalog, context.roster, now)):
        people = first_of(policy, context.board, now)
        if people is not None:
            draft.add(OwnersPaged(at=now, concern=concern, people=people))
            draft.messages += [owner_page(draft.incident, person, concern, context, now) for person in people]


def _clock(draft: Draft, now: datetime) -> None:
    """Begin the wait for the next step anew where our clock was put back behind its beginning.

    So a step comes no later than twice its wait, however far the clock jumps.
    """
    incident, since = draft.incident, draft.incident.standing.waits_since
    if incident.next_due is not None and since is not None and now < since < incident.next_due:
        due, why = now + (incident.next_due - since), f"our clock was put back behind {since:%H:%M:%S} UTC"
        cause = StepCause.CLOCK_PUT_BACK
        draft.add(StepMoved(at=now, step=incident.next_step, next_due=due, cause=cause, why=why))


def _wake(draft: Draft, now: datetime) -> None:
    """End an acknowledgement or a pause whose time is over, or let one hold on under which something has moved."""
    incident, standing = draft.incident, draft.incident.standing
    if incident.next_due is None or incident.next_due > now:
        return
    if incident.held:
        draft.add(_after_hold(incident, now))
    elif standing.paused_until is not None:
        why = f"the pause by {standing.paused_by} is over"
        draft.add(_moved(incident, now, StepCause.PAUSE_OVER, why, now))


def _moved(incident: Incident, due: datetime, cause: StepCause, why: str, now: datetime) -> StepMoved:
    return StepMoved(at=now, step=incident.next_step, next_due=due, cause=cause, why=why)


def _after_hold(incident: Incident, now: datetime) -> StepMoved:
    standing, by = incident.standing, incident.acknowledged_by
    since, until = standing.held_since, standing.held_until
    if since is not None and until is not None and standing.progress is not None and standing.progress > since:
        why = f"something has ended or recovered under {by}, whose acknowledgement holds on"
        return _moved(incident, now + (until - since), StepCause.HELD_ON, why, now)
    length = f" of {span(until - since)}" if since is not None and until is not None else ""
    why = f"the acknowledgement by {by}{length} has run out, and nothing has ended or recovered under it"
    return _moved(incident, now, StepCause.LAPSED, why, now)


def acknowledged(incident: Incident, by: str, now: datetime, *, until: datetime | None = None) -> Draft:
    """Return what an acknowledgement does: no further person is paged, and pages still waiting are not sent.

    With `until` it lapses then, unless something has moved; it lasts a week at most.

    Raises:
        ValueError: `until` is past or too far off; the message says so.
    """
    if until is not None:
        _in_reach(until, now)
    draft = Draft(incident=incident)
    draft.add(Acknowledged(at=now, by=by, until=until))
    draft.suppressed += unanswered(draft.incident)
    return draft


def paused(incident: Incident, by: str, until: datetime, why: str, now: datetime) -> Draft:
    """Return what a pause does: the next step waits until an instant, and what is worse than now ends it.

    Raises:
        ValueError: `until` is past or too far off; the message says so.
    """
    _in_reach(until, now)
    draft = Draft(incident=incident)
    draft.add(EscalationPaused(at=now, by=by, until=until, why=why))
    return draft


def _in_reach(until: datetime, now: datetime) -> None:
    if until <= now:
        raise ValueError(f"lies in the past; name an instant within the next {span(LONGEST_HOLD)}")
    if until > now + LONGEST_HOLD:
        raise ValueError(f"must lie within the next {span(LONGEST_HOLD)}")
