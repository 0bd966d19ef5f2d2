"""What people say of an incident beside taking and ending it: whose it is, how severe it is, and that it goes on.

Each is an event with who said so and why. Merging and splitting are next door, in `merging`.
"""

from collections.abc import Mapping

from alerts.alert import Alert
from alerts.draft import Context, Draft
from alerts.dues import due
from alerts.escalation import DEFAULT_WAIT, PageReason
from alerts.harm import hurt
from alerts.incident import Incident
from alerts.merging import CannotBeDone, Saying
from alerts.oncall import Person
from alerts.ownership import kinds, policy_for
from alerts.paging import page, unanswered
from alerts.reopening import reopen
from alerts.severity import worst
from alerts.timeline import Acknowledged, Paged, Reassigned, Reopened, ReopenReason, SeveritySet
from probes.catalog import Tier


def reassigned(incident: Incident, owner: Person, saying: Saying, context: Context) -> Draft:
    """Return what giving an incident to a person does: they are paged, and the escalation goes on unless they answer.

    Who takes it for themselves has acknowledged by that.

    Raises:
        CannotBeDone: it is over.
    """
    _open(incident, "given to anybody")
    by, now = saying.by or "", saying.at
    draft = Draft(incident=incident, suppressed=unanswered(incident))
    taken = by == owner.id
    wait = None if taken else now + DEFAULT_WAIT
    draft.add(Reassigned(at=now, owner=owner, why=saying.why, by=by, next_due=wait))
    if taken:
        draft.add(Acknowledged(at=now, by=by))
        return draft
    step, reason = incident.next_step - 1, PageReason.REASSIGNED
    draft.add(Paged(at=now, step=step, people=(owner.id,), reason=reason, next_due=wait))
    draft.messages.append(page(draft.incident, owner, reason, context, now))
    return draft


def graded(incident: Incident, tier: Tier, saying: Saying, context: Context) -> Draft:
    """Return what raising or lowering an incident to the severity of a tier does.

    Raised, it pages by that tier's policy. Lowered, it stays so until something worse joins than what could be seen.

    Raises:
        CannotBeDone: it is over, or already as severe.
    """
    _open(incident, "given another severity")
    if tier.id == incident.tier:
        raise CannotBeDone(f"{incident.id} counts as {tier.id} already")
    known = worst(incident, context.catalog, saying.at)
    seen = max(incident.weight, known.weight if known is not None else -1, incident.seen or -1)
    draft = Draft(incident=incident)
    draft.add(
        SeveritySet(
            at=saying.at,
            tier=tier.id,
            weight=tier.weight,
            policy=policy_for(incident, tier, context.catalog, context.roster, saying.at),
            concern=kinds(incident)[0],
            why=saying.why,
            by=saying.by,
            seen=seen,
        )
    )
    return due(draft, context, saying.at)


def reopened(incident: Incident, alerts: Mapping[str, Alert], saying: Saying, context: Context) -> Draft:
    """Return what reopening does: the incident goes on until somebody ends it, and somebody is paged anew.

    Whom those of its alerts hurt that are active still, is hurt again.

    Raises:
        CannotBeDone: it is not over, or another incident goes on with it.
    """
    if incident.merged is not None:
        raise CannotBeDone(f"{incident.id} is part of {incident.merged}, which goes on with it")
    if incident.open:
        raise CannotBeDone(f"{incident.id} is not over")
    draft = Draft(incident=incident)
    event = Reopened(at=saying.at, reason=ReopenReason.BY_HAND, why=saying.why, by=saying.by)
    hurt(draft, reopen(draft, event, alerts), context, saying.at)
    return due(draft, context, saying.at)


def _open(incident: Incident, what: str) -> None:
    if not incident.open:
        raise CannotBeDone(f"{incident.id} is over, so it cannot be {what}; reopen it first")
