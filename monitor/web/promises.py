"""The REST API of promises: how a client's clocks came to their figures, and what people say of them."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from alerts.account import Account, RowKind, accounts, told
from alerts.alert import IncidentId
from alerts.clocks import PauseCause, Promise
from alerts.incident import Incident
from alerts.merging import CannotBeDone
from alerts.reckoning import calendar_of, target_of
from alerts.sla import TimerState
from alerts.spans import TimerStart
from monitor.clockwork import (
    Decision,
    Word,
    cancel_promise,
    mitigated,
    pause_clocks,
    reset_promise,
    resume_clocks,
    set_start,
)
from monitor.web import lookup
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office
from monitor.web.shapes import Instant, Person, Reason, Shape
from probes.catalog import ClientId

router = APIRouter(prefix="/api/v1", tags=["promises"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)])


class ClockOrder(StrEnum):
    """What somebody says of clocks."""

    PAUSE = "pause"
    RESUME = "resume"
    START = "start"
    MITIGATED = "mitigated"
    CANCEL = "cancel"
    RESET = "reset"


class ClockRequest(Shape):
    """Somebody says something of the clocks of clients of an incident, and why; without clients, of all of them.

    `at` is since when it is so: without it, from now on. A start needs one, a reset needs a `promise`.
    """

    order: ClockOrder
    by: Person
    why: Reason
    clients: list[str] = Field(default_factory=list)
    cause: PauseCause = PauseCause.CLIENTS_TURN
    at: Instant | None = None
    promise: Promise | None = None


class ContractShape(Shape):
    """A contract that was in force: since when in this promise's time, and which version of it by its date."""

    since: AwareDatetime
    tier: str
    version: AwareDatetime | None
    target_seconds: float | None
    calendar: str


class RowShape(Shape):
    """A time that counted, or did not for the reason given."""

    kind: RowKind
    start: AwareDatetime
    end: AwareDatetime
    seconds: float
    why: str


class AccountShape(Shape):
    """How one promise came to its figure."""

    promise: Promise
    state: TimerState
    started_by: TimerStart
    start: AwareDatetime
    due: AwareDatetime
    stopped: AwareDatetime | None
    target_seconds: float
    counted_seconds: float
    contracts: list[ContractShape]
    rows: list[RowShape]


class ExplanationShape(Shape):
    """How each promise to a client of an incident came to its figure, and the same as lines of text."""

    incident: str
    client: str
    name: str
    promises: list[AccountShape]
    lines: list[str]


class ClocksShape(Shape):
    """That it was done."""

    id: str
    headline: str


@router.get("/incidents/{incident}/clients/{client}/sla", responses=dict(MISSING))
async def explain(desk: Desk, incident: str, client: str) -> ExplanationShape:
    """How each promise to a client of an incident came to its figure: every start, pause and stop with its cause."""
    one, found = await reckoned(desk, incident, client)
    name = one.impacts[ClientId(client)].terms.name
    title = f"{one.id}, {name} ({client})"
    lines = [title, *(line for account in found for line in ("", *told(account)))]
    return ExplanationShape(
        incident=one.id, client=client, name=name, promises=[_shape(account) for account in found], lines=lines
    )


@router.post("/incidents/{incident}/clocks", responses={**MISSING, **WRITING})
async def say(desk: Desk, incident: str, said: ClockRequest) -> ClocksShape:
    """Say of clients' clocks that they stand still or run again, since when it began, or that a promise is void."""
    one = await lookup.incident(desk, IncidentId(incident))
    await desk.decide(decision_of(one, said, desk))
    return ClocksShape(id=one.id, headline=f"{one.id}: {DONE[said.order]}")


DONE: Mapping[ClockOrder, str] = {
    ClockOrder.PAUSE: "the clocks stand still",
    ClockOrder.RESUME: "the clocks run again",
    ClockOrder.START: "the start is set",
    ClockOrder.MITIGATED: "mitigated",
    ClockOrder.CANCEL: "the promise is cancelled",
    ClockOrder.RESET: "the time begins anew",
}


async def reckoned(desk: Office, incident: str, client: str) -> tuple[Incident, list[Account]]:
    """Return an incident, and how each promise to one of its clients came to its figure.

    Raises:
        NotFound: there is no such incident, or it does not hurt this client.
    """
    one = await lookup.incident(desk, IncidentId(incident))
    impact = one.impacts.get(ClientId(client))
    if impact is None:
        raise NotFound(f"{one.id} hurts no client {client}")
    return one, list(accounts(one, impact, desk.now()))


def decision_of(incident: Incident, said: ClockRequest, desk: Office) -> Decision:
    """Return the decision that somebody's words ask for.

    Raises:
        CannotBeDone: it lacks what it is about.
    """
    now = desk.now()
    word = Word(
        incident=incident.id, by=said.by, why=said.why, clients=tuple(ClientId(client) for client in said.clients)
    )
    made: Mapping[ClockOrder, Callable[[], Decision]] = {
        ClockOrder.PAUSE: lambda: pause_clocks(word, said.cause, said.at, now),
        ClockOrder.RESUME: lambda: resume_clocks(word, said.cause, said.at, now),
        ClockOrder.START: lambda: set_start(word, _needed(said.at, "a start needs at"), now),
        ClockOrder.MITIGATED: lambda: mitigated(word, said.at, now),
        ClockOrder.CANCEL: lambda: cancel_promise(word, said.promise, now),
        ClockOrder.RESET: lambda: reset_promise(word, _promise(said.promise), now),
    }
    return made[said.order]()


def _needed(at: AwareDatetime | None, message: str) -> AwareDatetime:
    if at is None:
        raise CannotBeDone(f"{message}: an instant with its zone")
    return at


def _promise(promise: Promise | None) -> Promise:
    if promise is None:
        raise CannotBeDone(f"a reset needs a promise: {', '.join(Promise)}")
    return promise


def _shape(account: Account) -> AccountShape:
    timer = account.timer
    contracts = []
    for since, terms in account.contracts:
        target = target_of(terms, timer.promise)
        contracts.append(
            ContractShape(
                since=since,
                tier=terms.tier,
                version=terms.begins,
                target_seconds=None if target is None else target.total_seconds(),
                calendar=calendar_of(terms, timer.promise).name,
            )
        )
    rows = [
        RowShape(kind=row.kind, start=row.start, end=row.end, seconds=row.lasted.total_seconds(), why=row.why)
        for row in account.rows
    ]
    return AccountShape(
        promise=timer.promise,
        state=timer.state,
        started_by=timer.started_by,
        start=timer.start,
        due=timer.due,
        stopped=timer.stopped,
        target_seconds=timer.target.total_seconds(),
        counted_seconds=timer.took.total_seconds(),
        contracts=contracts,
        rows=rows,
    )
