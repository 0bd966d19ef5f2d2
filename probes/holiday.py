"""Public holidays of countries and of parts of them, by the package `holidays`, whose data is installed and fixed."""

import re
from datetime import date
from functools import lru_cache

from holidays import HolidayBase, country_holidays

COUNTRY = re.compile(r"[A-Z]{2}(-\w{1,30})?")


def is_holiday(country: str, day: date) -> bool:
    """Return whether a day is a public holiday of a country, or of a part of it (DE-BY)."""
    return day in _holidays(country)


def known_country(code: str) -> bool:
    """Return whether the holidays of a country, or of a part of it (DE-BY), are known."""
    try:
        return COUNTRY.fullmatch(code) is not None and _holidays(code) is not None
    except NotImplementedError:
        return False


@lru_cache(maxsize=256)
def _holidays(code: str) -> HolidayBase:
    """The public holidays of a country; its years fill themselves in as they are asked for."""
    country, _, part = code.partition("-")
    return country_holidays(country, subdiv=part or None)
