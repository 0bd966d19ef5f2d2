"""The tick of promises on a database: warnings once each, contracts that change in mid-incident, clocks that stand."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from alerts.account import Account, accounts, told
from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.clocks import ClocksPaused, ClocksResumed, Promise, PromisesWarned
from alerts.draft import Draft
from alerts.incident import Incident
from alerts.revision import ContractRevised, RevisionCause
from alerts.sla import Timer, TimerState, timers
from alerts.timeline import EvidenceAdded
from monitor.changes import Changes, Entry
from monitor.load import Config
from monitor.loops.promising import GRAIN, Promising
from monitor.record import drafted
from monitor.situation import Situation
from monitor.store import Store
from probes.catalog import Catalog, Tier
from probes.conduct import Sla, Tell
from probes.contract import Version
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    BILLING,
    CLIENTS,
    CONTEXT,
    GOLD,
    HOUR,
    LINKS,
    MINUTE,
    NOON,
    PLATINUM,
    SILVER,
    after,
    catalog_of,
    system_alert,
)
from tests.monitor.test_desk import Room
from tests.monitor.test_stepping import a_room

PATIENT = replace(PLATINUM, sla=Sla(repair=100 * MINUTE))
SHARES = [0.5, 0.75, 0.9, 1.0]


def catalog(tier: Tier = PATIENT, **client: object) -> Catalog:
    return catalog_of({ACME: replace(CLIENTS[ACME], **client)}, (tier, GOLD, SILVER))  # type: ignore[arg-type]


def config(known: Catalog) -> Config:
    return Config(catalog=known, roster=CONTEXT.roster, sources=(), secrets=())


def begun(folder: Path, known: Catalog) -> None:
    """Leave an incident on record that billing's failure began at noon."""
    shift = Shift(replace(CONTEXT, catalog=known))
    shift.sees(NOON, system_alert(BILLING))
    entries = enumerate(shift.timelines[FIRST], start=1)
    store = Store(f"sqlite:///{folder / 'tierwatch.db'}")
    changes = Changes(
        entries=tuple(Entry(incident=FIRST, sequence=number, event=event) for number, event in entries),
        alerts=tuple(shift.alerts.values()),
    )
    store.commit(changes)
    store.close()


async def declares(room: Room, alert: Alert, at: datetime) -> None:
    """Let an alert of a vendor's own page be evidence in the incident."""

    def decision(situation: Situation) -> tuple[None, Changes]:
        draft = Draft(incident=situation.incidents[FIRST])
        draft.add(EvidenceAdded(at=at, evidence={str(alert.key): alert.explanation}))
        return None, replace(drafted((draft,)), alerts=(alert,))

    await room.desk.decide(decision)


def loop(room: Room) -> Promising:
    return Promising(room.desk, room.known, LINKS)


def incident(room: Room) -> Incident:
    return room.known.incidents[FIRST]


def events(room: Room) -> list[object]:
    return [entry.event for entry in room.store.timeline(FIRST)]


def warnings(room: Room) -> list[tuple[float, datetime]]:
    return [(one.share, one.at) for one in events(room) if isinstance(one, PromisesWarned)]


def repair(room: Room, now: datetime) -> Timer:
    (found,) = (one for one in timers(incident(room), now) if one.promise is Promise.REPAIR)
    return found


def account(room: Room, now: datetime) -> Account:
    every = accounts(incident(room), incident(room).impacts[ACME], now)
    (found,) = (one for one in every if one.timer.promise is Promise.REPAIR)
    return found


async def test_each_share_warns_once_when_it_is_due_and_a_restart_repeats_none(tmp_path: Path) -> None:
    known = config(catalog())
    begun(tmp_path, known.catalog)
    wakes: list[datetime] = [NOON]
    for _ in range(len(SHARES) + 1):
        with a_room(tmp_path, known) as room:
            promising = loop(room)
            asked = wakes[-1]
            wake = await promising.tick(asked)
            assert await promising.tick(asked + 2 * GRAIN) == wake, "asked again, it says nothing again"
            wakes += [wake] if wake is not None else []
    assert wakes == [NOON, *(after(minutes=share * 100) for share in SHARES)]
    with a_room(tmp_path, known) as room:
        assert await loop(room).tick(after(minutes=101)) is None
        assert warnings(room) == [(share, after(minutes=share * 100)) for share in SHARES]
        told_of = [one for one in room.store.messages(FIRST) if "of the time to repair" in one.message.subject]
        assert len(told_of) == sum(level.tell is not Tell.NOBODY for level in PATIENT.sla.warnings)


async def test_what_became_due_while_nobody_ran_is_told_of_in_one_message(tmp_path: Path) -> None:
    known = config(catalog())
    begun(tmp_path, known.catalog)
    with a_room(tmp_path, known) as room:
        await loop(room).tick(after(minutes=95))
        assert warnings(room) == [(share, after(minutes=95)) for share in SHARES[:3]]
        subjects = [one.message.subject for one in room.store.messages(FIRST)]
        assert [one for one in subjects if "of the time" in one] == [
            "[INC-1] 90% of the time to repair has passed for 1 client"
        ]


