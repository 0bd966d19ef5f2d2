"""What a notice says: an audience and the words make a letter.

Nothing but the audience is known here, so nothing else can be told.
"""

from dataclasses import dataclass
from enum import StrEnum
from html import escape

from alerts.audience import Audience, anonymous
from alerts.standard import paragraphs, speech, subject
from alerts.words import Words


class FallbackReason(StrEnum):
    """Why a letter is the safe generic text of its stage and not what it was to be."""

    TEMPLATE_FAILED = "template_failed"
    TOO_LONG = "too_long"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """That a letter is the safe generic text: why, and in words for the team, which no client is ever sent."""

    reason: FallbackReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one reader is sent: a subject, a plain body, the same as HTML, and the language that it is in.

    `templated` says that a template of the configuration made it.
    """

    subject: str
    body: str
    html: str
    language: str
    fallback: Fallback | None = None
    templated: bool = False


def render(audience: Audience, words: Words) -> Letter:
    """Return the letter to one reader."""
    return _standard(audience, words, None)


def generic(audience: Audience, words: Words, fallback: Fallback | None = None) -> Letter:
    """Return the safe generic text of a stage: nothing in it was named or written by anybody."""
    return _standard(anonymous(audience), words, fallback)


def _standard(audience: Audience, words: Words, fallback: Fallback | None) -> Letter:
    catalogue = words.catalogue(audience.language)
    parts = paragraphs(speech(audience, catalogue))
    return Letter(
        subject=subject(audience, catalogue),
        body="\n\n".join(parts),
        html="\n".join(f"<p>{escape(one)}</p>" for one in parts),
        language=catalogue.language,
        fallback=fallback,
    )
