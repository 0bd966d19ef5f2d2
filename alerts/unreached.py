"""A page that reached nobody: what that does to the step that it belongs to.

Its message is tried again in rounds all the same. But nobody waits for the acknowledgement of a page that no channel
took: the next step pages at once.
"""

from alerts.escalation import step_at
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Message, MessageKind
from alerts.steps import StepCause, StepMoved


def unreached(incident: Incident, message: Message, delivery: Delivery) -> StepMoved | None:
    """Return that the next step comes at once, where an attempt was the last of a page's first round and failed too.

    None where the page was not the present step's, somebody else of that step was reached, nothing comes after it, or
    what does would go the same way: who cannot be reached need not hear of it twice once that is possible again.
    """
    present = message.kind is MessageKind.PAGE and message.step is not None and message.step == incident.next_step - 1
    whole_round = delivery.attempt == len(message.channels) and delivery.state is not DeliveryState.ACCEPTED
    due = incident.next_due
    if not (present and whole_round and incident.open and due is not None and due > delivery.ended):
        return None
    standing = incident.standing
    if incident.held or standing.reached or standing.paused_until is not None or _same_way(incident, message):
        return None
    why = f"no channel of {message.recipient} took the page"
    return StepMoved(
        at=delivery.ended, step=incident.next_step, next_due=delivery.ended, cause=StepCause.UNDELIVERED, why=why
    )


def _same_way(incident: Incident, message: Message) -> bool:
    """Whether the next step pages one person, and by no other channel than those that have just failed."""
    if incident.policy is None:
        return True
    step = step_at(incident.policy, incident.next_step)
    person = incident.policy.catch_all if step is None else step.person
    return person is not None and set(person.channels) <= set(message.channels)
