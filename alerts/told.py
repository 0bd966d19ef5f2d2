"""What an audience comes to in words: each of its facts as its reader reads it, in their language and on their clock.

What is not known has no words here, so that nothing is ever told of it; the standard texts and templates share these.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from alerts import sentences
from alerts.alert import AlertKind
from alerts.audience import Audience, Symptom
from alerts.instants import when
from alerts.words import Catalogue

UTC_SUFFIX = "_utc"


def told(audience: Audience, catalogue: Catalogue) -> Mapping[str, str]:
    """Return every fact of an audience that is known, in words; instants on the reader's clock, and `_utc` in UTC."""
    language = spoken(audience, catalogue)
    words = {name: text for name, text in _texts(audience) if text}
    for name, at in _instants(audience):
        words[name] = when(at, audience.timezone, language)
        words[name + UTC_SUFFIX] = when(at, "UTC", language)
    return words


def spoken(audience: Audience, catalogue: Catalogue) -> str:
    """Return the tag by which dates are written: the reader's own, with its country, if that is the text's language."""
    own = audience.language
    return own if own.partition("-")[0].lower() == catalogue.language.partition("-")[0] else catalogue.language


def symptom_texts(audience: Audience, catalogue: Catalogue) -> tuple[str, ...]:
    """Return what the reader notices, each once."""
    lines = dict.fromkeys(_symptom(one, catalogue) for one in audience.symptoms if not _is_less(one, audience))
    return tuple(lines) or (catalogue.text(sentences.DISTURBED),)


def _is_less(symptom: Symptom, audience: Audience) -> bool:
    """Whether another symptom says more: what does not arrive at all is not told to be late."""
    return symptom.kind == AlertKind.SYNC_LATENCY and replace(symptom, kind=AlertKind.STAGNATION) in audience.symptoms


def _symptom(symptom: Symptom, catalogue: Catalogue) -> str:
    text = catalogue.text(sentences.SYMPTOMS[symptom.kind])
    return text.replace("{records}", _records(symptom.flow, catalogue)) if symptom.flow else text


def _records(flow: str, catalogue: Catalogue) -> str:
    if flow in sentences.RECORDS:
        return catalogue.text(flow)
    return catalogue.text(sentences.OTHER_RECORDS).replace("{flow}", flow)


def _texts(audience: Audience) -> Iterator[tuple[str, str]]:
    yield "number", audience.number
    yield "client", audience.name
    yield "contact", audience.contact
    yield "note", audience.note
    yield "unaffected", audience.unaffected
    yield "workaround", audience.workaround
    if audience.planned is not None:
        yield "work", audience.planned.work


def _instants(audience: Audience) -> Iterator[tuple[str, datetime]]:
    planned = audience.planned
    former = planned.former if planned is not None else None
    known = {
        "at": audience.at,
        "began": audience.began,
        "recovered": audience.recovered,
        "next_update": audience.next_update,
        "start": planned.start if planned is not None else None,
        "end": planned.end if planned is not None else None,
        "former_start": former[0] if former is not None else None,
        "former_end": former[1] if former is not None else None,
    }
    yield from ((name, at) for name, at in known.items() if at is not None)
