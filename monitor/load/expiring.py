"""Credentials that end soon, by the day that stands in the configuration."""

from collections.abc import Iterator
from datetime import datetime

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled


def expiring(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield the credentials that end soon by the day in the configuration, or should have ended."""
    for system in config.catalog.systems.values():
        end, before = system.renewal.credential_expires, system.renewal.credential
        if end is not None and end - now <= before:
            gone = end <= now
            told = "has passed" if gone else f"is less than {spelled(before)} ahead"
            message = f"{told}: renew the credential, and write the day on which the new one ends"
            grade = Grade.SEVERE if gone else Grade.MINOR
            yield sections.parts["systems"][system.id].problem(message, ("credential_expires",), grade)
