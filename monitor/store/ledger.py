"""The ledger: what was to be told, to whom and how far it has come, asked for by what somebody wants to know."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from alerts.alert import IncidentId
from alerts.message import Delivery, Message, MessageState
from monitor.store import codec
from monitor.store.reads import Outgoing, delivery, outgoing
from monitor.store.tables import DELIVERIES, MESSAGES
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
