"""The ledger: what was to be told, to whom and how far it has come, asked for by what somebody wants to know."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, type_coerce

from alerts.alert import IncidentId
from alerts.message import Delivery, DeliveryState, Lane, Message, MessageKind, MessageState
from alerts.undelivered import Reached, Untaken
from monitor.store import codec
from monitor.store.reads import Outgoing, delivery, outgoing
from monitor.store.tables import DELIVERIES, MESSAGES, Instant
from probes.catalog import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody looks for in the ledger; None is no condition.

    With `before`, the key of a message, only what is older than that one.
    """

    incident: IncidentId | None = None
    client: ClientId | None = None
    recipient: str | None = None
    state: MessageState | None = None
    before: str | None = None


def found(connection: Connection, sought: Sought, limit: int) -> tuple[Outgoing, ...]:
    """Return messages, the newest first.

    Raises:
        Unreadable: another version wrote one of them.
    """
    query = select(MESSAGES).where(*_conditions(sought))
    newest = query.order_by(MESSAGES.c.created.desc(), MESSAGES.c.key).limit(limit)
    return tuple(outgoing(row) for row in connection.execute(newest))


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    names = ("incident", "client", "recipient", "state")
    asked = {name: getattr(sought, name) for name in names}
    found = [MESSAGES.c[name] == value for name, value in asked.items() if value is not None]
    if sought.before is not None:
        bound = select(MESSAGES.c.created).where(MESSAGES.c.key == sought.before).scalar_subquery()
        beside = and_(MESSAGES.c.created == bound, MESSAGES.c.key > sought.before)
        found.append(or_(MESSAGES.c.created < bound, beside))
    return found


def attempts(connection: Connection, keys: Collection[str]) -> Mapping[str, tuple[Delivery, ...]]:
    """Return the attempts at messages, the first one first; a message without any is left out."""
    query = select(DELIVERIES).where(DELIVERIES.c.key.in_(keys)).order_by(DELIVERIES.c.key, DELIVERIES.c.attempt)
    grouped = groupby(connection.execute(query), key=lambda row: str(row.key))
    return {key: tuple(delivery(row) for row in rows) for key, rows in grouped}


def bodies(connection: Connection, keys: Collection[str]) -> tuple[Message, ...]:
    """Return the messages of these keys; what another version wrote is left out."""
    return tuple(_readable(connection.scalars(select(MESSAGES.c.value).where(MESSAGES.c.key.in_(keys)))))


def _readable(texts: Iterable[str]) -> Iterator[Message]:
    for text in texts:
        with suppress(codec.Unreadable):
            yield codec.MESSAGE.value(text)


# Within a text of JSON quotes are escaped, so no words of a message look like this. What tries a client's channel out,
# or tells one of ours of a contact, is a note and bears a client's id all the same.
NOTED = or_(*(MESSAGES.c.value.contains(f'"kind":{gap}"note"') for gap in ("", " "))).label("noted")


def untaken(connection: Connection, since: datetime, now: datetime) -> tuple[Untaken, ...]:
    """Return the messages written since an instant that could have been sent and that nobody has accepted so far."""
    begun = select(func.min(DELIVERIES.c.started)).where(DELIVERIES.c.key == MESSAGES.c.key).scalar_subquery()
    first = func.coalesce(begun, MESSAGES.c.next_at, MESSAGES.c.created).label("first")
    names = ("key", "lane", "recipient", "client", "incident")
    open_still = MESSAGES.c.state.in_((MessageState.QUEUED, MessageState.FAILED, MessageState.UNKNOWN))
    columns = (*(MESSAGES.c[name] for name in names), type_coerce(first, Instant).label("first"), NOTED)
    query = select(*columns)
    rows = connection.execute(query.where(MESSAGES.c.created >= since, open_still))
    return tuple(_untaken(row) for row in rows if row.first <= now)


def _untaken(row: Any) -> Untaken:  # noqa: ANN401 - a row of messages
    note = MessageKind.NOTE if row.noted or row.client is None else MessageKind.NOTICE
    return Untaken(
        key=row.key,
        kind=MessageKind.PAGE if row.lane == Lane.URGENT else note,
        recipient=row.recipient or "",
        client=None if row.client is None else ClientId(row.client),
        incident=None if row.incident is None else IncidentId(row.incident),
        since=row.first,
    )


def reached(connection: Connection, since: datetime) -> tuple[Reached, ...]:
    """Return when each recipient last took a message that was written since an instant."""
    took = and_(DELIVERIES.c.key == MESSAGES.c.key, DELIVERIES.c.state == DeliveryState.ACCEPTED)
    last = type_coerce(func.max(DELIVERIES.c.ended), Instant).label("last")
    who = (MESSAGES.c.recipient, MESSAGES.c.client)
    query = select(*who, last).join(DELIVERIES, took).where(MESSAGES.c.created >= since).group_by(*who)
    return tuple(
        Reached(recipient=row.recipient or "", client=row.client, at=row.last) for row in connection.execute(query)
    )
