"""A matcher: what one label of an alert must, or must not, be. Alertmanager's, by its rules.

A label that is missing is as one that is empty. An expression must fit the whole value; it is matched by RE2, whose
language is Go's, so that it means here what it means there, and no expression takes more than linear time. How matchers
are written is for `matcher_syntax`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped] # it ships none

from alerts.matcher_quoting import escaped, is_reserved, quoted

Labels = Mapping[str, str]


class Operator(StrEnum):
    """How a matcher compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    NOT_MATCHES = "!~"


EXPRESSIONS = frozenset({Operator.MATCHES, Operator.NOT_MATCHES})
POSITIVE = frozenset({Operator.EQUAL, Operator.MATCHES})


class MatcherError(ValueError):
    """A matcher that is none; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Matcher:
    """What one label must be. Of an expression `value` is the pattern."""

    name: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        """Return it as Alertmanager writes it; what this returns is read again as an equal one."""
        if any(map(is_reserved, self.name)):
            return f"{quoted(self.name)}{self.operator}{quoted(self.value)}"
        return f'{self.name}{self.operator}"{escaped(self.value)}"'


def matcher(name: str, operator: Operator, value: str) -> Matcher:
    """Return a matcher whose name and expression are sound.

    Raises:
        MatcherError: there is no name, or the expression is none that RE2 knows.
    """
    if not name:
        raise MatcherError('invalid label name ""')
    if operator in EXPRESSIONS:
        compiled(value)
    return Matcher(name=name, operator=operator, value=value)


def options() -> Any:  # noqa: ANN401 - re2 has no types
    """Return how RE2 is to work: it writes nothing, and counts no groups."""
    chosen = re2.Options()
    chosen.log_errors, chosen.never_capture = False, True
    return chosen


OPTIONS = options()


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - the same
    """Return an expression that is ready to be matched.

    Raises:
        MatcherError: RE2 does not know it: it looks around or back, repeats more than a thousand times, or is broken.
    """
    try:
        return re2.compile(pattern, OPTIONS)
    except re2.error as error:
        (why,) = error.args
        told = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise MatcherError(f"invalid regular expression {quoted(pattern)}: {told}") from None
    except UnicodeEncodeError:
        raise MatcherError("an expression must be text that UTF-8 can hold") from None


@lru_cache(maxsize=65536)
def fits(pattern: str, value: str) -> bool:
    """Return whether an expression fits a whole value.

    Raises:
        MatcherError: it is no expression.
    """
    return compiled(pattern).fullmatch(value.encode(errors="replace").decode()) is not None


def holds(one: Matcher, value: str) -> bool:
    """Return whether a label of this value ("" where it is missing) is as the matcher says."""
    like = fits(one.value, value) if one.operator in EXPRESSIONS else one.value == value
    return like is (one.operator in POSITIVE)


def matches(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Return whether labels are as all matchers say."""
    return all(holds(one, labels.get(one.name, "")) for one in matchers)


def says_nothing(one: Matcher) -> bool:
    """Return whether a matcher holds for what has no such label, so that it alone would match everything.

    As in Alertmanager, one that denies (`!=`, `!~`) counts as saying something.
    """
    return one.operator in POSITIVE and holds(one, "")


def filtered(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Return whether the filter of a request lets labels through, as Alertmanager's API decides it.

    It differs from `matches` where a value is empty: a matcher that denies nothing passes whatever has the label.
    """
    return all(_lets_through(one, labels) for one in matchers)


def _lets_through(one: Matcher, labels: Labels) -> bool:
    present = one.name in labels
    if not one.value and present is (one.operator not in POSITIVE):
        return True
    return holds(one, labels.get(one.name, ""))
