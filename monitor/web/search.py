"""What somebody looks for in the ledger, as an address says it; what is empty is no condition."""

from typing import Annotated

from fastapi import Depends, Query

from alerts.alert import IncidentId
from alerts.message import MessageState
from monitor.store.ledger import Sought
from probes.catalog import ClientId

State = Annotated[MessageState | None, Query(description="How far the messages have come.")]
Contact = Annotated[str, Query(max_length=200, description="The contact or the person whom they are for.")]


def sought(
    incident: str = "", client: str = "", contact: Contact = "", state: State | None = None, before: str = ""
) -> Sought:
    """Return what is looked for."""
    return Sought(
        incident=IncidentId(incident) if incident else None,
        client=ClientId(client) if client else None,
        recipient=contact or None,
        state=state,
        before=before or None,
    )


Search = Annotated[Sought, Depends(sought)]
