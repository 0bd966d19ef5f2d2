"""What somebody orders about an incident, as changes that are still to be stored, with the act for the audit."""

from dataclasses import replace
from datetime import datetime

from alerts.alert import IncidentId
from alerts.orders import Order, Standing, carried_out
from alerts.wording import Links
from monitor.changes import Act, Changes
from monitor.deciding import context
from monitor.record import drafted
from monitor.situation import Situation


def ordered(situation: Situation, order: Order, links: Links, now: datetime) -> tuple[IncidentId, Changes]:
    """Return which incident an order is about, and what it changes.

    Raises:
        CannotBeDone: as things stand it cannot be done.
    """
    standing = Standing(incidents=situation.incidents, alerts=situation.alerts, number=situation.next_number)
    done = carried_out(order, standing, context(situation, links), now)
    act = Act(at=now, actor=order.by, action=order.action, subject=order.incident, detail=order.why)
    return order.incident, replace(drafted(done.drafts), alerts=done.alerts, acts=(act,))
