"""A letter that may go out: rendered, read by the linter, and the safe generic text where something is refused."""

from dataclasses import dataclass

from alerts.audience import Audience
from alerts.forbidden import Forbidden
from alerts.letter import Fallback, FallbackReason, Letter, generic, render
from alerts.lint import Objection, lint, refused
from alerts.phrase import ObjectionGrade
from alerts.sentences import RECORDS
from alerts.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A letter that may go out, and what was wrong with the one that it was to be.

    If anything was refused, or a template failed, the letter is the generic one and its `fallback` says why.
    """

    letter: Letter
    objections: tuple[Objection, ...] = ()


def checked(audience: Audience, words: Words, forbidden: Forbidden) -> Checked:
    """Return the letter that may go out to a reader, never none, with what the linter objects to."""
    letter = render(audience, words)
    if _says_only_facts(audience, letter):
        return Checked(letter=letter)
    objections = lint(letter, audience, forbidden)
    if not refused(objections):
        return Checked(letter=letter, objections=objections)
    rules = dict.fromkeys(one.rule for one in objections if one.grade is ObjectionGrade.REFUSE)
    fallback = Fallback(reason=FallbackReason.REFUSED, detail=f"the linter refuses it: {', '.join(rules)}")
    return Checked(letter=generic(audience, words, fallback), objections=objections)


def _says_only_facts(audience: Audience, letter: Letter) -> bool:
    """Whether nothing in a letter was named or written by anybody, so that there is nothing to object to.

    So are nearly all of the thousands that one incident sends.
    """
    if letter.fallback is not None:
        return True
    written = audience.note or audience.unaffected or audience.workaround
    worked = audience.planned is not None and audience.planned.work
    named = any(one.flow and one.flow not in RECORDS for one in audience.symptoms)
    return not (written or worked or named or letter.templated)
