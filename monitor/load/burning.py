"""Availability targets so low that their error budget cannot burn as fast as a page or a ticket calls for.

Arithmetic on the catalog only. Findings, never errors: the rules are skipped, and an outage of everything still pages.
"""

from collections.abc import Iterator

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled
from probes.burn import SLOW, URGENT, Rule
from probes.objectives import Availability


def unburnable(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the targets of which some burn rate can never be reached."""
    for name, tier in config.catalog.tiers.items():
        promise = tier.objectives.availability
        beyond = [rule for rule in (*URGENT, *SLOW) if promise is not None and rule.allowed(promise) >= 1]
        if promise is not None and beyond:
            loc = ("objectives", "availability", "target")
            yield sections.parts["tiers"][name].problem(_message(promise, beyond), loc, Grade.MINOR)


def _message(promise: Availability, beyond: list[Rule]) -> str:
    windows = ", ".join(f"{rule.factor(promise.window):.3g} times over {spelled(rule.long)}" for rule in beyond)
    least = 1 - 1 / max(rule.factor(promise.window) for rule in beyond)
    return (
        f"if every look failed, this would burn its budget {1 / (1 - promise.target):.3g} times too fast, so these "
        f"rules never fire: {windows}; promise more than {least * 100:.4g}% for them to work"
    )
