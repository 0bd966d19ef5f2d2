"""That the contract of a client in an incident is another one from now on; both stay on record."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from alerts.impact import Terms


class RevisionCause(StrEnum):
    """Why a contract is another than the one that a client was hurt under."""

    DATE = "date"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The contract of a client as it was and as it is from now on."""

    before: Terms
    after: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRevised:
    """Contracts of hurt clients changed in mid-incident: the clocks that run are reckoned anew under the new ones."""

    at: datetime
    revisions: tuple[Revision, ...]
    cause: RevisionCause
    kind: Literal["contract_revised"] = "contract_revised"
