"""Rule tests as data: a configuration, a story, and what is expected of it, in one YAML file.

    config: ./config            # a directory or a file, seen from this one
    story: {...}                # as for `tierwatch replay`, or the name of a file
    expect:
      incidents: 1
      pages: [{to: ada, at: "02:10", within: 2m}]
      notices: [{to: acme, stage: investigating, at: "02:10", within: 5m}]
      broken: [{client: acme, promise: repair}]

What is not listed under `expect` is expected not to happen, except for what `ignore` names, and for warnings that a
promise is about to break, which are judged only where `warnings` are listed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.load import Loaded, load
from monitor.load.document import read_document
from monitor.load.form import filled
from monitor.load.node import Node
from monitor.problem import Problem
from monitor.replay.expected import Expectations, Expected, Promised, differences
from monitor.replay.outcome import outcome_of
from monitor.replay.reading import Instants, story_of
from monitor.replay.rehearsal import Played, played
from monitor.replay.rules_form import ExpectForm, Ignored, MessageForm, RuleForm
from monitor.replay.story import Story
from monitor.replay.when import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule test that can be run."""

    file: Path
    loaded: Loaded
    story: Story
    expected: Expectations


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a rule test: nothing where it holds. `played` is None where it could not be played."""

    file: Path
    problems: tuple[Problem, ...]
    played: Played | None = None


def rule_files(path: Path) -> tuple[Path, ...]:
    """Return the rule tests of a directory, or the one file that is named."""
    if not path.is_dir():
        return (path,)
    return tuple(sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and file.is_file()))


def tried(file: Path, now: datetime) -> Verdict:
    """Run one rule test."""
    problems: list[Problem] = []
    rule = read_rule(file, problems, now)
    if rule is None:
        return Verdict(file=file, problems=tuple(sorted(problems)))
    result = asyncio.run(played(rule.loaded, rule.story))
    found = tuple(differences(rule.expected, outcome_of(result), rule.story.zone))
    return Verdict(file=file, problems=found, played=result)


def read_rule(file: Path, problems: list[Problem], now: datetime) -> Rule | None:
    """Return the rule test of a file; None where it has none, with what is wrong added to the problems."""
    document = read_document(file)
    problems += document.problems
    if document.root is None or problems:
        return None
    form, misfits = filled(RuleForm, document.root)
    problems += misfits
    if form is None:
        return None
    loaded = load(file.parent / form.config, secrets=False, now=now)
    problems += loaded.errors
    story = _story(document.root, form, loaded, problems)
    if story is None:
        return None
    expected = _expectations(document.root, form.expect, story, problems)
    return None if problems else Rule(file=file, loaded=loaded, story=story, expected=expected)


def _story(root: Node, form: RuleForm, loaded: Loaded, problems: list[Problem]) -> Story | None:
    """The story that stands in a rule test, or in the file that it names."""
    node = root.child("story")
    if isinstance(form.story, str):
        document = read_document(root.file.parent / form.story)
        problems += document.problems
        node = document.root
    if node is None or loaded.config is None:
        return None
    return story_of(node, loaded.config, problems)


def _expectations(root: Node, form: ExpectForm, story: Story, problems: list[Problem]) -> Expectations:
    node = root.child("expect") or root
    reader = Instants(node, Frame(zone=story.zone, start=story.start), problems)

    def each(key: str, forms: Sequence[MessageForm]) -> list[Expected]:
        return [_expected(reader, one, story, (key, number)) for number, one in enumerate(forms)]

    broken = [
        Promised(node=below(node, "broken", number), client=one.client, promise=one.promise)
        for number, one in enumerate(form.broken)
    ]
    return Expectations(
        node=node,
        pages=None if Ignored.PAGES in form.ignore else each("pages", form.pages),
        warnings=None if form.warnings is None else each("warnings", form.warnings),
        notices=None if Ignored.NOTICES in form.ignore else each("notices", form.notices),
        broken=None if Ignored.BROKEN in form.ignore else broken,
        incidents=form.incidents,
    )


def _expected(reader: Instants, form: MessageForm, story: Story, loc: tuple[str, int]) -> Expected:
    first, last = story.start, story.end
    if form.at is not None:
        first = reader.at(form.at, (*loc, "at")) or first
        last = first + form.within
    if form.not_before is not None:
        first = reader.at(form.not_before, (*loc, "not_before")) or first
    if form.not_after is not None:
        last = reader.at(form.not_after, (*loc, "not_after")) or last
    return Expected(node=below(reader.node, *loc), to=form.to, after=first, by=last, stage=form.stage)


def below(node: Node, *steps: str | int) -> Node:
    """Return what stands below a node, or the nearest to it that does."""
    for step in steps:
        node = node.child(step) or node
    return node
