"""The store: one object that opens a database, keeps other processes out, and runs each question in a transaction.

It blocks the thread that calls it (`thread` keeps that away from the event loop). What stands in the tables, and what
the statements are, is for the files around it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.alert import IncidentId
from alerts.delivery_order import Waiting
from alerts.incident import Incident
from alerts.message import Claim, Delivery, Lane, Message, MessageState
from alerts.reports import Due
from alerts.undelivered import Reached, Untaken
from alerts.uptime import HourCount
from monitor.changes import Act, Changes, Entry
from monitor.store import (
    audits,
    clients,
    commit,
    engine,
    intake,
    ledger,
    outbox,
    prune,
    reads,
    rows,
    state,
    tokens,
    webhooks,
)
from monitor.store.audits import News
from monitor.store.engine import Engines
from monitor.store.failure import AlreadyRunning, StoreUnreadable, StoreUnwritable, failing_as
from monitor.store.ledger import Sought
from monitor.store.prune import Retention
from monitor.store.reads import Outgoing
from monitor.store.schema import migrate
from monitor.store.state import Remembered
from monitor.store.tables import PULSE
from probes.access import Token
from probes.catalog import ClientId, SystemId

PATIENCE = timedelta(seconds=5)


class Store:
    """One database, this process's alone to write.

    Whatever writes raises :class:`StoreUnwritable` when the database will not take it, with nothing half written;
    whatever reads raises :class:`StoreUnreadable`. Both are tried afresh at the next call, so the store recovers by
    itself. One thread at a time may write; others may read meanwhile.
    """

    def __init__(self, url: str | Engines, patience: timedelta = PATIENCE) -> None:
        """Open the database and bring it to this program's schema; `patience` is how long to wait for others' locks.

        Connections that are open already may stand for the URL.

        Raises:
            AlreadyRunning: another process works on it.
            ConfigError: the URL names nothing usable, or a newer program wrote the database.
            StoreUnwritable: it cannot be written at this moment.
        """
        self._engines = url if isinstance(url, Engines) else engine.opened(engine.parsed(url), patience)
        try:
            with failing_as(StoreUnwritable), self._engines.writer.begin() as connection:
                migrate(connection)
        except BaseException:
            self._engines.close()
            raise

    def close(self) -> None:
        """Let the database go."""
        self._engines.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        file = self._engines.file
        if file is not None and not file.in_place:
            raise StoreUnwritable(f"{file.path.name} was removed or replaced; put it back, or restart Tierwatch")
        try:
            with failing_as(StoreUnwritable), self._engines.writer.begin() as connection:
                yield connection
        except AlreadyRunning as error:
            # The session with the lock was lost, and somebody else was faster.
            raise StoreUnwritable(str(error)) from None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with failing_as(StoreUnreadable), self._engines.reader.begin() as connection:
            yield connection

    def commit(self, changes: Changes) -> None:
        """Write all of it in one transaction, or nothing.

        Raises:
            EntryExists: a timeline already has an entry of that number; nothing was written.
        """
        if not changes.empty:
            with self._writing() as connection:
                commit.write(connection, changes)

    def claim(self, kinds: Mapping[str, str], now: datetime) -> tuple[Claim, ...]:
        """Return those of the messages that are still wanted and due, each recorded as under way.

        They are named by their keys, each with the kind of endpoint that it goes to.
        """
        with self._writing() as connection:
            return outbox.claim(connection, kinds, now)

    def recover(self, now: datetime) -> int:
        """Return how many sends a dead process left behind; their end is now recorded as unknown. Called at start."""
        with self._writing() as connection:
            return outbox.recover(connection, now)

    def prune(self, now: datetime, retention: Retention) -> Mapping[str, int]:
        """Return how many rows of each table were removed because they are older than the retention."""
        with self._writing() as connection:
            return prune.prune(connection, now, retention)

    def writable(self, now: datetime) -> str:
        """Return why the database takes no write at this moment, "" when it has just taken a small one."""
        try:
            with self._writing() as connection:
                rows.upsert(connection, PULSE, [{"id": 1, "at": now}])
        except StoreUnwritable as error:
            return str(error)
        return ""

    def token(self, owner: SystemId) -> Token | None:
        """Return the access token of a system, None where none is kept."""
        with self._reading() as connection:
            return tokens.token(connection, owner)

    def claim_token(self, owner: SystemId, until: datetime, now: datetime) -> bool:
        """Claim the right to renew a token until an instant, and tell whether nobody else has it."""
        with self._writing() as connection:
            return tokens.claim(connection, owner, until, now)

    def keep_token(self, owner: SystemId, token: Token | None) -> None:
        """End the claim on a token, and keep another from now on where there is one."""
        with self._writing() as connection:
            tokens.keep(connection, owner, token)

    def enter(self, bodies: Sequence[intake.Body]) -> None:
        """Enter the bodies of reports in the journal, all in one transaction."""
        with self._writing() as connection:
            intake.enter(connection, bodies)

    def fold(self, due: Due, upto: int) -> None:
        """Write what reports have come to, and take the bodies up to a number out of the journal."""
        with self._writing() as connection:
            intake.fold(connection, due, upto)

    def reported(self) -> intake.Kept:
        """Return what was reported and has not been forgotten."""
        with self._reading() as connection:
            return intake.read(connection)

    def load(self, now: datetime) -> Remembered:
        """Return everything that a process starts from."""
        with self._reading() as connection:
            return state.load(connection, now)

    def heard_before(self, system: SystemId, events: Collection[str]) -> frozenset[str]:
        """Return those of the events in a system's webhooks that were heard already."""
        with self._reading() as connection:
            return webhooks.heard_before(connection, system, events)

    def news(self, known: Mapping[IncidentId, int]) -> News:
        """Return the open incidents, and the events of each that come after so many that are known."""
        with self._reading() as connection:
            return audits.news(connection, known)

    def waiting_pages(self, before: datetime) -> Iterable[tuple[str, datetime]]:
        """Return the urgent messages that should have been attempted before an instant, and when."""
        with self._reading() as connection:
            return audits.waiting_pages(connection, before)

    def waiting(self, lane: Lane) -> tuple[Waiting, ...]:
        """Return who waits in a lane, due or not."""
        with self._reading() as connection:
            return outbox.waiting(connection, lane)

    def incidents(self, limit: int, before: IncidentId | None = None) -> tuple[Incident, ...]:
        """Return incidents, the newest first; with `before`, only those older than that one."""
        with self._reading() as connection:
            return reads.incidents(connection, limit, before)

    def timeline(self, incident: IncidentId) -> tuple[Entry, ...]:
        """Return the whole timeline of an incident."""
        with self._reading() as connection:
            return reads.timeline(connection, incident)

    def messages(
        self, incident: IncidentId | None = None, client: ClientId | None = None, limit: int = 100
    ) -> tuple[Outgoing, ...]:
        """Return messages and where they stand, the newest first."""
        with self._reading() as connection:
            return reads.messages(connection, incident, client, limit)

    def gathering(self) -> tuple[Message, ...]:
        """Return the messages that are gathered for their readers, and not told yet."""
        with self._reading() as connection:
            return outbox.gathering(connection)

    def ledger(self, sought: Sought, limit: int = 100) -> tuple[Outgoing, ...]:
        """Return the messages that somebody looks for and where they stand, the newest first."""
        with self._reading() as connection:
            return ledger.found(connection, sought, limit)

    def bodies(self, keys: Collection[str]) -> tuple[Message, ...]:
        """Return the messages of these keys that can be read."""
        with self._reading() as connection:
            return ledger.bodies(connection, keys)

    def untaken(self, since: datetime, now: datetime) -> tuple[Untaken, ...]:
        """Return the messages written since an instant that nobody has accepted so far, and could have."""
        with self._reading() as connection:
            return ledger.untaken(connection, since, now)

    def reached(self, since: datetime) -> tuple[Reached, ...]:
        """Return when each recipient last took a message that was written since an instant."""
        with self._reading() as connection:
            return ledger.reached(connection, since)

    def attempts(self, keys: Collection[str]) -> Mapping[str, tuple[Delivery, ...]]:
        """Return the attempts at messages, by their keys, the first one first."""
        with self._reading() as connection:
            return ledger.attempts(connection, keys)

    def deliveries(self, key: str | None = None, limit: int = 100) -> tuple[Delivery, ...]:
        """Return attempts, the newest first; one under way has its start as its end."""
        with self._reading() as connection:
            return reads.deliveries(connection, key, limit)

    def acts(self, limit: int = 100) -> tuple[Act, ...]:
        """Return what people did, the newest first."""
        with self._reading() as connection:
            return reads.acts(connection, limit)

    def told_client(self, wanted: clients.Wanted) -> clients.ClientRecord:
        """Return what a client's page shows of what is on record."""
        with self._reading() as connection:
            return clients.told(connection, wanted)

    def happened_to(self, wanted: clients.Wanted) -> clients.ClientRecord:
        """Return everything on record that bears on a client in a time."""
        with self._reading() as connection:
            return clients.happened(connection, wanted)

    def looks(self, system: SystemId, since: datetime) -> HourCount:
        """Return how the looks of a system ended since an instant, as one sum."""
        with self._reading() as connection:
            return reads.looks(connection, system, since)

    def outbox_age(self, now: datetime) -> timedelta:
        """Return the age of the oldest message that still waits to be told."""
        with self._reading() as connection:
            return reads.outbox_age(connection, now)

    def counts(self) -> Mapping[tuple[Lane, MessageState], int]:
        """Return how many messages stand where."""
        with self._reading() as connection:
            return reads.counts(connection)
