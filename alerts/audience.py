"""What one reader may be told of one incident or one maintenance: that client's own facts, and nothing else.

Whoever makes the words of a notice is handed an :class:`Audience` and the words, by type: no incident, no catalog and
no other client can be reached from it. So what is another's cannot be told by any mistake of wording.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from alerts.failures import BY_ALERT
from alerts.impact import Impact, Terms
from alerts.incident import Incident
from alerts.message import Stage
from alerts.reckoning import update_due
from alerts.sentences import SYMPTOMS
from probes.catalog import ClientId, Contact

OF_FLOWS = frozenset(kind for kind, text in SYMPTOMS.items() if "{records}" in text)
FINAL = frozenset(BY_ALERT)
"""What is over once it no longer happens: what has failed so stays failed, and nothing of it is caught up."""


LATE = timedelta(minutes=10)
"""Whom it reaches so long after others were told of it joins late, and is told what is known."""


class Aftermath(StrEnum):
    """What is known of a client's records once it is over."""

    PROCESSED = "processed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What a reader notices: a kind of trouble, and the flow of their own records where it is about one."""

    kind: str
    flow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """When maintenance is planned, under its number; when it was before it was moved; what is done, for clients.

    `short` says that it is announced later than was agreed, `overran` that it takes longer than was said.
    """

    number: str
    start: datetime
    end: datetime
    former: tuple[datetime, datetime] | None = None
    work: str = ""
    short: bool = False
    overran: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Exactly what one reader may be told. `number` is what they may refer to, `at` when this is said.

    `first` says that it is the first they hear of it, `late` that others heard of it before; `updates` counts what they
    were sent before. `next_update` is by when they hear again, None where nothing is promised. What the team adds in
    free text, `note`, `unaffected` and `workaround`, was written for this reader's notice.
    """

    number: str
    stage: Stage
    at: datetime
    client: ClientId
    name: str
    tier: str
    contact: str = ""
    language: str = "en"
    timezone: str = "UTC"
    jurisdiction: str = ""
    began: datetime | None = None
    recovered: datetime | None = None
    aftermath: Aftermath = Aftermath.UNKNOWN
    symptoms: tuple[Symptom, ...] = ()
    next_update: datetime | None = None
    first: bool = False
    late: bool = False
    updates: int = 0
    planned: Planned | None = None
    note: str = ""
    unaffected: str = ""
    workaround: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an incident's notices share, gathered once: its symptoms by client, and since when anybody is told of it."""

    symptoms: Mapping[ClientId | None, tuple[Symptom, ...]]
    told: datetime | None


def facts_of(incident: Incident) -> Facts:
    """Return what all notices of an incident are made from; what concerns everybody on a system stands under None."""
    found: dict[ClientId | None, set[tuple[str, str]]] = {}
    for key in incident.alerts:
        kind, subject, *client = key.split("/", 2)
        # A hop of a longer way is called after its systems, and those are nobody's business.
        flow = subject.partition(".")[0] if kind in OF_FLOWS else ""
        found.setdefault(ClientId(client[0]) if client else None, set()).add((kind, flow))
    queued = (at for impact in incident.impacts.values() for _, at in impact.queued[:1])
    symptoms = {
        client: tuple(Symptom(kind=kind, flow=flow) for kind, flow in sorted(hits)) for client, hits in found.items()
    }
    return Facts(symptoms=symptoms, told=min(queued, default=None))


def audience_of(incident: Incident, impact: Impact, contact: Contact, stage: Stage, now: datetime) -> Audience:
    """Return what one contact of one hurt client may be told."""
    return replace(_of_client(incident, facts_of(incident), impact, stage, now), **_reader(impact.terms, contact))


def audiences(
    incident: Incident, impacts: Iterable[Impact], stage: Stage, now: datetime
) -> Iterator[tuple[Impact, tuple[Audience, ...]]]:
    """Yield what each contact of each of these clients may be told, with what is common gathered once."""
    facts = facts_of(incident)
    for impact in impacts:
        whole = _of_client(incident, facts, impact, stage, now)
        yield impact, tuple(replace(whole, **_reader(impact.terms, one)) for one in impact.terms.contacts)


def _of_client(incident: Incident, facts: Facts, impact: Impact, stage: Stage, now: datetime) -> Audience:
    own = facts.symptoms.get(impact.terms.client, ())
    first = not impact.queued
    return Audience(
        number=incident.id,
        stage=stage,
        at=now,
        client=impact.terms.client,
        name=impact.terms.name,
        tier=impact.terms.tier,
        began=impact.onset,
        recovered=impact.recovered,
        aftermath=_aftermath(incident, own, stage),
        symptoms=tuple(one for one in (*facts.symptoms.get(None, ()), *own) if one.kind in SYMPTOMS),
        next_update=None if stage.closes else update_due(impact.terms, now),
        first=first,
        late=first and facts.told is not None and impact.onset - facts.told >= LATE,
        updates=len(impact.queued),
    )


def maintenance_audience(planned: Planned, terms: Terms, contact: Contact, stage: Stage, now: datetime) -> Audience:
    """Return what one contact of a client may be told of a maintenance that concerns that client."""
    whole = Audience(
        number=planned.number,
        stage=stage,
        at=now,
        client=terms.client,
        name=terms.name,
        tier=terms.tier,
        planned=planned,
    )
    return replace(whole, **_reader(terms, contact))


class _Reader(TypedDict):
    contact: str
    language: str
    timezone: str
    jurisdiction: str


def _reader(terms: Terms, contact: Contact) -> _Reader:
    return _Reader(
        contact=contact.name,
        language=contact.language or terms.locale,
        timezone=contact.timezone or terms.timezone,
        jurisdiction=contact.jurisdiction,
    )


def _aftermath(incident: Incident, own: tuple[Symptom, ...], stage: Stage) -> Aftermath:
    """An end by somebody's word claims nothing that the data did not show."""
    if stage is not Stage.RESOLVED or incident.resolved_by is not None:
        return Aftermath.UNKNOWN
    return Aftermath.FAILED if {one.kind for one in own} & FINAL else Aftermath.PROCESSED


def anonymous(audience: Audience) -> Audience:
    """Return an audience with nothing that anybody has named or written: what the safe generic texts are made from."""
    planned = replace(audience.planned, work="") if audience.planned is not None else None
    return replace(audience, name="", contact="", symptoms=(), planned=planned, note="", unaffected="", workaround="")
