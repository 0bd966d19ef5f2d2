"""A story is replayed by the real core: the same every time, without a socket, and out of what is on record as well."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest

from alerts.clocks import Promise
from alerts.message import Stage
from monitor.load import Loaded, load
from monitor.replay.compare import compared
from monitor.replay.outcome import Outcome, outcome_of
from monitor.replay.reading import read_story
from monitor.replay.recording import Recording
from monitor.replay.rehearsal import Played, played
from monitor.replay.story import Story
from monitor.replay.transcript import kind_of, transcript
from monitor.secrets import Secrets
from monitor.store.history import History

NOW = datetime(2026, 10, 1, tzinfo=UTC)
COMPANY = Path(__file__).parent.parent / "rules" / "company"
STORY = """\
title: The ERP does not answer for twenty minutes
zone: Europe/Berlin
from: 2026-06-11 01:50
for: 90m
traffic: [{flow: invoices, every: 2m, takes: 20s}]
failing: [{system: erp, from: "02:00", for: 20m, fails: timeout}]
acts: [{at: "02:07", by: ben, does: acknowledge}, {at: "03:10", by: ben, does: resolve}]
"""
TOUCHING = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg")


def company() -> Loaded:
    """Return the configuration of the rule tests."""
    return load(COMPANY, secrets=False, now=NOW)


def story(folder: Path, text: str = STORY) -> Story:
    """Return a story of that company."""
    file = folder / "story.yaml"
    file.write_text(text, encoding="utf-8")
    config = company().config
    assert config is not None
    return read_story(file, config)


def play(told: Story, loaded: Loaded | None = None) -> Played:
    """Return what comes of a story."""
    return asyncio.run(played(loaded or company(), told))


TOUCHED: list[str] = []
WATCHING: list[bool] = []


@contextmanager
def watched_sockets() -> Iterator[list[str]]:
    """Yield what is done with sockets meanwhile. A hook can never be taken out again, so it is switched."""
    if not WATCHING:
        sys.addaudithook(lambda event, _: TOUCHED.append(event) if event in TOUCHING and WATCHING[0] else None)
    WATCHING[:] = [True]
    TOUCHED.clear()
    try:
        yield TOUCHED
    finally:
        WATCHING[:] = [False]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return the story, played once for all tests that only read what came of it."""
    with watched_sockets() as touched:
        found = play(story(tmp_path_factory.mktemp("story")))
    assert touched == []
    return found


def moments(outcome: Outcome) -> list[tuple[str, Stage, datetime]]:
    """Return who was told what, and when."""
    return [(one.client or one.recipient, one.stage, one.at) for one in outcome.told]


def test_a_story_comes_to_the_same_every_time(result: Played, tmp_path: Path) -> None:
    began = process_time()
    again = play(story(tmp_path))
    assert process_time() - began < 30
    assert moments(outcome_of(again)) == moments(outcome_of(result))
    assert [entry.event for entry in again.entries] == [entry.event for entry in result.entries]


def test_what_cannot_be_done_in_a_story_is_said(result: Played) -> None:
    (line,) = [line for line in transcript(result, kind_of(Secrets({}))) if line.startswith("not done")]
    assert line == "not done at Thu 11 Jun 03:10:00 CEST (01:10:00 UTC): ben could not resolve: no incident is open"


def test_a_transcript_names_channels_by_reference_and_kind_and_never_by_address(result: Played) -> None:
    secrets = Secrets({"BEN_PAGER": "ntfys://token-of-ben@ntfy.example.com/ben"})
    told = "\n".join(transcript(result, kind_of(secrets), full=True))
    assert "ben by env:BEN_PAGER (ntfys) (Wed 20:01 EDT, America/New_York)" in told
    assert "acme, Service desk by env:ACME_DESK (Wed 20:01 EDT, America/New_York)" in told
    assert "token-of-ben" not in told
    assert "rehearsal:" not in told


def test_what_is_on_record_is_a_story_that_comes_to_the_same(result: Played, tmp_path: Path) -> None:
    told = result.story
    recording = Recording(
        history=History(entries=tuple(result.entries)), start=told.start, end=told.end, zone="Europe/Berlin"
    )
    again = outcome_of(play(story(tmp_path, "\n".join(recording.lines()))))
    before = outcome_of(result)
    assert len(again.incidents) == len(before.incidents) == 1
    assert [(who, stage) for who, stage, _ in moments(again)] == [(who, stage) for who, stage, _ in moments(before)]
    late = [b[2] - a[2] for a, b in zip(moments(before), moments(again), strict=True)]
    assert all(abs(one) < timedelta(minutes=5) for one in late)
    assert "Acme Corp" not in "".join(recording.lines())


def test_two_configurations_differ_in_who_is_paged_when_and_in_promises(result: Played) -> None:
    before = outcome_of(result)
    page, *_ = before.pages
    other = replace(
        before,
        told=tuple(replace(one, at=one.at + timedelta(minutes=2)) if one == page else one for one in before.told),
        broken=(),
    )
    found = compared(before, other, ("A", "B"), "Europe/Berlin")
    assert found.promises
    assert found.lines[0] == "pages"
    assert found.lines[1].startswith("  ben: 2 min 00 s later with B, at Thu 11 Jun 02:03:")
    assert any(line.startswith("  broken only with A: acme (platinum), acknowledge") for line in found.lines)
    assert compared(before, before, ("A", "B"), "UTC").lines == ()


def test_a_promise_breaks_in_the_story(result: Played) -> None:
    assert [(one.client, one.promise) for one in outcome_of(result).broken] == [("acme", Promise.ACKNOWLEDGE)]
