"""Whose the identifiers are: what clients and files of clients claim, and where two claim the same.

A clash within the configuration is an error. A file of clients comes from another system, so what is wrong in a row of
it is a finding, and the row is left out; what the configuration itself says holds against it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from monitor.load.form import suggestion
from monitor.load.node import Loc
from monitor.load.parts import Parts
from monitor.load.roll import Row, read_roll
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.catalog import ClientId, SystemId
from probes.identity import Rule, normalised

Identifiers = Mapping[ClientId, Mapping[SystemId, tuple[str, ...]]]
"""The names by which each system knows each client."""

MOST_FINDINGS = 20
"""So many rows of one file are told of one by one."""


class Key(NamedTuple):
    """An identifier as it is compared."""

    system: str
    name: str


class _Written(NamedTuple):
    client: str
    system: str
    identifier: str
    loc: Loc


@dataclass(slots=True)
class Enrolment:
    """All identifiers of all clients, and what is wrong with the files of clients."""

    identifiers: dict[ClientId, dict[SystemId, tuple[str, ...]]] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    findings: list[Problem] = field(default_factory=list)

    def add(self, client: str, system: str, identifier: str) -> None:
        """Note that a system knows a client by an identifier."""
        known = self.identifiers.setdefault(ClientId(client), {})
        names = known.get(SystemId(system), ())
        if identifier not in names:
            known[SystemId(system)] = (*names, identifier)


def check_identifiers(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield the identifiers that the configuration itself gives to two clients, or of which nothing would be left."""
    owners: dict[Key, _Written] = {}
    for one in _written(parts):
        node, name = sections.parts["clients"][one.client], _normal(parts, one.system, one.identifier)
        if not name:
            message = f"has nothing left once it is normalised for {one.system}; correct it or the system's rules"
            yield node.problem(message, one.loc)
            continue
        owner = owners.setdefault(Key(one.system, name), one)
        if owner.client != one.client:
            alike = "" if owner.identifier == one.identifier else " once both are normalised"
            message = f"{owner.client} has the same identifier in {one.system}{alike}"
            yield node.problem(f"{message}; a record must belong to one client", one.loc)


def enrolled(sections: Sections, parts: Parts) -> Enrolment:
    """Return every client's identifiers, with those of the files of clients that the systems name."""
    enrolment, owners = Enrolment(), dict[Key, str]()
    for one in _written(parts):
        owners[Key(one.system, _normal(parts, one.system, one.identifier))] = one.client
        enrolment.add(one.client, one.system, one.identifier)
    for system, form in parts.systems.items():
        if form.identity.file is not None:
            rows, errors = read_roll(form.identity.file, form.identity.columns)
            enrolment.errors.extend(errors)
            roll = _Roll(form.identity.file, system, _rules(parts, system), sections.names("clients"))
            enrolment.findings.extend(_bounded(roll.enrol(enrolment, rows, owners)))
    return enrolment


def _written(parts: Parts) -> Iterator[_Written]:
    own = [name for name, system in parts.systems.items() if system.identity.field is not None]
    for client in parts.clients:
        yield from (_Written(client, system, client, ("id",)) for system in own)
    for client, form in parts.clients.items():
        for system, names in form.identifiers.items():
            for place, name in enumerate(names):
                loc = ("identifiers", system, place)
                yield _Written(client, system, name, loc if len(names) > 1 else loc[:2])


def _rules(parts: Parts, system: str) -> Sequence[Rule]:
    return parts.systems[system].identity.normalise if system in parts.systems else ()


def _normal(parts: Parts, system: str, identifier: str) -> str:
    return normalised(identifier, _rules(parts, system))


@dataclass(frozen=True, slots=True)
class _Roll:
    """One system's file of clients."""

    file: Path
    system: str
    rules: Sequence[Rule]
    clients: frozenset[str]

    def enrol(self, enrolment: Enrolment, rows: Sequence[Row], owners: Mapping[Key, str]) -> Iterator[Problem]:
        """Add what can be believed; yield what cannot."""
        claims: dict[Key, list[Row]] = defaultdict(list)
        for row in rows:
            key = Key(self.system, normalised(row.identifier, self.rules))
            doubt = self._doubt(row, key, owners)
            if doubt is None:
                claims[key].append(row)
            else:
                yield doubt
        for claim in claims.values():
            others = [row for row in claim if row.client != claim[0].client]
            for row in others:
                message = f"{row.client} and {claim[0].client} (line {claim[0].line}) have the same identifier"
                yield self._problem(row, f"{message}; it counts for neither until one of them is taken away")
            for row in () if others else claim:
                enrolment.add(row.client, self.system, row.identifier)

    def _doubt(self, row: Row, key: Key, owners: Mapping[Key, str]) -> Problem | None:
        if not key.name or not row.client:
            return self._problem(row, "has no identifier, or no client; complete the row", Grade.MINOR)
        if row.client not in self.clients:
            advice = suggestion(row.client, self.clients) if len(self.clients) <= MOST_FINDINGS else "define it"
            return self._problem(row, f"{row.client} is no client of the configuration; {advice}", Grade.MINOR)
        owner = owners.get(key, row.client)
        if owner != row.client:
            return self._problem(row, f"{owner} has this identifier in the configuration; the row does not count")
        return None

    def _problem(self, row: Row, message: str, grade: Grade = Grade.SEVERE) -> Problem:
        return Problem(file=self.file, line=row.line, path=self.system, message=message, grade=grade)


def _bounded(found: Iterator[Problem]) -> Iterator[Problem]:
    """Yield the first findings, the severe ones before the others, and how many more there are."""
    worst = sorted(found, key=lambda one: (one.grade is not Grade.SEVERE, one.line))
    yield from worst[:MOST_FINDINGS]
    if len(worst) > MOST_FINDINGS:
        more, first = len(worst) - MOST_FINDINGS, worst[MOST_FINDINGS]
        message = f"{more} more rows do not count; mend those that are told first"
        yield Problem(file=first.file, line=0, path=first.path, message=message, grade=first.grade)
