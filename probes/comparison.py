"""What both ends of a flow should say alike of a record: the configuration's `compare`, as values.

Reading it off a record is for `compare`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Compared(StrEnum):
    """What is compared: the record's money as the connectors declare it, or a field of each end."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    FIELD = "field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing that both ends should say alike; `name` is what people call it.

    `source` and `destination` are the paths of a field, and `words` maps its words at either end to one of ours, so
    that `paid` here can be `settled` there. A word that is not declared is compared with nothing.
    """

    name: str
    compared: Compared = Compared.FIELD
    source: str = ""
    destination: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
