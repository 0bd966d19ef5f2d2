"""Asks a system for one record by the value that both ends of a flow share.

One request, which takes from the system's quota as a routine one: never from what is kept to confirm a suspicion.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from probes.adapters.look import Instruments, Look
from probes.adapters.oauth import Door
from probes.adapters.signing import authorised, unsigned
from probes.answer import Answer, Failure
from probes.budget import Purpose, QuotaNews
from probes.connector import Lookup, Resource
from probes.failure import FailureClass
from probes.lookup import lookup_ask, read_lookup
from probes.observation import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What came of a look-up: the records that carry the value (none: it is not there), or why nobody knows."""

    answered: datetime
    records: tuple[Record, ...] = ()
    failure: FailureClass | None = None
    reason: str = ""
    news: QuotaNews = field(default_factory=QuotaNews)

    @property
    def found(self) -> bool | None:
        """Whether the record is there; None where nobody knows."""
        return None if self.failure is not None else bool(self.records)


async def look_up(request: Look, lookup: Lookup, key: str, instruments: Instruments) -> LookedUp:
    """Return whether a record is in the list of a look's resource. Raises ValueError where the look has none."""
    resource = request.resource
    if resource is None:
        raise ValueError(f"{request.probe.id} looks at no list")
    result = await _asked(request, resource, lookup, key, instruments)
    now = instruments.now()
    if isinstance(result, Failure):
        instruments.heard(result, now)
        return LookedUp(answered=now, failure=result.failure, reason=result.reason, news=result.news)
    page = read_lookup(request.system.connector, resource, lookup, key, result)
    instruments.heard(page, result.answered)
    if isinstance(page, Failure):
        return LookedUp(answered=now, failure=page.failure, reason=page.reason, news=page.news)
    return LookedUp(answered=now, records=page.records, news=page.news)


async def _asked(
    request: Look, resource: Resource, lookup: Lookup, key: str, instruments: Instruments
) -> Answer | Failure:
    ask = lookup_ask(resource, lookup, key)
    if ask is None:
        reason = "the value has characters that a vendor's query could take for its own"
        return Failure(failure=FailureClass.OWN, reason=reason)
    url = f"{request.system.base_url.rstrip('/')}/{ask.path.lstrip('/')}"
    call = unsigned(request.system.connector, url, ask)
    door = Door(take=lambda now: instruments.take(Purpose.ROUTINE, now), transport=instruments.transport)
    signature = await authorised(request.credential, call, instruments.tokens, door, instruments.now)
    if isinstance(signature, Failure):
        return signature
    if not instruments.take(Purpose.ROUTINE, instruments.now()).granted:
        return Failure(failure=FailureClass.QUOTA, reason="the quota does not allow a look-up yet")
    signed = replace(call, headers={**call.headers, **signature}, deadline=request.timeout)
    return await instruments.transport.send(signed, instruments.now)
