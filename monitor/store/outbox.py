"""The rows of what is to be told: queued, claimed for an attempt, settled, or withdrawn.

A message is claimed by writing its attempt before the send, so that a process that dies leaves a trace. When and how to
send is not decided here: a settlement brings the message's next state and instant with it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
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
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from alerts.message import Claim, DeliveryState, Lane, Message, MessageState, Settlement, channel_for
from monitor.store import codec
from monitor.store.rows import Row, execute, insert_into
from monitor.store.tables import DELIVERIES, MESSAGES, QUEUED, SENDING, Instant
from probes.catalog import SecretRef

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
    }


def claim(
    connection: Connection, lane: Lane, now: datetime, limit: int, skip_channels: Collection[SecretRef]
) -> tuple[Claim, ...]:
    """Return messages to send now, heaviest first, then oldest, each with its attempt already written as `sending`.

    A message whose next attempt would go to one of `skip_channels` waits, whatever its weight.
    """
    due = (
        select(MESSAGES.c.key, MESSAGES.c.attempts, MESSAGES.c.value)
        .where(MESSAGES.c.lane == lane, WAITING, MESSAGES.c.next_at <= now, MESSAGES.c.channel.not_in(skip_channels))
        .order_by(MESSAGES.c.weight.desc(), MESSAGES.c.created, MESSAGES.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claims = tuple(_claims(connection, connection.execute(due).all()))
    execute(connection, insert(DELIVERIES), (_attempt(one, now) for one in claims))
    begun = update(MESSAGES).where(MESSAGES.c.key == bindparam("of"))
    execute(connection, begun.values(attempts=bindparam("attempt"), channel=bindparam("next")), map(_begun, claims))
    return claims


def _claims(connection: Connection, rows: Iterable[Any]) -> Iterator[Claim]:
    for row in rows:
        attempt = row.attempts + 1
        try:
            message = codec.MESSAGE.value(row.value)
        except codec.Unreadable:
            # Another version wrote it: it fails by itself, for at the head of its lane it would hold up all the others.
            broken = update(MESSAGES).where(MESSAGES.c.key == row.key)
            connection.execute(broken.values(state=MessageState.FAILED.value, next_at=None))
        else:
            yield Claim(message=message, attempt=attempt, channel=channel_for(message.channels, attempt))


def _attempt(claim: Claim, now: datetime) -> Row:
    return {
        "key": claim.message.key,
        "attempt": claim.attempt,
        "channel": claim.channel,
        "state": DeliveryState.SENDING,
        "reason": "",
        "started": now,
        "permanent": False,
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
    ends: Row = {name: bindparam(f"new_{name}") for name in ("state", "reason", "ended", "permanent")}
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
    rows = [{"of": key} for key in keys]
    this = MESSAGES.c.key == bindparam("of")
    execute(connection, _suppressions(at), rows)
    taken = update(MESSAGES).where(this, WAITING).values(state=MessageState.SUPPRESSED.value, next_at=None)
    execute(connection, taken, rows)
    execute(connection, update(MESSAGES).where(this, QUEUED).values(withdrawn=True), rows)


def _suppressions(at: datetime | None) -> Insert:
    instant = MESSAGES.c.created if at is None else literal(at, Instant)
    found = {
        "key": MESSAGES.c.key,
        "attempt": MESSAGES.c.attempts + 1,
        "channel": MESSAGES.c.channel,
        "state": literal(DeliveryState.SUPPRESSED.value),
        "reason": literal(WITHDRAWN),
        "started": instant,
        "ended": instant,
        "permanent": literal(value=False),
    }
    rows = select(*found.values()).where(MESSAGES.c.key == bindparam("of"), WAITING)
    return insert(DELIVERIES).from_select(list(found), rows)


def recover(connection: Connection, now: datetime) -> int:
    """Return how many attempts a dead process left; they become `unknown` and their messages are due again at once."""
    left = select(DELIVERIES.c.key).where(SENDING)
    mine = update(MESSAGES).where(MESSAGES.c.key.in_(left), QUEUED)
    connection.execute(mine.where(~MESSAGES.c.withdrawn).values(next_at=now))
    connection.execute(mine.where(MESSAGES.c.withdrawn).values(state=MessageState.SUPPRESSED.value, next_at=None))
    ended = update(DELIVERIES).where(SENDING).values(state=DeliveryState.UNKNOWN.value, reason=DIED, ended=now)
    return connection.execute(ended).rowcount


def next_delivery(connection: Connection, lane: Lane, skip_channels: Collection[SecretRef]) -> datetime | None:
    """Return when the next message of a lane is due, perhaps in the past; None where none waits."""
    waiting = select(func.min(MESSAGES.c.next_at)).where(MESSAGES.c.lane == lane, WAITING)
    due: datetime | None = connection.scalar(waiting.where(MESSAGES.c.channel.not_in(skip_channels)))
    return due
