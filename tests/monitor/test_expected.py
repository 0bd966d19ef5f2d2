"""What a rule test expects is met, or what came otherwise is told with its line; nothing else may have happened."""

from collections.abc import Sequence
from pathlib import Path

from alerts.alert import IncidentId
from alerts.clocks import Promise
from alerts.message import MessageKind, Stage
from monitor.load.node import Node
from monitor.replay.expected import Expectations, Expected, Promised, differences
from monitor.replay.outcome import Broken, Outcome, Told
from probes.catalog import ClientId, SecretRef, TierId
from tests.cast import ACME, MINUTE, after


def page(to: str, minutes: float, client: ClientId | None = None, stage: Stage = Stage.INVESTIGATING) -> Told:
    """Return a page, or a notice to a client, so many minutes after noon."""
    return Told(
        at=after(minutes=minutes),
        kind=MessageKind.PAGE if client is None else MessageKind.NOTICE,
        stage=stage,
        recipient=to,
        channel=SecretRef("env:ONE"),
        subject="",
        body="",
        incident=IncidentId("INC-1"),
        client=client,
    )


LATE = Broken(
    incident=IncidentId("INC-1"),
    client=ACME,
    tier=TierId("platinum"),
    promise=Promise.REPAIR,
    due=after(minutes=5),
    kept=after(minutes=7),
)


def node(line: int) -> Node:
    """Return a place in a rule test."""
    return Node({}, Path("rule.yaml"), line, "expect")


def expect(to: str, minutes: float, line: int = 5) -> Expected:
    """Return that somebody is told within a minute."""
    at = after(minutes=minutes)
    return Expected(node=node(line), to=to, after=at, by=at + MINUTE)


def said(
    told: Sequence[Told] = (),
    broken: Sequence[Broken] = (),
    *,
    pages: Sequence[Expected] | None = (),
    notices: Sequence[Expected] | None = (),
    promises: Sequence[Promised] | None = (),
) -> list[str]:
    """Return what is said of an outcome."""
    outcome = Outcome(told=tuple(told), broken=tuple(broken), kept=0, incidents=())
    expected = Expectations(node=node(4), pages=pages, warnings=None, notices=notices, broken=promises, incidents=None)
    return [str(one) for one in differences(expected, outcome, "UTC")]


def test_nothing_is_said_where_everything_came_as_expected() -> None:
    told = [page("ada", 1), page("desk", 1, ACME), page("second desk", 1, ACME)]
    assert said(told, [LATE], pages=[expect("ada", 0.5)], notices=[expect("acme", 1)], promises=None) == []


def test_a_page_that_came_too_late_is_told_with_when_it_came() -> None:
    first, second = said([page("ada", 9)], pages=[expect("ada", 1)])
    assert first.startswith("rule.yaml:5: expect: expected ada between Wed 4 Mar 12:01:00 UTC")
    assert first.endswith("got ada (investigating) at Wed 4 Mar 12:09:00 UTC (12:09:00 UTC)")
    assert second.startswith("rule.yaml:4: expect.pages: expected no more than is listed, got ada")


def test_a_page_that_nobody_expected_is_told_and_so_is_a_notice() -> None:
    assert len(said([page("ada", 1), page("desk", 1, ACME)])) == 2
    assert said([page("ada", 1), page("desk", 1, ACME)], pages=None, notices=None) == []


def test_the_page_that_says_how_it_ended_calls_nobody() -> None:
    assert said([page("ada", 1, stage=Stage.RESOLVED)]) == []


def test_two_pages_to_one_person_are_two() -> None:
    told = [page("ada", 1), page("ada", 1.5)]
    assert len(said(told, pages=[expect("ada", 1)])) == 1
    assert said(told, pages=[expect("ada", 1), expect("ada", 1)]) == []


def test_a_broken_promise_is_expected_or_told() -> None:
    promised = Promised(node=node(7), client="acme", promise=Promise.REPAIR)
    assert said(broken=[LATE], promises=[promised]) == []
    assert said(promises=[promised]) == ["rule.yaml:7: expect: expected repair to acme to break, got none"]
    (told,) = said(broken=[LATE])
    assert "acme (platinum), repair in INC-1: due Wed 4 Mar 12:05:00 UTC" in told
    assert "kept 2 min 00 s late" in told
