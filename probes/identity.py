"""Who a record is about: how a system writes its clients' identifiers, and which client each of them stands for.

Rules bring the spellings of one identifier together; a crosswalk says whose it is. What two clients claim is nobody's,
and what nobody claims is unknown: nothing here guesses. The files that claims are read from are the configuration's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

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
    """How a system identifies clients: its rules in order, and the record's field that holds our own client id."""

    rules: tuple[Rule, ...] = ()
    field: str = ""


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
