"""The versions of a client's contract, and which one is in force when. Instants are UTC; a date begins in its zone.

A version names a tier and may alter what that tier promises. Which tier that is stands in the catalog.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from probes.conduct import Sla
from probes.credit import CreditStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A contract from `start` on: a tier by its id, and the fields of its promises that are others for this client.

    None of `credits` and `breach_budget` is what the tier has.
    """

    start: datetime
    tier: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    credits: tuple[CreditStep, ...] | None = None
    breach_budget: timedelta | None = None


def in_force(versions: Sequence[Version], now: datetime) -> Version | None:
    """Return the version in force at an instant, given in the order of their starts, None before the first."""
    return next((one for one in reversed(versions) if one.start <= now), None)


def next_version(versions: Sequence[Version], now: datetime) -> datetime | None:
    """Return when the next version comes into force, None where none does."""
    return min((one.start for one in versions if one.start > now), default=None)


def altered(version: Version, sla: Sla) -> Mapping[str, Any]:
    """Return the fields of a tier that a version of a contract alters, given what the tier promises."""
    own = {"credits": version.credits, "breach_budget": version.breach_budget}
    return {"sla": replace(sla, **version.changes)} | {name: one for name, one in own.items() if one is not None}