async def test_a_contract_whose_date_comes_is_taken_down_when_it_comes(tmp_path: Path) -> None:
    now, later = Version(start=NOON, tier=PATIENT.id), Version(start=after(minutes=30), tier=PATIENT.id)
    later = replace(later, changes={"repair": 3 * HOUR})
    known = config(catalog(contract=now, versions=(now, later)))
    begun(tmp_path, known.catalog)
    renewed: list[datetime] = []
    with a_room(tmp_path, known) as room:
        promising = loop(room)
        promising.renewed = renewed.append
        assert await promising.tick(NOON) == after(minutes=30)
        assert await promising.tick(after(minutes=30)) == after(minutes=90), "half of three hours"
        (revised,) = (one for one in events(room) if isinstance(one, ContractRevised))
        assert (revised.at, revised.cause, renewed) == (after(minutes=30), RevisionCause.DATE, [after(minutes=30)])
        assert repair(room, after(minutes=30)).due == after(hours=3)
        await promising.tick(after(minutes=31))
        assert len([one for one in events(room) if isinstance(one, ContractRevised)]) == 1


async def test_after_a_reload_in_mid_incident_both_contracts_are_on_record_and_explained(tmp_path: Path) -> None:
    known = config(catalog())
    begun(tmp_path, known.catalog)
    tighter = replace(PATIENT, sla=Sla(repair=HOUR))
    with a_room(tmp_path, known) as room:
        promising = loop(room)
        await promising.tick(NOON)
        room.known.config = config(catalog(tighter))
        assert await promising.tick(after(minutes=20)) == after(minutes=30), "half of the new hour"
    with a_room(tmp_path, config(catalog(tighter))) as room:
        (revised,) = (one for one in events(room) if isinstance(one, ContractRevised))
        assert (revised.at, revised.cause) == (after(minutes=20), RevisionCause.CONFIGURATION)
        found = account(room, after(minutes=40))
        assert [(at, terms.sla.repair) for at, terms in found.contracts] == [
            (NOON, 100 * MINUTE),
            (after(minutes=20), HOUR),
        ]
        lines = [line for line in told(found) if "contract" in line]
        assert lines == [
            "  2026-03-04 12:00:00Z  contract platinum: 1 h 40 min in calendar always",
            "  2026-03-04 12:20:00Z  contract platinum: 1 h 0 min in calendar always",
        ]
        assert repair(room, after(minutes=40)).due == after(hours=1)


async def test_while_a_vendor_says_that_it_is_its_fault_the_clock_of_who_excludes_that_stands(tmp_path: Path) -> None:
    excluding = replace(PATIENT, sla=replace(PATIENT.sla, exclude_vendor=True))
    declared = replace(
        system_alert(BILLING, at=after(minutes=10), kind=AlertKind.DECLARED_OUTAGE),
        key=AlertKey(kind=AlertKind.DECLARED_OUTAGE, subject="vendor-page"),
        onset=after(minutes=9),
    )
    known = config(catalog(excluding))
    begun(tmp_path, known.catalog)
    name = str(declared.key)
    with a_room(tmp_path, known) as room:
        promising = loop(room)
        await promising.tick(NOON)
        await declares(room, declared, after(minutes=10))
        assert await promising.tick(after(minutes=10)) is None, "a clock that stands warns of nothing"
        assert repair(room, after(minutes=60)).state is TimerState.PAUSED
    with a_room(tmp_path, known) as room:
        over = replace(room.known.alerts[name], state=AlertState.RESOLVED, cleared=after(minutes=39))
        room.known.alerts[name] = over
        assert await loop(room).tick(after(minutes=40)) == after(minutes=80), "thirty minutes do not count"
        kinds = [type(one) for one in events(room) if isinstance(one, ClocksPaused | ClocksResumed)]
        assert kinds == [ClocksPaused, ClocksResumed]
        timer = repair(room, after(minutes=60))
        assert (timer.state, timer.took, timer.due) == (TimerState.RUNNING, 30 * MINUTE, after(minutes=130))


async def test_where_a_contract_does_not_exclude_it_a_vendors_fault_stops_no_clock(tmp_path: Path) -> None:
    known = config(catalog())
    begun(tmp_path, known.catalog)
    declared = system_alert(BILLING, at=after(minutes=10), kind=AlertKind.DECLARED_OUTAGE)
    with a_room(tmp_path, known) as room:
        await declares(room, declared, after(minutes=10))
        assert await loop(room).tick(after(minutes=10)) == after(minutes=50)
        assert not any(isinstance(one, ClocksPaused) for one in events(room))


async def test_an_incident_that_keeps_changing_is_asked_about_once_in_a_moment(tmp_path: Path) -> None:
    known = config(catalog())
    begun(tmp_path, known.catalog)
    with a_room(tmp_path, known) as room:
        promising = loop(room)
        await promising.tick(after(minutes=49))
        assert await promising.tick(after(minutes=49) + GRAIN / 2) == after(minutes=49) + GRAIN
