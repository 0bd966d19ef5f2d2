"""What a notice says: an audience and the words make a letter.

Nothing but the audience is known here, so nothing else can be told.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape

from alerts.audience import Audience, anonymous
from alerts.standard import facts_for_templates, paragraphs, speech, subject
from alerts.template import Template
from alerts.templating import TemplateFailed, TemplateTooLong, made
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


LONGEST_SUBJECT = 200
LONGEST_BODY = 10_000
LONGEST_HTML = 40_000


def render(audience: Audience, words: Words) -> Letter:
    """Return the letter to one reader: by the template for them, or else the standard text of its stage.

    If the template fails it is the generic text, and says so: a reader is always written to.
    """
    template = words.templates.of(audience)
    if template is None:
        return _standard(audience, words, None)
    try:
        return _templated(audience, words, template)
    except TemplateTooLong as error:
        return generic(audience, words, _failed(FallbackReason.TOO_LONG, template, error))
    except TemplateFailed as error:
        return generic(audience, words, _failed(FallbackReason.TEMPLATE_FAILED, template, error))


def _failed(reason: FallbackReason, template: Template, error: TemplateFailed) -> Fallback:
    return Fallback(reason=reason, detail=f"template {template.name}: {error}")


def _templated(audience: Audience, words: Words, template: Template) -> Letter:
    catalogue = words.catalogue(template.language or audience.language)
    standard = _standard(replace(audience, language=catalogue.language), words, None)
    facts = facts_for_templates(audience, catalogue)
    title = " ".join(made(template.subject, facts, LONGEST_SUBJECT).split()) if template.subject else standard.subject
    body = made(template.body, facts, LONGEST_BODY).strip() if template.body else standard.body
    if not body:
        raise TemplateFailed("it makes an empty text")
    html = made(template.html, facts, LONGEST_HTML, escaped=True).strip() if template.html else _as_html(body)
    return Letter(
        # Replies are matched by the number, whatever a template says.
        subject=title if audience.number in title else f"{title} ({audience.number})",
        body=body,
        html=html,
        language=template.language or catalogue.language,
        templated=True,
    )


def _as_html(body: str) -> str:
    lines = (escape(part).replace("\n", "<br>") for part in re.split(r"\n\s*\n", body))
    return "\n".join(f"<p>{part}</p>" for part in lines)


def generic(audience: Audience, words: Words, fallback: Fallback | None = None) -> Letter:
    """Return the safe generic text of a stage: nothing in it was named or written by anybody."""
    return _standard(anonymous(audience), words, fallback)


def _standard(audience: Audience, words: Words, fallback: Fallback | None) -> Letter:
    catalogue = words.catalogue(audience.language)
    parts = paragraphs(speech(audience, catalogue))
    return Letter(
        subject=subject(audience, catalogue),
        body="\n\n".join(parts),
        html=_as_html("\n\n".join(parts)),
        language=catalogue.language,
        fallback=fallback,
    )
