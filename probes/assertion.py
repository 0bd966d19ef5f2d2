"""What is asserted of the records of a list, and of the totals at both ends of a flow: the values only.

Whether it holds is for `quality`, what follows where it does not for the rules of the room above.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class AssertionKind(StrEnum):
    """What is asserted of a field.

    `required`: it is there, neither null nor empty. `same`: records with one id in one look have the same content.
    `unique`: no two ids in one look share its value. `monotonic`: in the order of the list it never goes back.
    """

    REQUIRED = "required"
    SAME = "same"
    UNIQUE = "unique"
    MONOTONIC = "monotonic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One assertion on the records of a list: at most the share `at_most` (0 to 1) of those within `over` breaks it.

    `field` is a dotted path, "" for the whole record. With `page`, somebody is called when it is broken.
    """

    kind: AssertionKind
    field: str = ""
    at_most: float = 0.0
    over: timedelta = timedelta(days=1)
    page: bool = False

    @property
    def name(self) -> str:
        """What it is called, unique among those of a list."""
        return f"{self.kind.value}:{self.field}" if self.field else self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Both ends of a flow have the same number of records and the same sum in each currency, within `at_most` of it.

    What was created within `over` is added up, except for the last `settling`, in which records may be on their way.
    """

    over: timedelta = timedelta(hours=1)
    settling: timedelta = timedelta(minutes=15)
    at_most: float = 0.0
    page: bool = False
