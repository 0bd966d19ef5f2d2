"""The REST API of what keeps messages back: silences with their preview, windows of maintenance, and exclusions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Depends

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.maintenance import Window
from alerts.matcher import Matcher, MatcherError
from alerts.matcher_syntax import parse_matchers
from alerts.preview import Hidden, Known, hidden
from alerts.silence import Silence, SilenceError, SilenceId, validated
from monitor.load.maintained import refused_text
from monitor.quieting import (
    UnknownDebtError,
    UnknownSilenceError,
    UnknownWindowError,
    cancel_window,
    expire_silence,
    set_silence,
    set_window,
    waive_debts,
)
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office, Refused
from monitor.web.quiet_shapes import (
    DebtShape,
    EndRequest,
    ExclusionShape,
    HiddenShape,
    PreviewRequest,
    SilenceRequest,
    SilenceShape,
    WaiveRequest,
    WindowRequest,
    WindowShape,
    exclusion_shape,
    hidden_shape,
    silence_shape,
    window_shape,
)
from monitor.web.shapes import Listing
from probes.catalog import Catalog

Wanted = Literal["all", "pending", "active", "expired"]

router = APIRouter(
    prefix="/api/v1/quiet", responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)], tags=["quiet"]
)


@router.get("/silences")
async def list_silences(desk: Desk, state: Wanted = "all") -> Listing[SilenceShape]:
    """Silences, those in force first."""
    now = desk.now()
    shapes = [silence_shape(one, now) for one in desk.situation.silences.values()]
    order = sorted(shapes, key=lambda one: (one.state, one.ends))
    return Listing(items=[one for one in order if state in ("all", one.state)])


@router.post("/silences", status_code=201, responses={**MISSING, **WRITING})
async def make_silence(desk: Desk, asked: SilenceRequest) -> SilenceShape:
    """Make a silence, or change one. One that hides every client of a tier is refused unless `yes` is said."""
    now = desk.now()
    silence, found = silence_of(asked, now), preview(desk, asked.matchers, now)
    if found.whole_tiers and not asked.yes:
        raise Refused(warning(found))
    return silence_shape(await kept_silence(desk, silence, now), desk.now())


@router.post("/silences/preview", responses=dict(WRITING))
async def preview_silence(desk: Desk, asked: PreviewRequest) -> HiddenShape:
    """Say what a silence with these matchers hides now, and would have hidden in the last days."""
    return hidden_shape(preview(desk, asked.matchers, desk.now()))


@router.post("/silences/{silence}/expire", responses={**MISSING, **WRITING})
async def end_silence(desk: Desk, silence: str, said: EndRequest) -> SilenceShape:
    """End a silence; of one that is over nothing changes."""
    return silence_shape(await ended_silence(desk, silence, said.by), desk.now())


@router.get("/maintenance")
async def list_maintenance(desk: Desk) -> Listing[WindowShape]:
    """Windows of maintenance, those that are on first, then by when they come."""
    shapes = [window_shape(one, desk.now()) for one in desk.situation.maintenance]
    return Listing(items=sorted(shapes, key=_soonest))


@router.post("/maintenance", status_code=201, responses=dict(WRITING))
async def make_window(desk: Desk, asked: WindowRequest) -> WindowShape:
    """Set a window of maintenance, written as in the configuration."""
    now = desk.now()
    window = await kept_window(desk, asked, asked.who, now)
    return window_shape(window, now)


@router.post("/maintenance/{window}/cancel", responses={**MISSING, **WRITING})
async def end_window(desk: Desk, window: str, said: EndRequest) -> WindowShape:
    """End a window that somebody set, or call it off."""
    return window_shape(await cancelled_window(desk, window, said.by), desk.now())


@router.get("/exclusions")
async def list_exclusions(desk: Desk) -> Listing[ExclusionShape]:
    """What was kept out of the promises, with its cause, the latest first."""
    found = sorted(desk.situation.exclusions.values(), key=lambda one: one.begins, reverse=True)
    return Listing(items=[exclusion_shape(one) for one in found])


@router.get("/debts")
async def list_debts(desk: Desk) -> Listing[DebtShape]:
    """Who was told that an incident began and not yet how it ended; of those that have ended first."""
    incidents = sorted(desk.situation.incidents.values(), key=lambda one: (one.open, one.opened))
    return Listing(items=[shape for one in incidents for shape in debts_of(one)])


@router.post("/debts/{incident}/waive", responses={**MISSING, **WRITING})
async def waive(desk: Desk, incident: str, said: WaiveRequest) -> Listing[DebtShape]:
    """Say that who could not be told the end of an incident need not be told any more."""
    try:
        one = await desk.decide(waive_debts(IncidentId(incident), said.by, said.why, desk.now()))
    except UnknownDebtError as error:
        raise NotFound(str(error)) from None
    return Listing(items=list(debts_of(one)))


def debts_of(one: Incident) -> Iterator[DebtShape]:
    """Yield whom an incident owes its end."""
    for debtor, since in one.debts.items():
        yield DebtShape(
            incident=one.id, ended=not one.open, recipient=debtor.recipient, client=debtor.client, since=since
        )


def matchers_of(written: str) -> tuple[Matcher, ...]:
    """Return matchers as they are written; Refused says what is wrong with them."""
    try:
        return parse_matchers(written)
    except MatcherError as error:
        raise Refused(str(error)) from None


def preview(desk: Office, written: str, now: datetime) -> Hidden:
    """Return what a silence with these matchers hides; Refused says what is wrong with them."""
    situation = desk.situation
    known = Known(catalog=situation.config.catalog, alerts=situation.alerts, incidents=situation.incidents.values())
    return hidden(matchers_of(written), known, now)


def warning(found: Hidden) -> str:
    """Return what is said before a silence that hides whole tiers is made."""
    tiers = " and ".join(found.whole_tiers)
    return f"this hides everything that could happen to any client of {tiers}; say yes to make it all the same"


def silence_of(asked: SilenceRequest, now: datetime) -> Silence:
    """Return the silence that is asked for; Refused says what is missing."""
    starts = asked.starts or now
    ends = asked.ends or (starts + asked.lasts if asked.lasts is not None else None)
    if ends is None:
        raise Refused("a silence ends: send ends, or lasts like 2h")
    silence = Silence(
        id=SilenceId(asked.id),
        matchers=matchers_of(asked.matchers),
        starts=starts,
        ends=ends,
        by=asked.by,
        comment=asked.comment,
        updated=now,
        recurrence=None if asked.every is None else asked.every.recurrence(asked.timezone),
    )
    try:
        return validated(silence, now)
    except SilenceError as error:
        raise Refused(str(error)) from None


async def kept_silence(desk: Office, silence: Silence, now: datetime) -> Silence:
    """Return a silence once it is on record. Raises Refused, NotFound or StoreUnwritable."""
    try:
        return await desk.decide(set_silence(silence, now))
    except SilenceError as error:
        raise Refused(str(error)) from None
    except UnknownSilenceError as error:
        raise NotFound(str(error)) from None


async def ended_silence(desk: Office, silence: str, by: str) -> Silence:
    """Return a silence once it is ended. Raises NotFound or StoreUnwritable."""
    try:
        return await desk.decide(expire_silence(silence, by, desk.now()))
    except UnknownSilenceError as error:
        raise NotFound(str(error)) from None


async def kept_window(desk: Office, asked: WindowRequest, who: str, now: datetime) -> Window:
    """Return a window once it is on record; Refused says what it names that nothing is called."""
    window, catalog = asked.window(""), desk.situation.config.catalog
    named: Sequence[tuple[Collection[str], Collection[str], str]] = (
        (window.scope.systems, catalog.systems, "system"),
        (window.scope.flows, catalog.flows, "flow"),
        (window.scope.clients, catalog.clients, "client"),
        (window.scope.vendors, vendors_of(catalog), "vendor"),
    )
    for names, known, kind in named:
        for name in sorted(names):
            if name not in known:
                raise Refused(f"there is no {kind} {name}")
    for why in refused_text(window, desk.situation.config.forbidden, now) if window.announce else ():
        raise Refused(f"the text must not go out to clients: {why}")
    return await desk.decide(set_window(replace(window, by=who), now))


def vendors_of(catalog: Catalog) -> frozenset[str]:
    """Return the names by which windows may be about a vendor: its own, and its connector's."""
    return frozenset(name for one in catalog.systems.values() for name in (one.vendor_name, one.connector.name))


async def cancelled_window(desk: Office, window: str, by: str) -> Window:
    """Return a window once it is cancelled. Raises Refused, NotFound or StoreUnwritable."""
    try:
        return await desk.decide(cancel_window(window, by, desk.now()))
    except UnknownWindowError as error:
        raise NotFound(str(error)) from None


def _soonest(one: WindowShape) -> tuple[bool, datetime]:
    coming = one.current or one.next
    return one.current is None, coming.begins if coming is not None else datetime.max.replace(tzinfo=UTC)
