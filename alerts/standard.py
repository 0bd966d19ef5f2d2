"""The standard texts of notices, put together from the sentences of the reader's language.

First what it means for the reader, what is not affected and what they can do; then what is done; then when they hear
again. It is said of an end whether anything was lost, and only there that we are sorry, once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alerts import sentences
from alerts.audience import Aftermath, Audience
from alerts.message import Stage
from alerts.templating import Value
from alerts.told import symptom_texts, told
from alerts.words import Catalogue

UNSPACED = frozenset({"ja", "zh"})
"""Languages that put no space between sentences."""
MARK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Speech:
    """One audience's facts in the sentences of one language."""

    audience: Audience
    catalogue: Catalogue
    facts: Mapping[str, str]

    def __call__(self, sentence: str) -> str:
        """Return a sentence with what is true for the reader in the place of its marks."""
        # Once over the sentence only: what a name or a note holds is no mark.
        return MARK.sub(lambda mark: self.facts[mark[1]], self.catalogue.text(sentence))


def speech(audience: Audience, catalogue: Catalogue) -> Speech:
    """Return what says an audience's facts in a language."""
    return Speech(audience, catalogue, told(audience, catalogue))


def subject(audience: Audience, catalogue: Catalogue) -> str:
    """Return the standard subject; it carries the number, so that replies can be matched."""
    return f"{catalogue.text(sentences.SUBJECTS[audience.stage])} ({audience.number})"


def paragraphs(say: Speech) -> tuple[str, ...]:
    """Return the paragraphs of the standard text of an audience's stage."""
    audience = say.audience
    if audience.planned is not None:
        parts = _maintenance(say)
    elif audience.stage is Stage.RESOLVED:
        parts = _resolved(say)
    elif audience.stage is Stage.RETRACTED:
        parts = _retracted(say)
    else:
        parts = _going_on(say)
    between = "" if say.catalogue.language in UNSPACED else " "
    return tuple(between.join(part) for part in map(tuple, parts) if part)


def _going_on(say: Speech) -> Iterator[Iterator[str]]:
    yield iter(symptom_texts(say.audience, say.catalogue))
    yield _added(say)
    yield _progress(say)
    yield iter((_promise(say),))


def _promise(say: Speech) -> str:
    """When the reader hears again, as far as that is promised."""
    stage = say.audience.stage
    if stage.closes:
        return ""
    if say.audience.planned is not None:
        return say(sentences.NEXT_PLANNED.get(stage, sentences.NEXT_PLANNED[Stage.SCHEDULED]))
    return say(sentences.NEXT_BY if "next_update" in say.facts else sentences.NEXT_CHANGE)


def _doing(say: Speech) -> str:
    stage = say.audience.stage
    if stage.closes or say.audience.planned is not None:
        return ""
    return say(sentences.DOING.get(stage, sentences.DOING[Stage.UPDATE]))


def _progress(say: Speech) -> Iterator[str]:
    if "began" in say.facts:
        yield say(sentences.BEGAN)
    if say.audience.late:
        yield say(sentences.JOINED)
    yield _doing(say)


def _added(say: Speech) -> Iterator[str]:
    """What the team says besides, in its own words."""
    if "note" in say.facts:
        yield say.facts["note"]
    if "unaffected" in say.facts:
        yield say(sentences.UNAFFECTED)
    if "workaround" in say.facts:
        yield say(sentences.WORKAROUND)


def _resolved(say: Speech) -> Iterator[Iterator[str]]:
    if say.audience.aftermath is Aftermath.UNKNOWN or "recovered" not in say.facts:
        yield iter((say(sentences.CLOSED), *_began(say)))
        yield _added(say)
        yield iter((say(sentences.ANSWER), say(sentences.APOLOGY)))
        return
    yield iter((say(sentences.OVER), say(_outcome(say.audience)), *_began(say)))
    yield _added(say)
    yield iter((say(sentences.APOLOGY),))


def _outcome(audience: Audience) -> str:
    if audience.aftermath is Aftermath.UNKNOWN:
        return sentences.ANSWER
    return sentences.FAILED if audience.aftermath is Aftermath.FAILED else sentences.PROCESSED


def _began(say: Speech) -> Iterator[str]:
    if "began" in say.facts:
        yield say(sentences.BEGAN)


def _retracted(say: Speech) -> Iterator[Iterator[str]]:
    yield iter((say(sentences.RETRACTED if "began" in say.facts else sentences.FALSE_ALARM),))
    yield _added(say)
    yield iter((say(sentences.NOTHING_TO_DO), say(sentences.APOLOGY)))


def _maintenance(say: Speech) -> Iterator[Iterator[str]]:
    stage = say.audience.stage
    yield iter((say(_what(say.audience)), *_before(say)))
    yield _work(say)
    if not stage.closes:
        yield iter((_promise(say),))


def _what(audience: Audience) -> str:
    planned, going_on = audience.planned, audience.stage is Stage.IN_PROGRESS
    if planned is not None and going_on and (planned.overran or planned.short):
        return sentences.OVERRAN if planned.overran else sentences.UNANNOUNCED
    return sentences.PLANNED.get(audience.stage, sentences.PLANNED[Stage.SCHEDULED])


def _before(say: Speech) -> Iterator[str]:
    if say.audience.stage is Stage.MOVED and "former_start" in say.facts:
        yield say(sentences.FORMERLY)
    if say.audience.planned is not None and say.audience.planned.short:
        yield say(sentences.SHORT_NOTICE)


def _work(say: Speech) -> Iterator[str]:
    if not say.audience.stage.closes:
        yield say(sentences.AFFECTS)
        if "work" in say.facts:
            yield say(sentences.WORK)
    yield from _added(say)


def facts_for_templates(audience: Audience, catalogue: Catalogue) -> Mapping[str, Value]:
    """Return everything that a template may print of an audience, in words; what is not known is left out.

    The standard text is among it, whole and in its sentences, so that a template can say something around it.
    """
    say = speech(audience, catalogue)
    sentence = {
        "doing": _doing(say),
        "promise": _promise(say),
        "outcome": say(_outcome(audience)) if audience.stage is Stage.RESOLVED else "",
    }
    return {
        **say.facts,
        **{name: text for name, text in sentence.items() if text},
        "tier": audience.tier,
        "stage": audience.stage.value,
        "language": catalogue.language,
        "timezone": audience.timezone,
        "subject": subject(audience, catalogue),
        "text": "\n\n".join(paragraphs(say)),
        "symptoms": symptom_texts(audience, catalogue),
        "first": audience.first,
        "late": audience.late,
        "updates": audience.updates,
        "aftermath": audience.aftermath.value,
    }
