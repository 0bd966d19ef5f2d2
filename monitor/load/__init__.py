"""Configuration: YAML files in, the rooms' own values out, with everything that is wrong told at once.

`load` reads, checks and builds; it never raises for what a file holds. Errors prevent a start, whatever the date;
findings do not. Process settings are not here but in `monitor.settings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor.load.claims import enrolled
from monitor.load.config import Config, configured
from monitor.load.dunning_form import unsigned
from monitor.load.findings import findings
from monitor.load.maintained import check_maintenance, idle_windows
from monitor.load.mannered import channel_kinds, forbidden, unmannerly
from monitor.load.one_sided import one_sided
from monitor.load.parts import read_parts
from monitor.load.reachable import unreachable
from monitor.load.references import check_references
from monitor.load.sections import Sections, gathered
from monitor.load.shown_services import check_status_pages
from monitor.load.worded import check_templates, objectionable
from monitor.problem import ConfigError, Grade, Problem
from monitor.secrets import Secrets
from probes.versions import as_of

__all__ = ["Config", "ConfigError", "Grade", "Loaded", "Problem", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was read: a configuration, or else the errors that prevent one. Findings come only with a configuration."""

    config: Config | None
    errors: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()


def load(path: Path, *, secrets: bool = True, now: datetime) -> Loaded:
    """Return what a configuration file, or a directory of them, holds.

    With `secrets`, each reference is looked up once to find those that lead nowhere. Problems are sorted by file and
    line.
    """
    sections = gathered(path)
    parts, misfits = read_parts(sections)
    enrolment = enrolled(sections, parts)
    undefined = (
        *check_references(sections, parts),
        *check_maintenance(sections, parts),
        *check_status_pages(sections, parts),
        *check_templates(sections, parts),
    )
    errors = (*sections.problems, *misfits, *undefined, *enrolment.errors)
    if errors:
        return Loaded(config=None, errors=_sorted(errors))
    config = configured(parts, sections.sources, enrolment.identifiers)
    kinds = channel_kinds(config, Secrets()) if secrets else {}
    config = replace(config, catalog=as_of(config.catalog, now), channel_kinds=kinds)
    hidden = (*unreachable(config, sections, Secrets()), *_unsigned(config, sections)) if secrets else ()
    found = (
        *enrolment.findings,
        *one_sided(config, sections),
        *findings(config, sections, now),
        *unmannerly(config, sections),
        *forbidden(config, sections),
        *objectionable(config, sections),
        *idle_windows(config, sections, now),
        *hidden,
    )
    return Loaded(config=config, findings=_sorted(found))


def _unsigned(config: Config, sections: Sections) -> Iterator[Problem]:
    if "dunning" in sections.single:
        allowed = config.allow_private_destinations
        yield from unsigned(config.dunning, sections.single["dunning"], Secrets(), allow_private=allowed)


def _sorted(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return each problem once: systems that share a definition also share what is wrong with it."""
    return tuple(sorted(set(problems)))
