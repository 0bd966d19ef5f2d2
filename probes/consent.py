"""Who consents to the notices of a tier before they are sent, and for which of them two people do."""

from dataclasses import dataclass
from enum import StrEnum


class NamedKind(StrEnum):
    """What a name is of."""

    PERSON = "person"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person, or everybody of a schedule, by name."""

    kind: NamedKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who may approve a tier's notices (nobody named: the communications team), and the stages that two approve.

    Stages stand by their words; `always` says that two people approve every notice.
    """

    approvers: tuple[Named, ...] = ()
    four_eyes: frozenset[str] = frozenset()
    always: bool = False

    def eyes(self, stage: str) -> int:
        """Return how many different people approve a notice of a stage."""
        return 2 if self.always or stage in self.four_eyes else 1


ANYBODY = Consent()
