"""The desk: looks that share a pass come to the same as in passes of their own, and are stored all or none."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertState
from alerts.weigh import Assessment
from monitor.changes import Changes
from monitor.clock import SettableClock
from monitor.desk import AT_ONCE, GATHER, Desk
from monitor.load import Config
from monitor.situation import Situation
from monitor.store import Remembered, Store, StoreThread
from probes.book import Book
from probes.catalog import ClientId, FlowId, ProbeId, SystemId
from probes.connector import Connector, Resource
from probes.failure import FailureClass, Outcome, outcome_of
from probes.observation import Observation
from tests.alerts.watch import record
from tests.cast import ACME, BILLING, CATALOG, COBALT, CONTEXT, DUNE, ERP, INVOICES, LINKS, NOON, SECOND, after

FAILURES = (None, None, None, FailureClass.SERVER, FailureClass.THROTTLED, FailureClass.AUTH)
READ = Resource(
    name=INVOICES.id,
    path="/invoices",
    records_path="items",
    id_path="id",
    client_paths=("client",),
    created_path="created",
)
CONNECTOR = Connector(name="cast", resources={READ.name: READ})
LISTED = replace(CATALOG, systems={key: replace(one, connector=CONNECTOR) for key, one in CATALOG.systems.items()})


@dataclass
class Ears:
    """Hears what the desk tells, and counts the transactions."""

    stored_times: int = 0
    looks: list[tuple[ProbeId, int, int]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def looked(self, observation: Observation, assessment: Assessment, late: int) -> None:
        """Note whose look it was."""
        self.looks.append((observation.probe, assessment.unknown_clients, late))

    def told(self, system: SystemId, assessment: Assessment) -> None:
        """Hear of a webhook."""

    def stored(self, changes: Changes) -> None:
        """Count a transaction."""
        assert changes != Changes()
        self.stored_times += 1

    def unwritable(self, reason: str) -> None:
        """Note why."""
        self.reasons.append(reason)


@dataclass
class Room:
    """A desk on a database of its own."""

    desk: Desk
    ears: Ears
    store: Store
    thread: StoreThread

    @property
    def known(self) -> Situation:
        """What the desk knows."""
        return self.desk.situation

    def stored(self) -> Remembered:
        """Return what a restart would find."""
        return self.store.load(after(hours=1))


@contextmanager
def room() -> Iterator[Room]:
    """Open a desk that knows nothing yet."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'tierwatch.db'}")
        thread, ears = StoreThread(store), Ears()
        config = Config(catalog=LISTED, roster=CONTEXT.roster, sources=(), secrets=())
        try:
            yield Room(Desk(Situation(config=config, started=NOON), store, thread, ears, LINKS), ears, store, thread)
        finally:
            thread.close()


def look(
    at: datetime,
    system: SystemId = BILLING,
    failure: FailureClass | None = None,
    created: Sequence[ClientId | None] = (),
) -> Observation:
    """Return a look at the invoices of a system, with a record for each client named."""
    records = tuple(
        record(f"{at:%H%M%S}-{number}", client, at - SECOND, at=system, failed=number % 2 == 0)
        for number, client in enumerate(created)
    )
    return Observation(
        probe=ProbeId(f"{system}.{INVOICES.id}"),
        system=system,
        resource=INVOICES.id,
        outcome=outcome_of(failure) if failure else Outcome.GOOD,
        sent=at,
        answered=at,
        failure=failure,
        reason=str(failure or ""),
        records=() if failure else records,
        whole=failure is None,
    )


LOOKS = st.lists(
    st.tuples(
        st.sampled_from((BILLING, ERP)),
        st.sampled_from(FAILURES),
        st.lists(st.sampled_from((ACME, COBALT, DUNE, None)), max_size=3),
        st.sampled_from((1, 1, 5, 30)),
    ),
    min_size=2,
    max_size=25,
)


def _happened(said: Sequence[tuple[SystemId, FailureClass | None, list[ClientId | None], int]]) -> list[Observation]:
    at, found = NOON, []
    for system, failure, created, pause in said:
        at += pause * SECOND
        found.append(look(at, system, failure, created))
    return found


async def one_by_one(desk: Desk, looks: Sequence[Observation]) -> None:
    for one in looks:
        assert await desk.looked(one, one.answered)


async def at_once(desk: Desk, looks: Sequence[Observation]) -> list[bool]:
    return await asyncio.gather(*(desk.looked(one, one.answered) for one in looks))


