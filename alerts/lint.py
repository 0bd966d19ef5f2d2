"""Reads a notice before it goes out, and objects to what must not leave: pure, and the same for every text of ours.

What is refused does not go out: the stage's safe generic text does in its place, and the team is told. What is only
warned of is shown to whoever approves or writes it. An objection says where, why and what to do, and repeats nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import unescape
from ipaddress import ip_address

from alerts.alert import AlertKind
from alerts.audience import Audience
from alerts.forbidden import Forbidden, Hit, MarkKind
from alerts.letter import Letter
from alerts.phrase import ObjectionGrade, Pack
from alerts.tokens import Token, tokens

REFUSE, WARN = ObjectionGrade.REFUSE, ObjectionGrade.WARN


class Rule(StrEnum):
    """What is objected to. Packs of phrases may have rules of their own beside these."""

    OTHER_CLIENT = "other_client"
    SYSTEM = "system"
    HOST = "host"
    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105 - the name of a rule
    TICKET = "ticket"
    BLAME = "blame"
    GUESS = "guess"
    REPAIR_TIME = "repair_time"
    OUTAGE = "outage"


class Part(StrEnum):
    """Which part of a letter a place is in."""

    SUBJECT = "subject"
    BODY = "body"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One thing that is wrong with a text: its place, from `start` to before `end`, why, and what to do."""

    rule: str
    grade: ObjectionGrade
    start: int
    end: int
    why: str
    advice: str
    part: Part = Part.BODY


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is recognised by how it is written."""

    rule: Rule
    grade: ObjectionGrade
    shape: re.Pattern[str]
    why: str
    advice: str


_WITHOUT = "say what it means for the reader without it"
_OR_WORD = "leave it if it is meant as that word; otherwise take it out"
_KEY_WHY = "it looks like a secret: a key, a token, a password or an address with one in it"
_KEY_ADVICE = "take it out, and change it if anybody has seen it"

PATTERNS = (
    Pattern(
        Rule.HOST,
        REFUSE,
        re.compile(
            r"(?<![\w.-])(?:localhost|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\."
            r"(?:internal|intranet|intra|local|localdomain|lan|corp|private|svc|home\.arpa))(?![\w-])",
            re.IGNORECASE,
        ),
        "it is the name of an internal host",
        _WITHOUT,
    ),
    Pattern(
        Rule.SECRET,
        REFUSE,
        re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:[^\s/@]+@", re.IGNORECASE),
        _KEY_WHY,
        _KEY_ADVICE,
    ),
    Pattern(
        Rule.SECRET,
        REFUSE,
        re.compile(
            r"\b(?:sk|pk|rk|whsec)_(?:live_|test_)?\w{8,}|\bAKIA[0-9A-Z]{16}\b|\bgh[opsur]_\w{20,}|\bxox[abeprs]-[\w-]{10,}"
            r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:env|file):[\w/.-]+"
        ),
        _KEY_WHY,
        _KEY_ADVICE,
    ),
    Pattern(
        Rule.SECRET,
        REFUSE,
        re.compile(
            # "The password is not affected" tells nobody one: behind a verb it is what has a digit in it.
            r"\b(?:api[ _-]?key|access[ _-]?key|secret|token|password|passwd|pwd|passwort|kennwort|contrase\w+a"
            r"|mot de passe)\s*(?:[:=\uff1a]\s*\S+|(?:is|ist|es|est)\b\s*(?=\S*\d)\S+)"
            r"|(?:\u30d1\u30b9\u30ef\u30fc\u30c9|\u30c8\u30fc\u30af\u30f3)\s*[:=\uff1a\u306f]\s*[!-~]{4,}"
            r"|\bbearer\s+(?=\S*\d)[\w.~+/-]{8,}",
            re.IGNORECASE,
        ),
        _KEY_WHY,
        _KEY_ADVICE,
    ),
    Pattern(
        Rule.SECRET,
        WARN,
        re.compile(r"(?<![\w/=?&.-])(?=\w*\d)(?=\w*[a-zA-Z])\w{32,}(?![\w-])"),
        "it is so long and without words that it may be a secret",
        "take it out if it is one",
    ),
    Pattern(
        Rule.TICKET,
        REFUSE,
        re.compile(r"(?<![\w-])(?:[A-Z][A-Z0-9]{1,9}-\d{1,9}|(?:INC|CHG|PRB|RITM|TASK|REQ|CS)\d{5,}|#\d{2,})(?![\w-])"),
        "it looks like the number of a ticket of ours, which means nothing to a reader",
        "take it out; the notice's own number stands in its subject",
    ),
)
NO_PROJECTS = frozenset(
    [
        *("UTC", "GMT", "ISO", "IEC", "RFC", "DIN", "EN", "UTF", "SHA", "TLS", "HTTP", "PSD", "COVID", "KW", "FY"),
        *("Q1", "Q2", "Q3", "Q4", "H1", "H2", "T1", "T2", "T3", "T4", "S1", "S2"),
    ]
)
"""What stands before a number and is no tracker's: zones as `GMT-03:00`, standards, weeks, quarters and halves."""

