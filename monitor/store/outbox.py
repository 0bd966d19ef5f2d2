"""The rows of what is to be told: queued, claimed for an attempt, settled, or withdrawn.

A message is claimed by writing its attempt before the send, so that a process that dies leaves a trace. When and how to
send is not decided here: a settlement brings the message's next state and instant with it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Update,
    and_,
    bindparam,
    case,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from alerts.delivery_order import Waiting
from alerts.message import Claim, Delivery, DeliveryState, Lane, Message, MessageState
from alerts.reason import ReasonClass
from alerts.settlement import Settlement, channel_for, settlement
from monitor.store import codec
from monitor.store.rows import Row, execute, insert_into
from monitor.store.tables import DELIVERIES, MESSAGES, QUEUED, SENDING, Instant
from probes.catalog import ClientId, SecretRef

DIED = "the process stopped while it was sending"
WITHDRAWN = "no longer needed"

UNDER_WAY = exists().where(DELIVERIES.c.key == MESSAGES.c.key, SENDING).correlate(MESSAGES)
WAITING = and_(QUEUED, ~UNDER_WAY)


def queue(connection: Connection, messages: Sequence[Message]) -> None:
    """Write messages, each due when it may first be sent; a key that exists is left as it is.

    One without any channel can reach nobody: it is written as failed, so that it is seen, and holds nothing up. One
    that is withheld is written as suppressed, with the reason.
    """
    if messages:
        write = insert_into(connection, MESSAGES).on_conflict_do_nothing(index_elements=["key"])
        execute(connection, write, (_row(message) for message in messages))
        said = insert_into(connection, DELIVERIES).on_conflict_do_nothing(index_elements=["key", "attempt"])
        execute(connection, said, (_withheld(message) for message in messages if message.withheld))


def _row(message: Message) -> Row:
    reachable = bool(message.channels) and not message.withheld
    hopeless = MessageState.SUPPRESSED if message.withheld else MessageState.FAILED
    return {
        "key": message.key,
        "lane": message.lane,
        "state": MessageState.QUEUED if reachable else hopeless,
        "weight": message.weight,
        "created": message.created,
        "next_at": message.due if reachable else None,
        "attempts": 0,
        "channel": channel_for(message.channels, 1) if reachable else None,
        "withdrawn": False,
        "incident": message.incident,
        "client": message.client,
        "recipient": message.recipient,
        "value": codec.MESSAGE.text(message),
    }


def _withheld(message: Message) -> Row:
    return {
        "key": message.key,
        "attempt": 1,
        "channel": channel_for(message.channels, 1) if message.channels else "",
        "state": DeliveryState.SUPPRESSED,
        "reason": message.withheld,
        "started": message.created,
        "ended": message.created,
        "permanent": False,
        "why": ReasonClass.WITHHELD,
        "endpoint": "",
    }


def waiting(connection: Connection, lane: Lane) -> tuple[Waiting, ...]:
    """Return who waits in a lane, as far as their order depends on it; no words and no values."""
    names = ("key", "weight", "created", "next_at", "attempts", "channel", "recipient", "client")
    query = select(*(MESSAGES.c[name] for name in names)).where(MESSAGES.c.lane == lane, WAITING)
    return tuple(
        Waiting(
            key=row.key,
            lane=lane,
            weight=row.weight,
            created=row.created,
            due=row.next_at,
            attempts=row.attempts,
            channel=SecretRef(row.channel),
            recipient=row.recipient or "",
            client=None if row.client is None else ClientId(row.client),
        )
        for row in connection.execute(query)
    )


def claim(connection: Connection, kinds: Mapping[str, str], now: datetime) -> tuple[Claim, ...]:
    """Return those of the messages that are still wanted and due, each with its attempt already written as `sending`.

    They are named by their keys, each with the kind of endpoint that it goes to, and come in the order of the names.
    What was written by a clock that has been put back since is due.
    """
    due = (
        select(MESSAGES.c.key, MESSAGES.c.attempts, MESSAGES.c.value)
        .where(MESSAGES.c.key.in_(kinds), WAITING, or_(MESSAGES.c.next_at <= now, MESSAGES.c.created > now))
        .with_for_update(skip_locked=True)
    )
    rows = {row.key: row for row in connection.execute(due)}
    doubtful = _doubtful(connection, [row.key for row in rows.values() if row.attempts])
    claims = tuple(_claims(connection, (rows[key] for key in kinds if key in rows), doubtful))
    execute(connection, insert(DELIVERIES), (_attempt(one, kinds.get(one.message.key, ""), now) for one in claims))
    begun = update(MESSAGES).where(MESSAGES.c.key == bindparam("of"))
    execute(connection, begun.values(attempts=bindparam("attempt"), channel=bindparam("next")), map(_begun, claims))
    return claims


def _doubtful(connection: Connection, tried: Sequence[str]) -> frozenset[str]:
    """The keys of those that may have arrived already: nobody knows how one of their attempts ended."""
    if not tried:
        return frozenset()
    unknown = and_(DELIVERIES.c.key.in_(tried), DELIVERIES.c.state == DeliveryState.UNKNOWN)
    return frozenset(connection.scalars(select(DELIVERIES.c.key).where(unknown)))


def _claims(connection: Connection, rows: Iterable[Any], doubtful: Collection[str]) -> Iterator[Claim]:
    for row in rows:
        attempt = row.attempts + 1
        try:
            message = codec.MESSAGE.value(row.value)
        except codec.Unreadable:
            # Another version wrote it: it fails by itself, for at the head of its lane it would hold up all the others.
            broken = update(MESSAGES).where(MESSAGES.c.key == row.key)
            connection.execute(broken.values(state=MessageState.FAILED.value, next_at=None))
        else:
            channel = channel_for(message.channels, attempt)
            yield Claim(message=message, attempt=attempt, channel=channel, repeated=row.key in doubtful)


def _attempt(claim: Claim, kind: str, now: datetime) -> Row:
    return {
        "key": claim.message.key,
        "attempt": claim.attempt,
        "channel": claim.channel,
        "state": DeliveryState.SENDING,
        "reason": "",
        "started": now,
        "permanent": False,
        "why": ReasonClass.UNRECORDED,
        "endpoint": kind,
    }


def _begun(claim: Claim) -> Row:
    following = channel_for(claim.message.channels, claim.attempt + 1)
    return {"of": claim.message.key, "attempt": claim.attempt, "next": following}


def settle(connection: Connection, settlements: Sequence[Settlement]) -> None:
    """Write how attempts ended and what that makes of their messages.

    Acceptance is final, and counts whenever it becomes known; any other end moves a message only while it waits for
    this very attempt. A message that was withdrawn meanwhile is not tried again.
    """
    if not settlements:
        return
    this = and_(DELIVERIES.c.key == bindparam("of"), DELIVERIES.c.attempt == bindparam("number"))
    ended = update(DELIVERIES).where(this, DELIVERIES.c.state != DeliveryState.ACCEPTED)
    ends: Row = {name: bindparam(f"new_{name}") for name in ("state", "reason", "ended", "permanent", "why")}
    execute(connection, ended.values(ends), map(_ended, settlements))
    accepted = [one for one in settlements if one.state is MessageState.ACCEPTED]
    told = update(MESSAGES).where(MESSAGES.c.key == bindparam("of"))
    told = told.values(state=MessageState.ACCEPTED.value, next_at=None)
    execute(connection, told, ({"of": one.delivery.key} for one in accepted))
    execute(connection, _next_move(), (_moved(one) for one in settlements if one.state is not MessageState.ACCEPTED))


def _ended(settlement: Settlement) -> Row:
    delivery = settlement.delivery
    return {
        "of": delivery.key,
        "number": delivery.attempt,
        "new_state": delivery.state,
        "new_reason": delivery.reason,
        "new_ended": delivery.ended,
        "new_permanent": delivery.permanent,
        "new_why": delivery.why,
    }


def _moved(settlement: Settlement) -> Row:
    delivery = settlement.delivery
    return {"of": delivery.key, "number": delivery.attempt, "becomes": settlement.state, "due": settlement.next_at}


def _next_move() -> Update:
    becomes = bindparam("becomes", type_=MESSAGES.c.state.type)
    due = bindparam("due", type_=MESSAGES.c.next_at.type)
    dropped = and_(MESSAGES.c.withdrawn, becomes == literal(MessageState.QUEUED.value))
    waiting = update(MESSAGES).where(MESSAGES.c.key == bindparam("of"), MESSAGES.c.attempts == bindparam("number"))
    return waiting.where(QUEUED).values(
        state=case((dropped, literal(MessageState.SUPPRESSED.value)), else_=becomes),
        next_at=case((dropped, null()), else_=due),
    )


def suppress(connection: Connection, keys: Sequence[str], at: datetime | None) -> None:
    """Take queued messages back, each with a delivery that says so, dated `at` or else with the message's creation.

    One under way is left to end; if it then would have to be tried again, it is not.
    """
    if not keys:
        return
    rows = [{"of": key, "said": WITHDRAWN} for key in keys]
    execute(connection, _suppressions(at, ReasonClass.WITHDRAWN), rows)
    _withdraw(connection, [{"of": key} for key in keys])


def gathering(connection: Connection) -> tuple[Message, ...]:
    """Return the messages that are gathered for their readers, and not told yet."""
    rows = connection.execute(select(MESSAGES.c.value).where(MESSAGES.c.lane == Lane.BULK, WAITING)).scalars()
    found: list[Message] = []
    for text in rows:
        try:
            message = codec.MESSAGE.value(text)
        except codec.Unreadable:
            continue  # it fails by itself when it is claimed
        if message.gathered is not None:
            found.append(message)
    return tuple(found)


def fold(connection: Connection, folded: Mapping[str, str], written: Sequence[Message]) -> None:
    """Take messages back that are part of a digest now, each with a delivery that names it."""
    if not folded:
        return
    at = next((one.created for one in written if one.parts), None)
    rows = [{"of": key, "said": f"in digest {digest}"} for key, digest in folded.items()]
    execute(connection, _suppressions(at, ReasonClass.IN_DIGEST), rows)
    _withdraw(connection, [{"of": key} for key in folded])


def _withdraw(connection: Connection, rows: Sequence[Row]) -> None:
    this = MESSAGES.c.key == bindparam("of")
    taken = update(MESSAGES).where(this, WAITING).values(state=MessageState.SUPPRESSED.value, next_at=None)
    execute(connection, taken, rows)
    execute(connection, update(MESSAGES).where(this, QUEUED).values(withdrawn=True), rows)


def _suppressions(at: datetime | None, why: ReasonClass) -> Insert:
    instant = MESSAGES.c.created if at is None else literal(at, Instant)
    found = {
        "key": MESSAGES.c.key,
        "attempt": MESSAGES.c.attempts + 1,
        "channel": MESSAGES.c.channel,
        "state": literal(DeliveryState.SUPPRESSED.value),
        "reason": bindparam("said", type_=DELIVERIES.c.reason.type),
        "started": instant,
        "ended": instant,
        "permanent": literal(value=False),
        "why": literal(why.value),
        "endpoint": literal(""),
    }
    rows = select(*found.values()).where(MESSAGES.c.key == bindparam("of"), WAITING)
    return insert(DELIVERIES).from_select(list(found), rows)


def recover(connection: Connection, now: datetime) -> int:
    """Return how many attempts a dead process left: their ends are unknown, and what may be repeated is due at once."""
    query = select(DELIVERIES, MESSAGES.c.value, MESSAGES.c.state.label("stands")).join(MESSAGES).where(SENDING)
    left = connection.execute(query).all()
    settle(connection, [_left(row, now) for row in left])
    return len(left)


def _left(row: Any, now: datetime) -> Settlement:  # noqa: ANN401 - a row of two tables
    delivery = Delivery(
        key=row.key,
        attempt=row.attempt,
        channel=SecretRef(row.channel),
        state=DeliveryState.UNKNOWN,
        reason=DIED,
        started=row.started,
        ended=now,
        why=ReasonClass.DIED,
        endpoint=row.endpoint or "",
    )
    try:
        settled = settlement(codec.MESSAGE.value(row.value), delivery)
    except codec.Unreadable:
        return Settlement(delivery=delivery, state=MessageState.FAILED, next_at=None)
    return replace(settled, next_at=now) if settled.state is MessageState.QUEUED else settled
