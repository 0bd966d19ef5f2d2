"""Reads both ends of a flow window by window, within so many requests, and has them compared record by record.

What is read next and what the ends do not agree on is `probes.bisect`'s to say; nothing is stored and nobody is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from probes.adapters.look import Instruments, Look, look
from probes.bisect import Difference, Entry, Window, begun, compared, narrowed, read, told
from probes.budget import NEVER, Balance, Grant, Purpose
from probes.catalog import Catalog, ClientId, End, Flow, Probe, ProbeId
from probes.connector import Basis
from probes.failure import FailureClass
from probes.gap import Gap
from probes.observation import Observation, Record

REQUESTS = 100
"""Requests that one comparison may cost, where nobody says otherwise."""

PATIENCE = 20
"""Times in a row that a list is asked for while the quota allows nothing."""

PAUSE = timedelta(seconds=1)

DECIMALS = 4
"""No currency has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is compared: records created between two instants.

    `usual` is how long one may be on its way: what was created after `young` is not compared.
    """

    start: datetime
    end: datetime
    young: datetime
    usual: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the ends do not agree on, what that cost, and whose and how old each record of the source is.

    `unread` are windows that were not compared, with the `reason` in words.
    """

    differences: tuple[Difference, ...]
    requests: int
    compared: int
    unread: tuple[Window, ...] = ()
    reason: str = ""
    clients: Mapping[str, ClientId | None] = field(default_factory=dict)
    created: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What was found, at what price, and whether something was left out."""
        left = f", and not everything was compared ({self.reason})" if self.unread else ""
        return f"{told(self.differences, self.requests)}{left}"


class UnreadableError(Exception):
    """An end could not be read; the text says why. `too_long` says that a shorter window may be read."""

    def __init__(self, message: str, *, too_long: bool = False) -> None:
        super().__init__(message)
        self.too_long = too_long


class Budget:
    """So many requests, taken from a quota beside it."""

    def __init__(self, requests: int) -> None:
        self.left, self.spent = requests, 0

    def taking(self, take: Callable[[Purpose, datetime], Grant]) -> Callable[[Purpose, datetime], Grant]:
        """Return what takes from the quota as long as requests are left."""

        def taken(purpose: Purpose, now: datetime) -> Grant:
            if self.left <= 0:
                return Grant(granted=False, wait=NEVER, balance=Balance())
            grant = take(purpose, now)
            self.left, self.spent = self.left - grant.granted, self.spent + grant.granted
            return grant

        return taken


class Reader:
    """Reads what one end of a flow holds between two instants.

    A list that cannot be asked for up to an instant, or is filtered by updates, is read once from the first one on.
    """

    def __init__(self, end: End, request: Look, tools: Instruments, budget: Budget) -> None:
        self._end, self._request, self._tools, self._budget = end, request, tools, budget
        self._read: tuple[datetime, tuple[Record, ...]] | None = None

    async def records(self, start: datetime, end: datetime) -> dict[str, Record]:
        """Return the records created between two instants that have a key. Raises UnreadableError."""
        resource = self._request.resource
        how = resource.since if resource is not None else None
        if how is not None and how.until_param and how.on is Basis.CREATED:
            found = await self._whole(start, end)
        else:
            if self._read is None or self._read[0] > start:
                self._read = start, await self._whole(start, self._tools.now())
            found = self._read[1]
        keyed = {record.fields[self._end.field]: record for record in found if self._end.field in record.fields}
        return {key: record for key, record in keyed.items() if start <= record.created < end}

    async def _whole(self, start: datetime, end: datetime) -> tuple[Record, ...]:
        """Look until everything is read: what one look leaves unread is the next one's."""
        gap, found, vain = _gap(start, end, self._tools.now()), list[Record](), 0
        while vain < PATIENCE:
            observation = await self._look(gap)
            found += observation.records
            if observation.whole:
                return tuple(found)
            if observation.gap is None or self._budget.left <= 0:
                raise self._unreadable(observation)
            vain = 0 if observation.requests else vain + 1
            gap = observation.gap
            if vain and self._tools.sleep_until is not None:
                await self._tools.sleep_until(self._tools.now() + PAUSE)
        raise UnreadableError(f"{self._request.probe.id}: the quota allows nothing more at this moment")

    async def _look(self, gap: Gap) -> Observation:
        request = self._request
        asked = Look(
            probe=request.probe,
            system=request.system,
            secret=request.secret,
            secrets=request.secrets,
            since=gap.start,
            gap=gap,
        )
        return await look(asked, self._tools)

    def _unreadable(self, observation: Observation) -> UnreadableError:
        spent = self._budget.left <= 0
        reason = "the requests are used up" if spent else observation.reason
        too_long = not spent and observation.failure in (FailureClass.OWN, FailureClass.TIMEOUT)
        return UnreadableError(f"{self._request.probe.id}: {reason}", too_long=too_long)


def _gap(start: datetime, end: datetime, now: datetime) -> Gap:
    """A part of a list as what a look has left unread; bounds in whole seconds, cut so that nothing is left out."""
    return Gap(start=start.replace(microsecond=0), until=end.replace(microsecond=0) + timedelta(seconds=1), sent=now)


def reader_of(
    catalog: Catalog, end: End, secrets: tuple[str | None, Mapping[str, str]], tools: Instruments, budget: Budget
) -> Reader:
    """Return who reads one end of a flow, with its system's credential."""
    probe = Probe(
        id=ProbeId(f"{end.system}.{end.resource}"), system=end.system, resource=end.resource, fields=(end.field,)
    )
    secret, parts = secrets
    request = Look(probe=probe, system=catalog.systems[end.system], secret=secret, secrets=parts)
    return Reader(end, request, tools, budget)


async def compare(catalog: Catalog, flow: Flow, span: Span, readers: tuple[Reader, Reader], budget: Budget) -> Found:
    """Return what the two ends do not agree on of the records created in a span; it ends where the requests do.

    The youngest are left out: nothing is compared that may still be on its way.
    """
    search, reason, seen = begun(span.start, span.end, span.young), "", dict[str, Record]()
    while (window := search.next) is not None:
        try:
            ours, theirs = await _both(window, span.usual, *readers)
        except UnreadableError as error:
            smaller = narrowed(search) if error.too_long else None
            if smaller is None:
                reason = str(error)
                break
            search = smaller
        else:
            seen |= ours
            search = compared(search, read(_entries(ours)), read(_entries(theirs)))
    return Found(
        differences=search.found,
        requests=budget.spent,
        compared=search.compared,
        unread=search.pending,
        reason=reason,
        clients={key: catalog.client_in(flow.source.system, record.client) for key, record in seen.items()},
        created={key: record.created for key, record in seen.items()},
    )


async def _both(
    window: Window, usual: timedelta, source: Reader, destination: Reader
) -> tuple[dict[str, Record], dict[str, Record]]:
    """The records of a window at both ends, by the source's time: the destination has them up to `usual` later.

    What only the destination holds is of this window where it was created in it.
    """
    around = await source.records(window.start - usual, window.end)
    ours = {key: record for key, record in around.items() if record.created >= window.start}
    there = await destination.records(window.start, window.end + usual)
    theirs = {key: one for key, one in there.items() if key in ours or (key not in around and one.created < window.end)}
    return ours, theirs


def _entries(records: Mapping[str, Record]) -> list[Entry]:
    return [_entry(key, record) for key, record in records.items()]


def _entry(key: str, record: Record) -> Entry:
    money = record.money
    if money is None:
        return Entry(key=key)
    return Entry(key=key, amount=int(money.amount.scaleb(DECIMALS)), currency=money.currency)