@given(LOOKS)
@settings(max_examples=25, deadline=None)
def test_looks_that_share_a_pass_come_to_the_same_as_one_after_the_other(
    said: list[tuple[SystemId, FailureClass | None, list[ClientId | None], int]],
) -> None:
    looks = _happened(said)
    with room() as alone, room() as shared:
        asyncio.run(one_by_one(alone.desk, looks))
        assert all(asyncio.run(at_once(shared.desk, looks)))
        assert shared.ears.stored_times == 2
        assert alone.ears.stored_times == len(looks)
        assert shared.ears.looks == alone.ears.looks
        for name in ("incidents", "alerts", "indicators", "cursors", "statuses", "strangers", "next_number"):
            assert getattr(shared.known, name) == getattr(alone.known, name), name
        assert _books(shared.known.books) == _books(alone.known.books)
        first, second = alone.stored(), shared.stored()
        for name in ("incidents", "alerts", "indicators", "cursors"):
            assert getattr(second, name) == getattr(first, name), name
        assert _books(second.books) == _books(first.books)


def _books(books: Mapping[FlowId, Book]) -> dict[FlowId, object]:
    return {flow: (one.tracked, one.source_covered, one.destination_covered) for flow, one in books.items()}


def test_looks_beyond_what_fits_in_a_pass_wait_for_the_one_after() -> None:
    looks = [look(after(seconds=number)) for number in range(AT_ONCE + 2)]
    with room() as here:
        assert all(asyncio.run(at_once(here.desk, looks)))
        assert here.ears.stored_times == 3
        assert len(here.ears.looks) == AT_ONCE + 2


def test_none_of_the_looks_counts_when_the_store_cannot_be_written() -> None:
    looks = [look(after(seconds=number), failure=FailureClass.SERVER) for number in range(4)]
    with room() as here:
        with here.store._engines.writer.begin() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")
        assert not any(asyncio.run(at_once(here.desk, looks)))
        assert (here.known.indicators, here.known.alerts, here.ears.looks) == ({}, {}, [])
        assert len(here.ears.reasons) == 2


def test_a_look_that_cannot_be_judged_takes_no_other_with_it() -> None:
    sound = [look(after(seconds=number), failure=FailureClass.SERVER) for number in range(4)]
    broken = replace(sound[2], answered=None)  # type: ignore[arg-type]

    async def all_of_them(desk: Desk) -> list[object]:
        looks = (sound[0], sound[1], broken, sound[3])
        return await asyncio.gather(*(desk.looked(one, after(seconds=9)) for one in looks), return_exceptions=True)

    with room() as here:
        ends = asyncio.run(all_of_them(here.desk))
        assert [one for one in ends if one is not True] == [ends[2]]
        assert isinstance(ends[2], AttributeError | TypeError)
        assert [alert.state for alert in here.known.alerts.values()] == [AlertState.FIRING]


def test_looks_at_a_system_that_is_gone_say_nothing() -> None:
    looks = [look(NOON), replace(look(NOON), system=SystemId("gone")), look(after(seconds=1))]
    with room() as here:
        assert asyncio.run(at_once(here.desk, looks)) == [True, False, True]


def test_routine_looks_gather_while_passes_come_fast_and_a_failure_takes_them_along_at_once() -> None:
    soon = NOON + GATHER / 2

    async def failing(here: Room, clock: SettableClock) -> bool:
        stored = await here.desk.looked(look(soon, failure=FailureClass.SERVER), soon)
        assert len(here.ears.looks) == 4
        await clock.set(NOON + GATHER)
        return stored

    async def one_after_the_other(here: Room) -> list[bool]:
        here.desk.clock = clock = SettableClock(NOON)
        assert await here.desk.looked(look(NOON), NOON)
        await clock.set(soon)
        routine = (here.desk.looked(look(soon, ERP), soon) for _ in range(2))
        return await asyncio.gather(*routine, failing(here, clock))

    with room() as here:
        assert asyncio.run(one_after_the_other(here)) == [True] * 3
        assert here.ears.stored_times == 2


@pytest.mark.parametrize("number", [1, 3])
def test_every_look_is_counted_in_its_hour(number: int) -> None:
    looks = [look(after(seconds=one), failure=FailureClass.SERVER if one else None) for one in range(number)]
    with room() as here:
        asyncio.run(at_once(here.desk, looks))
        hour = here.store.looks(BILLING, NOON)
        assert (hour.good, hour.bad) == (1, number - 1)
