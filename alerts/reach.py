"""Whom a notice reaches, and with which words: what is looked at before it is sent.

A recipient's address is never here, only what kind of channel it is and its masked form.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.approving import still_meant, written
from alerts.draft import Context
from alerts.incident import Incident
from alerts.lint import Objection
from alerts.masked import Masked
from alerts.message import Stage
from alerts.notice import Written
from alerts.notice_draft import DraftCause, DraftId, NoticeDraft
from probes.catalog import ClientId, SecretRef, TierId

Addresses = Callable[[SecretRef], Masked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One contact of one client that would be told. `text` counts the texts of the preview, from 0."""

    client: ClientId
    name: str
    tier: TierId
    contact: str
    address: Masked
    language: str
    timezone: str
    text: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as some readers would get it, and what is objected to in it; `refused` ones must not go out."""

    language: str
    subject: str
    body: str
    readers: int
    objections: tuple[Objection, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything that sending a notice would do. `left` are clients of it who are to be told something else by now."""

    stage: Stage
    fingerprint: str
    recipients: tuple[Recipient, ...]
    texts: tuple[Text, ...]
    left: tuple[ClientId, ...] = ()

    @property
    def clients(self) -> int:
        """How many clients are told."""
        return len({one.client for one in self.recipients})

    @property
    def tiers(self) -> Mapping[TierId, int]:
        """How many clients of each tier are told."""
        return Counter({one.client: one.tier for one in self.recipients}.values())

    @property
    def refused(self) -> bool:
        """Whether any of its texts must not go out."""
        return any(one.refused for one in self.texts)


def preview(one: NoticeDraft, incident: Incident, context: Context, addresses: Addresses, now: datetime) -> Preview:
    """Return what sending a draft now would do."""
    meant = still_meant(one, incident, now) if one.waiting else one.clients
    left = tuple(client for client in one.clients if client not in set(meant))
    return _of(written(one, incident, meant, context, now), one.stage, one.text, addresses, left)


def preview_stage(incident: Incident, stage: Stage, context: Context, addresses: Addresses, now: datetime) -> Preview:
    """Return what telling a stage of an incident to everybody whom it concerns would do, whether or not it is due."""
    told = (
        client
        for client, one in incident.impacts.items()
        if one.terms.notices.tells and one.terms.contacts and (one.owed if stage.closes else one.recovered is None)
    )
    draft = NoticeDraft(
        id=DraftId(""),
        incident=incident.id,
        tier=TierId(""),
        stage=stage,
        cause=DraftCause.BY_HAND,
        clients=tuple(told),
        facts="",
        made=now,
    )
    return _of(written(draft, incident, draft.clients, context, now), stage, "", addresses, ())


def _of(
    letters: Iterable[Written], stage: Stage, text: str, addresses: Addresses, left: tuple[ClientId, ...]
) -> Preview:
    places: dict[tuple[str, str, str], int] = {}
    readers: Counter[int] = Counter()
    texts: list[Written] = []
    recipients: list[Recipient] = []
    for one in letters:
        key = one.letter.language, one.letter.subject, one.letter.body
        if key not in places:
            places[key] = len(texts)
            texts.append(one)
        readers[places[key]] += 1
        recipients.append(_recipient(one, addresses, places[key]))
    return Preview(
        stage=stage,
        fingerprint=text,
        recipients=tuple(recipients),
        texts=tuple(_text(one, readers[place]) for place, one in enumerate(texts)),
        left=left,
    )


def _recipient(one: Written, addresses: Addresses, text: int) -> Recipient:
    terms = one.impact.terms
    return Recipient(
        client=terms.client,
        name=terms.name,
        tier=terms.tier,
        contact=one.contact.name,
        address=addresses(one.contact.channel),
        language=one.letter.language,
        timezone=one.audience.timezone,
        text=text,
    )


def _text(one: Written, readers: int) -> Text:
    return Text(
        language=one.letter.language,
        subject=one.letter.subject,
        body=one.letter.body,
        readers=readers,
        objections=one.objections,
        refused=one.refused,
    )