_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w)|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\]?(?![\w:]))", re.IGNORECASE
)
_TAG = re.compile(r"<[^>]*>")
_COLOUR = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![\w-])", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|tr|td|th|table|h[1-6]))\b[^>]*>", re.IGNORECASE)


def lint(letter: Letter, audience: Audience, forbidden: Forbidden) -> tuple[Objection, ...]:
    """Return what is wrong with a letter to one reader, what is refused first."""
    found = [*lint_text(letter.subject, audience, letter.language, forbidden, Part.SUBJECT)]
    found += lint_text(letter.body, audience, letter.language, forbidden)
    for shown in _shown(letter):
        found += lint_text(shown, audience, letter.language, forbidden, Part.HTML)
    return tuple(sorted(found, key=lambda one: one.grade is WARN))


def refused(objections: Iterable[Objection]) -> bool:
    """Return whether a text must not go out."""
    return any(one.grade is REFUSE for one in objections)


def lint_text(
    text: str, audience: Audience, language: str, forbidden: Forbidden, part: Part = Part.BODY
) -> Iterator[Objection]:
    """Yield what is wrong with a text for one reader: also with one that somebody has only begun to write."""
    spoken = tokens(text)
    found = (*_others(spoken, audience, forbidden), *_written(text, audience), *_addresses(text))
    own = forbidden.own(spoken, audience.client)
    for one in (*found, *_phrases(spoken, audience, language, forbidden)):
        # Whoever is called "Outage Analytics" reads its own name.
        if one.rule == Rule.SECRET or not any(hit.start <= one.start and one.end <= hit.end for hit in own):
            yield replace(one, part=part)


def _shown(letter: Letter) -> Iterator[str]:
    """What an HTML body shows and holds besides the plain one: the text without its marks, and the marks."""
    text = unescape(_TAG.sub("", _BREAK.sub(" ", letter.html)))
    if text.split() != letter.body.split():
        yield text
    marks = unescape(" ".join(mark for mark in _TAG.findall(letter.html) if "=" in mark))
    marks = _COLOUR.sub("", marks)  # `#000000` is no ticket
    if marks:
        yield marks


def _others(spoken: Sequence[Token], audience: Audience, forbidden: Forbidden) -> Iterator[Objection]:
    for hit in forbidden.hits(spoken, audience.client):
        rule, grade, why, advice = _objected(hit)
        yield Objection(rule=rule, grade=grade, start=hit.start, end=hit.end, why=why, advice=advice)


def _objected(hit: Hit) -> tuple[Rule, ObjectionGrade, str, str]:
    if hit.mark.kind is MarkKind.HOST:
        return Rule.HOST, REFUSE, "it is the host of a system that is watched", _WITHOUT
    if not hit.mark.owners:
        return (
            Rule.SYSTEM,
            WARN,
            "a system or its vendor is called so",
            "unless it is meant as a plain word, " + _WITHOUT,
        )
    what = "named" if hit.mark.kind is MarkKind.NAME else "identified"
    if hit.mark.common:
        return Rule.OTHER_CLIENT, WARN, f"another client is {what} so, and it is also a common word", _OR_WORD
    return Rule.OTHER_CLIENT, REFUSE, f"another client is {what} so", "take it out; no client may learn of another"


def _written(text: str, audience: Audience) -> Iterator[Objection]:
    for pattern in PATTERNS:
        for match in pattern.shape.finditer(text):
            ticket = pattern.rule is Rule.TICKET
            known = match[0] == audience.number or match[0].partition("-")[0] in NO_PROJECTS
            if not (ticket and known):
                yield Objection(
                    rule=pattern.rule,
                    grade=pattern.grade,
                    start=match.start(),
                    end=match.end(),
                    why=pattern.why,
                    advice=pattern.advice,
                )


def _addresses(text: str) -> Iterator[Objection]:
    for match in _ADDRESS.finditer(text):
        try:
            private = not ip_address(match[0].strip("[]")).is_global
        except ValueError:
            continue
        if match[0] == "::":
            continue  # what also only parts two words
        yield Objection(
            rule=Rule.ADDRESS,
            grade=REFUSE if private else WARN,
            start=match.start(),
            end=match.end(),
            why="it is a private address" if private else "it is the address of a machine",
            advice=_WITHOUT,
        )


def _phrases(spoken: Sequence[Token], audience: Audience, language: str, forbidden: Forbidden) -> Iterator[Objection]:
    for found in forbidden.phrases.found(spoken, language.partition("-")[0], audience.jurisdiction):
        grade = _grade(found.pack, audience)
        if grade is not None:
            yield Objection(
                rule=found.pack.rule,
                grade=grade,
                start=found.start,
                end=found.end,
                why=found.pack.why,
                advice=found.pack.advice,
            )


def _grade(pack: Pack, audience: Audience) -> ObjectionGrade | None:
    """A planned end may be told, and what is over; and where nothing answers, "outage" may be the word for it.

    So it may for what is switched off as was planned.
    """
    if pack.rule == Rule.REPAIR_TIME and (audience.stage.closes or audience.planned is not None):
        return None
    full = any(one.kind == AlertKind.AVAILABILITY for one in audience.symptoms) or audience.planned is not None
    return WARN if pack.rule == Rule.OUTAGE and full else pack.grade
