"""Messages to send, and the short deadlines with which the tests send them."""

from datetime import UTC, datetime, timedelta

from alerts.alert import IncidentId
from alerts.message import Claim, Lane, Message, MessageKind, MessageSeverity, Stage
from probes.catalog import ClientId, SecretRef

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEADLINES = {kind: timedelta(seconds=1 if kind is MessageKind.PAGE else 3) for kind in MessageKind}


def claim(
    channel: str = "env:ADA_PAGER", *, kind: MessageKind = MessageKind.PAGE, attempt: int = 1, **changes: object
) -> Claim:
    """Return a claimed message, a page unless said otherwise."""
    facts: dict[str, object] = {
        "key": "INC-7/page/ada/1",
        "kind": kind,
        "lane": Lane.URGENT if kind is MessageKind.PAGE else Lane.NORMAL,
        "stage": Stage.INVESTIGATING,
        "recipient": "ada",
        "channels": (SecretRef(channel),),
        "subject": "Flow invoices is late: 3 clients hurt",
        "body": "Acknowledge: https://tierwatch.example.com/incidents/INC-7",
        "created": NOW,
        "severity": MessageSeverity.FAILURE,
        "incident": IncidentId("INC-7"),
        "client": ClientId("acme"),
    }
    return Claim(message=Message(**(facts | changes)), attempt=attempt, channel=SecretRef(channel))  # type: ignore[arg-type]
