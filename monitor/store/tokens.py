"""The access tokens of systems, and who renews one at the moment. When one is renewed is decided elsewhere.

A claim is a compare-and-set on the token's row, so that of several processes one renews; it ends by itself.
"""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from monitor.store import codec
from monitor.store.codec import Unreadable
from monitor.store.rows import insert_into, upsert
from monitor.store.tables import TOKENS
from probes.access import Token
from probes.catalog import SystemId


def token(connection: Connection, owner: SystemId) -> Token | None:
    """Return the token of a system, None where none is kept, or none that this version can read."""
    text = connection.scalar(select(TOKENS.c.value).where(TOKENS.c.system == owner))
    try:
        return None if text is None else codec.TOKEN.value(text)
    except Unreadable:
        return None


def claim(connection: Connection, owner: SystemId, until: datetime, now: datetime) -> bool:
    """Claim the right to renew a token, and tell whether nobody else has it."""
    enter = insert_into(connection, TOKENS).values(system=owner, claimed_until=until)
    free = or_(TOKENS.c.claimed_until.is_(None), TOKENS.c.claimed_until <= now)
    taken = enter.on_conflict_do_update(index_elements=["system"], set_={"claimed_until": until}, where=free)
    return connection.scalar(taken.returning(TOKENS.c.system)) is not None


def keep(connection: Connection, owner: SystemId, kept: Token | None) -> None:
    """End the claim, and keep a token from now on where there is one."""
    if kept is None:
        connection.execute(update(TOKENS).where(TOKENS.c.system == owner).values(claimed_until=None))
    else:
        upsert(connection, TOKENS, [{"system": owner, "claimed_until": None, "value": codec.TOKEN.text(kept)}])
