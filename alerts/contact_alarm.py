"""Word to whoever looks after a client that one of its contacts cannot be reached."""

from datetime import datetime

from alerts.contact_mark import ContactMark, Fault
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person

FAULTS = {
    Fault.REJECTED: "its server refuses what is sent there",
    Fault.BOUNCED: "what was sent there came back",
}


def contact_alarm(mark: ContactMark, owner: Person, now: datetime) -> Message:
    """Return the note to the owner of a client's account. No address is in it."""
    why = FAULTS[mark.fault] if mark.fault is not None else "it failed"
    return Message(
        key=f"contact/{mark.key}/{now:%Y%m%dT%H%M%S.%f}",
        kind=MessageKind.NOTE,
        lane=Lane.NORMAL,
        stage=Stage.UPDATE,
        recipient=owner.id,
        channels=owner.channels,
        subject=f"{mark.contact} of {mark.client} cannot be reached",
        body=(
            f"{mark.contact} of {mark.client} cannot be reached: {why} ({mark.reason}).\n"
            "What the contract owes is sent there all the same. Ask the client for the right address; "
            "once it is right, clear the mark on the client's page."
        ),
        created=now,
        severity=MessageSeverity.WARNING,
        client=mark.client,
    )
