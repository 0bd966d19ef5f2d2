"""The phrases that are shipped: what a notice must not or should not say, a file for each language beside this one.

And the words that are too common to name anybody: what notices are written with, months, weekdays, names of zones, and
words that companies are called by.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale

from alerts.languages import SHIPPED, shipped
from alerts.phrase import ObjectionGrade, Pack
from alerts.tokens import words


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """Return the packs of every language that is shipped."""
    return tuple(_pack(language, rule) for language in SHIPPED for rule in _file(language)["packs"])


def _pack(language: str, rule: dict[str, Any]) -> Pack:
    return Pack(
        rule=rule["rule"],
        phrases=tuple(rule["phrases"]),
        language=language,
        jurisdictions=tuple(rule.get("jurisdictions", ())),
        grade=ObjectionGrade(rule.get("grade", ObjectionGrade.REFUSE)),
        why=rule["why"],
        advice=rule["advice"],
    )


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def common_words() -> frozenset[str]:
    """Return the words, as they are compared, that say nothing about a client by themselves."""
    known = [word for language in SHIPPED for word in _file(language)["common"]]
    known += [text for one in shipped().catalogues.values() for texts in one.messages.values() for text in texts]
    known += [text for language in SHIPPED for text in _of_calendars(Locale.parse(language))]
    return frozenset(word for text in known for word in words(text))


def _of_calendars(locale: Locale) -> list[str]:
    """Names of months, weekdays and zones: `March` may be a client, and stands in every other notice."""
    dates = (locale.months, locale.days)
    named = [name for table in dates for width in table["format"].values() for name in width.values()]
    zones = [text for zone in locale.meta_zones.values() for width in zone.values() for text in width.values()]
    return [*named, *zones]
