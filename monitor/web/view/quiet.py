"""What keeps messages back, as pages show it: silences, windows of maintenance, contracts, exclusions and debts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.exclusion import Exclusion
from alerts.incident import Incident
from alerts.maintenance import Scope, Window, current, upcoming
from alerts.recurrence import Recurrence, Span
from alerts.silence import Silence, SilenceState, state_of, until
from monitor.load.maintenance_form import WEEKDAYS
from monitor.situation import Situation
from monitor.web.view.health import Tone
from probes.catalog import ClientId
from probes.contract_state import ContractState, StateNow

SHOWN = 30
"""So many exclusions at most are shown; the API lists all."""
SOON = timedelta(hours=1)
ORDER = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceView:
    """A silence with its state; `ending` says that it is over within the hour."""

    silence: Silence
    state: SilenceState
    tone: Tone
    sign: str
    until: datetime
    again: str
    ending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """A window with the span that it is on in, the next one, and what it is about in words."""

    window: Window
    on: Span | None
    coming: Span | None
    about: str
    again: str
    configured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractView:
    """A client whose contract is not in force, and what follows."""

    client: str
    name: str
    stand: StateNow
    follows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtView:
    """Somebody who is owed the end of an incident."""

    incident: Incident
    recipient: str
    client: str | None
    since: datetime


FOLLOWS = {
    ContractState.ONBOARDING: "we are paged, the client is not told; clocks stand still",
    ContractState.PAUSED: "we are paged, the client is not told; clocks stand still",
    ContractState.SUSPENDED: "we are paged, the client is not told; clocks stand still",
    ContractState.TERMINATED: "nobody is told, and nothing counts",
}
SIGNS = {
    SilenceState.ACTIVE: (Tone.WARN, "!"),
    SilenceState.PENDING: (Tone.CALM, "…"),
    SilenceState.EXPIRED: (Tone.CALM, "✓"),
}


def silences(situation: Situation, now: datetime) -> tuple[SilenceView, ...]:
    """Return every silence, those in force first, of each state the next to end first."""
    views = [_silence(one, now) for one in situation.silences.values()]
    return tuple(sorted(views, key=lambda one: (ORDER.index(one.state), one.until)))


def _silence(one: Silence, now: datetime) -> SilenceView:
    state = state_of(one, now)
    tone, sign = SIGNS[state]
    end = until(one, now) if state is SilenceState.ACTIVE else one.ends
    return SilenceView(
        silence=one,
        state=state,
        tone=tone,
        sign=sign,
        until=end,
        again=again(one.recurrence),
        ending=state is SilenceState.ACTIVE and end - now <= SOON,
    )


def windows(situation: Situation, now: datetime) -> tuple[WindowView, ...]:
    """Return every window that is on or will be, those that are on first, then by when they come."""
    views = [_window(one, now) for one in situation.maintenance]
    live = [one for one in views if one.on is not None or one.coming is not None]
    return tuple(sorted(live, key=lambda one: (one.on is None, (one.on or one.coming or _NEVER).begins)))


def _window(one: Window, now: datetime) -> WindowView:
    return WindowView(
        window=one,
        on=current(one, now),
        coming=upcoming(one, now),
        about=about(one.scope),
        again=again(one.recurrence),
        configured=one.updated is None,
    )


_NEVER = Span(begins=datetime.max.replace(tzinfo=UTC), ends=datetime.max.replace(tzinfo=UTC))


def about(scope: Scope) -> str:
    """Return what a window is about, in words."""
    places = [*sorted(scope.systems), *(f"flow {one}" for one in sorted(scope.flows)), *sorted(scope.vendors)]
    where = ", ".join(places) or "everything"
    return f"{where} for {', '.join(sorted(scope.clients))}" if scope.clients else where


def again(one: Recurrence | None) -> str:
    """Return when something comes again, in words; "" where it does not."""
    if one is None:
        return ""
    which = [_nth(number) for number in sorted(one.nth)]
    days = [WEEKDAYS[day].capitalize() for day in sorted(one.weekdays)]
    days += [f"the {_nth(day)}" for day in sorted(one.days)]
    months = f" of months {', '.join(map(str, sorted(one.months)))}" if one.months else ""
    on = f"{' and '.join(which)} {', '.join(days)}".strip() or "every day"
    return f"{on}{months}, {one.begins:%H:%M} to {one.ends:%H:%M} {one.zone}"


def _nth(number: int) -> str:
    if number == -1:
        return "last"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(abs(number) % 10 if abs(number) not in (11, 12, 13) else 0, "th")
    return f"{abs(number)}{ending}{'' if number > 0 else ' from the end'}"


def contract_of(situation: Situation, client: ClientId, now: datetime) -> ContractView | None:
    """Return how a client's contract stands where it is not in force, None where it is."""
    return next((one for one in contracts(situation, now) if one.client == client), None)


def contracts(situation: Situation, now: datetime) -> tuple[ContractView, ...]:
    """Return the clients whose contracts are not in force."""
    quiet, clients = situation.quiet, situation.config.catalog.clients
    found = ((clients[one], quiet.contract(one, now)) for one in sorted(quiet.bound))
    return tuple(
        ContractView(client=client.id, name=client.name, stand=stand, follows=FOLLOWS[stand.state])
        for client, stand in found
        if stand.state in FOLLOWS
    )


def exclusions(situation: Situation) -> tuple[Exclusion, ...]:
    """Return what was kept out of the promises of late, the latest first."""
    return tuple(sorted(situation.exclusions.values(), key=lambda one: one.begins, reverse=True)[:SHOWN])


def debts(incidents: Iterable[Incident]) -> tuple[DebtView, ...]:
    """Return whom incidents that have ended still owe their ends."""
    return tuple(
        DebtView(incident=one, recipient=who.recipient, client=who.client, since=since)
        for one in incidents
        if not one.open
        for who, since in one.debts.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietView:
    """What is quiet at this moment: silences in force, windows that are on, and ends of incidents that are owed."""

    silences: int
    windows: tuple[WindowView, ...]
    owed: int

    @property
    def any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.silences or self.windows or self.owed)


def quiet_now(situation: Situation, now: datetime) -> QuietView:
    """Return what is quiet at this moment."""
    return QuietView(
        silences=sum(state_of(one, now) is SilenceState.ACTIVE for one in situation.silences.values()),
        windows=tuple(one for one in windows(situation, now) if one.on is not None),
        owed=len(debts(situation.incidents.values())),
    )
