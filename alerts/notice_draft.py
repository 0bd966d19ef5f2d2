"""Drafts of client notices: what waits for somebody's consent, what was consented to, and what became of it.

A draft is for clients who are to be told the same at the same stage; each reader's text is rendered from their own
facts when it is shown and when it is sent. When one is made or dies is for `proposing`, what people do with it for
`approving`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Literal, NewType

from alerts.alert import IncidentId
from alerts.message import Stage
from probes.catalog import ClientId, TierId

DraftId = NewType("DraftId", str)


class DraftCause(StrEnum):
    """Why a notice does not go out by itself."""

    APPROVAL = "approval"
    BY_HAND = "by_hand"
    NO_NEWS = "no_news"
    REFUSED = "refused"

    @property
    def restricted(self) -> bool:
        """Whether only those whom the tier names may send it."""
        return self in (DraftCause.APPROVAL, DraftCause.BY_HAND)


class DraftState(StrEnum):
    """Where a draft stands. What is approved is sent in the same moment; what is refused, somebody refused."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    REFUSED = "refused"


class DraftMove(StrEnum):
    """What was done to a draft, or happened to it."""

    MADE = "made"
    WIDENED = "widened"
    EDITED = "edited"
    APPROVED = "approved"
    SENT = "sent"
    REFUSED = "refused"
    DIED = "died"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMoved:
    """Something was done to a draft of notices, or happened to it; `by` is None where nobody did it."""

    at: datetime
    draft: DraftId
    move: DraftMove
    stage: Stage
    clients: int
    why: str = ""
    by: str | None = None
    kind: Literal["draft_moved"] = "draft_moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody's consent to a text, which is known by its fingerprint, and when it was given."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """What somebody wrote in place of what we had drafted, for readers of one language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    """A notice of one stage to clients of one tier, that waits for consent or did.

    `facts` and `stage` are the state that it is for, `texts` are the fingerprints of what each client would get, and
    `own` is what somebody wrote instead, by language. `due` is when a promise breaks that it would keep. `eyes` is how
    many different people must approve it. `why` is what became of it, in words; `objections` are those to the text.
    """

    id: DraftId
    incident: IncidentId
    tier: TierId
    stage: Stage
    cause: DraftCause
    clients: tuple[ClientId, ...]
    facts: str
    made: datetime
    due: datetime | None = None
    eyes: int = 1
    texts: Mapping[ClientId, str] = field(default_factory=dict)
    own: Mapping[str, OwnText] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    objections: tuple[str, ...] = ()
    state: DraftState = DraftState.WAITING
    why: str = ""
    ended: datetime | None = None

    @property
    def text(self) -> str:
        """The fingerprint of all that would be sent: an approval is for this."""
        lines = (f"{client} {text}" for client, text in sorted(self.texts.items()))
        return blake2s("\n".join((self.stage, self.facts, *lines)).encode(), digest_size=8).hexdigest()

    @property
    def holds(self) -> bool:
        """Whether nothing else is proposed for the same state: it waits, or somebody refused it."""
        return self.state in (DraftState.WAITING, DraftState.REFUSED)

    @property
    def waiting(self) -> bool:
        """Whether it can still be approved."""
        return self.state is DraftState.WAITING

    def moved(self, move: DraftMove, at: datetime, why: str = "", by: str | None = None) -> DraftMoved:
        """Return the timeline's word of what was done to it."""
        return DraftMoved(at=at, draft=self.id, move=move, stage=self.stage, clients=len(self.clients), why=why, by=by)


Drafts = Mapping[DraftId, NoticeDraft]


def holding(drafts: Drafts, incident: IncidentId) -> Iterator[NoticeDraft]:
    """Yield the drafts of an incident that wait, or that somebody refused."""
    return (one for one in drafts.values() if one.holds and one.incident == incident)
