"""A page that reached nobody: what that does to the step that it belongs to.

Its message is tried again in rounds all the same. But nobody waits for the acknowledgement of a page that no channel
took: the next step pages at once.
"""

from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Message, MessageKind
from alerts.steps import StepCause, StepMoved


def unreached(incident: Incident, message: Message, delivery: Delivery) -> StepMoved | None:
    """Return that the next step comes at once, where an attempt was the last of a page's first round and failed too.

    None where the page was not the present step's, somebody else of that step was reached, or nothing comes after it.
    """
    present = message.kind is MessageKind.PAGE and message.step is not None and message.step == incident.next_step - 1
    whole_round = delivery.attempt == len(message.channels) and delivery.state is not DeliveryState.ACCEPTED
    due = incident.next_due
    if not (present and whole_round and incident.open and due is not None and due > delivery.ended):
        return None
    if incident.held or incident.standing.reached or incident.standing.paused_until is not None:
        return None
    why = f"no channel of {message.recipient} took the page"
    return StepMoved(
        at=delivery.ended, step=incident.next_step, next_due=delivery.ended, cause=StepCause.UNDELIVERED, why=why
    )
