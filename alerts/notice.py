"""The letters of notices and the messages that carry them: one to each contact of each client that is to be told.

Which notice is due to whom is for `news`, when somebody must consent for `proposing`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2s
from html import escape

from alerts.alert import IncidentId
from alerts.audience import Audience, audiences
from alerts.checked import Checked, checked
from alerts.draft import Context
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.letter import Letter
from alerts.lint import Objection, lint, refused
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.notice_draft import OwnText
from alerts.preferences import Reader
from alerts.sentences import NEXT_BY
from alerts.standard import speech
from alerts.words import Words
from probes.catalog import Catalog, ClientId, Contact

SEVERITIES = {
    Stage.MONITORING: MessageSeverity.INFO,
    Stage.RESOLVED: MessageSeverity.SUCCESS,
    Stage.RETRACTED: MessageSeverity.SUCCESS,
}

Own = Mapping[str, OwnText]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter to one contact of one client, and what it was written from. `place` counts the client's contacts.

    `objections` are to the text that it was to be; where one refuses it, it is the safe generic text, unless somebody
    wrote it. `again` tells its message from those of the time before another incident had the client.
    """

    impact: Impact
    contact: Contact
    place: int
    audience: Audience
    letter: Letter
    objections: tuple[Objection, ...] = ()
    again: str = ""

    @property
    def refused(self) -> bool:
        """Whether the text that it was to be must not go out."""
        return refused(self.objections)

    @property
    def message(self) -> Message:
        """The message that carries it."""
        incident, terms = IncidentId(self.audience.number), self.impact.terms
        return Message(
            key=f"{incident}/notice/{terms.client}/{len(self.impact.queued) + 1}/{self.place}{self.again}",
            kind=MessageKind.NOTICE,
            lane=Lane.NORMAL,
            stage=self.audience.stage,
            recipient=self.contact.name,
            channels=(self.contact.channel,),
            subject=self.letter.subject,
            body=self.letter.body,
            html=self.letter.html,
            created=self.audience.at,
            severity=SEVERITIES.get(self.audience.stage, MessageSeverity.WARNING),
            weight=terms.weight,
            incident=incident,
            client=terms.client,
        )

    @property
    def reader(self) -> Reader:
        """For whom it was written."""
        return Reader(contact=self.contact, timezone=self.impact.terms.timezone, first=not self.impact.owed)


NOTHING_OWN: Own = {}


def letters(  # noqa: PLR0913, PLR0917 - to whom, of what, in which words, and when
    incident: Incident,
    impacts: Iterable[Impact],
    stage: Stage,
    context: Context,
    now: datetime,
    own: Own = NOTHING_OWN,
) -> Iterator[Written]:
    """Yield the letters of one stage, one for each contact of each client; `own` is what somebody wrote instead."""
    reachable = (_reachable(impact, context.catalog) for impact in impacts)
    for impact, those in audiences(incident, reachable, stage, now):
        for place, (contact, audience) in enumerate(zip(impact.terms.contacts, those, strict=True), start=1):
            text = own_text(own, audience.language)
            one = (
                checked(audience, context.words, context.forbidden) if text is None else _read(audience, context, text)
            )
            yield Written(
                impact=impact,
                contact=contact,
                place=place,
                audience=audience,
                letter=one.letter,
                objections=one.objections,
                again=f"/{impact.joined:%Y%m%dT%H%M%SZ}" if incident.apart else "",
            )


def _reachable(impact: Impact, catalog: Catalog) -> Impact:
    """Return an impact with its contacts as they are now: whose address was put right is told there, and all of it."""
    client = catalog.clients.get(impact.terms.client)
    if client is None or client.contacts == impact.terms.contacts:
        return impact
    known, now = _by_name(impact.terms.contacts), _by_name(client.contacts)
    contacts = tuple(now.get(one.name, one) if one.name in known else one for one in impact.terms.contacts)
    return replace(impact, terms=replace(impact.terms, contacts=contacts))


def _by_name(contacts: Sequence[Contact]) -> Mapping[str, Contact]:
    """Return the contacts that no other one of the same client shares its name with."""
    several = Counter(one.name for one in contacts)
    return {one.name: one for one in contacts if several[one.name] == 1}


def own_text(own: Own, language: str) -> OwnText | None:
    """Return what somebody wrote for readers of a language: of it, or for all; None where nobody did."""
    found = (own.get(tag) for tag in (language, language.partition("-")[0].lower(), ""))
    return next((one for one in found if one is not None), None)


def _read(audience: Audience, context: Context, own: OwnText) -> Checked:
    letter = _by_hand(audience, context.words, own)
    return Checked(letter=letter, objections=lint(letter, audience, context.forbidden))


def _by_hand(audience: Audience, words: Words, own: OwnText) -> Letter:
    """Return what somebody wrote, with the number to refer to and, as in every notice, when the next one comes."""
    catalogue = words.catalogue(audience.language)
    parts = [part.strip() for part in own.body.split("\n\n") if part.strip()]
    if audience.next_update is not None:
        parts.append(speech(audience, catalogue)(NEXT_BY))
    subject = own.subject if audience.number in own.subject else f"{own.subject} ({audience.number})"
    html = "\n".join(f"<p>{escape(part)}</p>" for part in parts)
    return Letter(subject=subject, body="\n\n".join(parts), html=html, language=catalogue.language)


def fingerprint(*texts: str) -> str:
    """Return what tells texts from others."""
    return blake2s("\0".join(texts).encode(), digest_size=8).hexdigest()


def prints(written: Iterable[Written]) -> Mapping[ClientId, str]:
    """Return the fingerprint of all that each client is sent, and where, by client."""
    found: dict[ClientId, list[str]] = {}
    for one in written:
        parts = (one.contact.name, one.contact.channel, one.letter.subject, one.letter.body)
        found.setdefault(one.impact.terms.client, []).extend(parts)
    return {client: fingerprint(*texts) for client, texts in found.items()}
