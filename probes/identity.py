"""Who a record is about: how a system writes its clients' identifiers, and which client each of them stands for.

Rules bring the spellings of one identifier together; a crosswalk says whose it is. What two clients claim is nobody's,
and what nobody claims is unknown: nothing here guesses. The files that claims are read from are the configuration's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from probes.status import Status

S = TypeVar("S", bound=str)
C = TypeVar("C", bound=str)


class RuleKind(StrEnum):
    """What a rule does to an identifier."""

    TRIM = "trim"
    CASE_FOLD = "case_fold"
    DIGITS = "digits"
    STRIP_ZEROS = "strip_zeros"
    STRIP_PREFIX = "strip_prefix"
    STRIP_SUFFIX = "strip_suffix"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One step of normalisation. `text` is the prefix, the suffix or the characters that are taken away."""

    kind: RuleKind
    text: str = ""


WITH_TEXT = frozenset({RuleKind.STRIP_PREFIX, RuleKind.STRIP_SUFFIX, RuleKind.REMOVE})
"""The kinds that are nothing without a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How a system identifies clients: its rules in order, and the record's field that holds our own client id.

    `status` is where it says how they stand, None where nothing is to be compared.
    """

    rules: tuple[Rule, ...] = ()
    field: str = ""
    status: Status | None = None


def _digits(identifier: str, _: str) -> str:
    return "".join(one for one in identifier if one.isascii() and one.isdigit())


def _without(identifier: str, characters: str) -> str:
    return "".join(one for one in identifier if one not in characters)


_STEPS: Mapping[RuleKind, Callable[[str, str], str]] = {
    RuleKind.TRIM: lambda identifier, _: identifier.strip(),
    RuleKind.CASE_FOLD: lambda identifier, _: identifier.casefold(),
    RuleKind.DIGITS: _digits,
    # A number that consists of zeros is the number zero, not nothing.
    RuleKind.STRIP_ZEROS: lambda identifier, _: identifier.lstrip("0") or identifier[:1],
    RuleKind.STRIP_PREFIX: str.removeprefix,
    RuleKind.STRIP_SUFFIX: str.removesuffix,
    RuleKind.REMOVE: _without,
}


def normalised(identifier: str, rules: Sequence[Rule]) -> str:
    """Return an identifier as it is compared, after the rules one by one; "" if they leave nothing."""
    for rule in rules:
        identifier = _STEPS[rule.kind](identifier, rule.text)
    return identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Generic[S, C]):
    """A client is known in a system by this identifier."""

    system: S
    identifier: str
    client: C


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk(Generic[S, C]):
    """Whose each identifier is, by system and normalised identifier.

    `disputed` are those that several clients claim, which are nobody's; `void` are claims of which normalisation leaves
    nothing.
    """

    owners: Mapping[tuple[S, str], C]
    disputed: Mapping[tuple[S, str], tuple[C, ...]]
    void: tuple[Claim[S, C], ...] = ()


def crosswalk(claims: Iterable[Claim[S, C]], rules: Mapping[S, Sequence[Rule]]) -> Crosswalk[S, C]:
    """Return whose each claimed identifier is; a client may claim as many as it likes, and one several times."""
    claimants: dict[tuple[S, str], dict[C, None]] = {}
    void: list[Claim[S, C]] = []
    for claim in claims:
        name = normalised(claim.identifier, rules.get(claim.system, ()))
        if name:
            claimants.setdefault((claim.system, name), {})[claim.client] = None
        else:
            void.append(claim)
    return Crosswalk(
        owners=MappingProxyType({key: next(iter(who)) for key, who in claimants.items() if len(who) == 1}),
        disputed=MappingProxyType({key: tuple(who) for key, who in claimants.items() if len(who) > 1}),
        void=tuple(void),
    )


MOST_STRANGERS = 50
"""So many identifiers that are nobody's are kept per system."""

LONGEST_SHOWN = 200
"""Characters of an identifier that is nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An identifier that is nobody's, and how many records carried it; empty for records that carry none."""

    identifier: str
    records: int
    first: datetime
    last: datetime


def met(known: Sequence[Stranger], seen: Mapping[str, int], now: datetime) -> tuple[Stranger, ...]:
    """Return the strangers that are known after a look, the one seen last in front; `seen` counts records."""
    strangers = {one.identifier: one for one in known}
    for identifier, records in seen.items():
        name = identifier[:LONGEST_SHOWN]
        before = strangers.pop(name, None) or Stranger(identifier=name, records=0, first=now, last=now)
        strangers[name] = replace(before, records=before.records + records, last=now)
    newest = sorted(strangers.values(), key=lambda one: (one.last, one.first), reverse=True)
    return tuple(newest[:MOST_STRANGERS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[S, C]):
    """An identifier, as it is compared, changed hands; None before it was anybody's, or now that it is not any more."""

    system: S
    identifier: str
    before: C | None
    after: C | None

    def __str__(self) -> str:
        """Return what happened to it, in words."""
        name = f"{self.system}: {self.identifier}"
        if self.after is None:
            return f"{name} is no longer {self.before}"
        return f"{name} is {self.after}" if self.before is None else f"{name} is {self.after}, not {self.before}"


def changes(before: Crosswalk[S, C], after: Crosswalk[S, C]) -> tuple[Change[S, C], ...]:
    """Return the identifiers whose owner is another one than before, sorted by system and identifier."""
    keys = sorted({key for key, _ in before.owners.items() ^ after.owners.items()})
    return tuple(
        Change(system=key[0], identifier=key[1], before=before.owners.get(key), after=after.owners.get(key))
        for key in keys
    )
