"""How a timeline names clients: the first few of many, and all of them where somebody wants to know."""

from collections.abc import Iterable, Mapping

from probes.catalog import ClientId

NAMED = 4

Names = Mapping[ClientId, str]
"""The clients' names; an id stands for an unknown one."""


def listed(clients: Iterable[ClientId], names: Names) -> str:
    """Return the first few names, and how many more there are."""
    known = [names.get(client, client) for client in clients]
    more = len(known) - NAMED
    return ", ".join(known[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def everyone(clients: Iterable[ClientId], names: Names) -> list[str]:
    """Return every name where not all of them are in the sentence, nothing where they are."""
    known = [names.get(client, client) for client in clients]
    return known if len(known) > NAMED else []
