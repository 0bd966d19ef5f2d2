"""Whose trouble a failure is, told by comparison: our own network's, one account's at a vendor, or the vendor's.

Nothing is asked here and nobody is told: who is compared is read from the catalog, how they are from the indicators.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from probes.catalog import Catalog, System, SystemId
from probes.detect import no_accident
from probes.failure import FailureClass
from probes.sli import Indicator, IndicatorKind

UNANSWERED = frozenset({FailureClass.DNS, FailureClass.CONNECT, FailureClass.TIMEOUT})
"""Failures without any answer: the vendor's end of the line may be broken, or ours."""

FEWEST = 2
"""Other hosts that must be out of reach too before our own network is blamed; one may be down by itself."""

MOST = 3
"""Other hosts that are tried: what three do not answer, a fourth need not be asked."""

PORTS = {"http": 80, "https": 443}
ACCOUNTS = "accounts"
"""What the accounts at each vendor are kept under, beside the catalog that they follow from."""


class Cause(StrEnum):
    """Whose trouble it is."""

    EGRESS = "egress"
    VENDOR = "vendor"
    ACCOUNT = "account"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Host:
    """Where a connection can be tried."""

    name: str
    port: int

    def __str__(self) -> str:
        """Return `name:port`."""
        return f"{self.name}:{self.port}"


def host_of(system: System) -> Host | None:
    """Return the host of a system's address, None where it names none."""
    parts = urlsplit(system.base_url)
    return Host(name=parts.hostname, port=parts.port or PORTS.get(parts.scheme, 443)) if parts.hostname else None


def hosts_beside(catalog: Catalog, system: SystemId) -> tuple[Host, ...]:
    """Return hosts of other systems that could show whether our own network works, at most three, each machine once."""
    own = host_of(catalog.systems[system])
    known = (host_of(one) for one in catalog.systems.values())
    others = {host.name: host for host in known if host is not None and own is not None and host.name != own.name}
    return tuple(sorted(others.values())[:MOST])


def ours(tried: Mapping[Host, bool]) -> bool:
    """Return whether our own network is to blame: several other hosts were tried, and none could be reached."""
    return len(tried) >= FEWEST and not any(tried.values())


def siblings(catalog: Catalog, system: SystemId) -> tuple[SystemId, ...]:
    """Return the other accounts at the same vendor."""
    accounts: Mapping[str, list[SystemId]] | None = catalog.derived.get(ACCOUNTS)
    if accounts is None:
        accounts = catalog.derived[ACCOUNTS] = _by_vendor(catalog)
    return tuple(other for other in accounts[vendor_of(catalog.systems[system])] if other != system)


def _by_vendor(catalog: Catalog) -> Mapping[str, list[SystemId]]:
    found = defaultdict[str, list[SystemId]](list)
    for one in catalog.systems.values():
        found[vendor_of(one)].append(one.id)
    return dict(found)


def vendor_of(system: System) -> str:
    """Return which vendor a system is an account at: the one that is written, or its connector's at that host.

    Accounts in different regions of one vendor do not stand or fall together.
    """
    host = host_of(system)
    name = system.vendor or (f"{system.connector.name}@{host}" if host is not None else system.connector.name)
    return f"{name}/{system.region}" if system.region else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How the other accounts at a vendor have been since one began to fail: those last seen well, and those failing."""

    well: tuple[SystemId, ...] = ()
    failing: tuple[SystemId, ...] = ()

    @property
    def cause(self) -> Cause:
        """Whose trouble that makes it; where they differ, it is not known."""
        if self.well and not self.failing:
            return Cause.ACCOUNT
        return Cause.VENDOR if self.failing and not self.well else Cause.UNKNOWN


def beside(accounts: Mapping[SystemId, Indicator], onset: datetime) -> Beside:
    """Return how accounts have been since an instant, from their availability; who was not seen since is left out."""
    seen = {one: known for one, known in accounts.items() if known.seen is not None and known.seen >= onset}
    failing = tuple(one for one, known in seen.items() if known.evidence.good_since is None)
    return Beside(well=tuple(one for one in seen if one not in failing), failing=failing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What clients of one system had together: how many had anything at all, and their records."""

    clients: int = 0
    good: int = 0
    bad: int = 0

    def without(self, good: int, bad: int) -> "Sum":
        """Return the sum of the others, where one of the clients had so many."""
        return Sum(clients=self.clients - 1, good=self.good - good, bad=self.bad - bad)


def together(indicators: Iterable[Indicator], kind: IndicatorKind, subject: str, now: datetime) -> Sum:
    """Return what an indicator adds up to over all clients of a system or flow."""
    here = (one for one in indicators if one.key.kind is kind and one.key.subject == subject and one.key.client)
    told = [counts for counts in (one.tally.totals(now) for one in here) if any(counts)]
    return Sum(clients=len(told), good=sum(good for good, _ in told), bad=sum(bad for _, bad in told))


def shared(rest: Sum, allowed: float) -> bool | None:
    """Return whether the others fail too: more of their records than is allowed, and than chance explains.

    None where they had no records.
    """
    total = rest.good + rest.bad
    return rest.bad >= no_accident(total, allowed) if total else None
