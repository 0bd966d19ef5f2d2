"""Stories and rule tests as people write them: what is wrong is told with its line, and nothing is guessed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.load import Config, ConfigError, load
from monitor.problem import Problem
from monitor.replay.reading import read_story
from monitor.replay.rules import read_rule, rule_files
from monitor.replay.story import FOREVER, Span, Story
from probes.failure import FailureClass

NOW = datetime(2026, 10, 1, tzinfo=UTC)
COMPANY = Path(__file__).parent.parent / "rules" / "company"
HEAD = "title: A night\nzone: Europe/Berlin\nfrom: 2026-10-24 22:00\nfor: 12h\n"


@pytest.fixture(scope="module")
def config() -> Config:
    """The configuration of the rule tests."""
    found = load(COMPANY, secrets=False, now=NOW).config
    assert found is not None
    return found


def read(folder: Path, config: Config, text: str) -> Story:
    """Return the story of a text."""
    file = folder / "story.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return read_story(file, config)


def wrong(folder: Path, config: Config, text: str) -> list[str]:
    """Return what is wrong with a story, each with its line."""
    with pytest.raises(ConfigError) as raised:
        read(folder, config, text)
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


def test_a_story_begins_and_ends_and_what_it_does_not_tell_of_is_in_order(tmp_path: Path, config: Config) -> None:
    told = read(tmp_path, config, "")
    assert (told.end - told.start, told.failing, told.acts) == (timedelta(hours=12), (), ())


def test_what_fails_does_so_in_its_span_and_to_the_end_where_none_is_written(tmp_path: Path, config: Config) -> None:
    text = 'failing: [{system: erp, from: "02:10", fails: timeout}, {system: status, for: 1h, declares: outage}]'
    erp, page = read(tmp_path, config, text).failing
    assert erp.span == Span(start=datetime(2026, 10, 25, 0, 10, tzinfo=UTC), end=FOREVER)
    assert page.failure is FailureClass.BUSINESS
    assert page.span.end - page.span.start == timedelta(hours=1)


def test_traffic_is_of_all_clients_of_a_flow_or_of_those_who_are_named(tmp_path: Path, config: Config) -> None:
    text = "traffic: [{flow: invoices, every: 1m, takes: 5s}, {flow: invoices, every: 1m, takes: 5s, clients: [acme]}]"
    everybody, one = read(tmp_path, config, text).traffic
    assert (everybody.clients, one.clients) == (("acme", "cobalt", "dune"), ("acme",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "failing: [{system: epr, fails: timeout}]",
            "failing[0].system: epr is not in the configuration; did you mean",
        ),
        ("failing: [{system: erp, fails: tired}]", "failing[0].fails: must be one of timeout, dns,"),
        ("failing: [{system: erp}]", "failing[0]: must say how: fails: timeout"),
        ("failing: [{system: erp, fails: dns, until: +1h, for: 1h}]", "failing[0]: has two ends"),
        ("failing: [{system: erp, fails: dns, from: +2h, until: +1h}]", "failing[0].until: ends before it begins"),
        ('slow: [{system: erp, takes: 4s, from: "25:10"}]', "slow[0].from: is no date and time that exists"),
        ("traffic: [{flow: invoices, every: 1m}]", "traffic[0].takes: is missing; add it"),
        ("stopped: [{flow: invoices, clients: [acne]}]", "stopped[0].clients[0]: acne is not in the configuration"),
        ("people: {bo: {acknowledges: 6m}}", "people.bo: bo is not in the configuration"),
        ("acts: [{at: +1h, by: ada, does: sing}]", "acts[0].does: must be one of acknowledge,"),
        ("acts: [{at: +1h, by: ada, does: merge, why: one}]", "acts[0]: lacks what merge is about; write other"),
        ("acts: [{at: +1h, by: ada, does: reopen}]", "acts[0]: must say why; it stands on the timeline"),
        ("acts: [{at: +1h, by: ada, does: resolve, tier: gold}]", "acts[0]: tier means nothing where somebody does"),
        ("acts: [{at: +1h, by: ada, does: pause, why: a}]", "acts[0]: lacks what pause is about; write for or until"),
        (
            "acts: [{at: +1h, by: ada, does: reassign, to: adda, why: a}]",
            "acts[0].to: adda is not in the configuration",
        ),
        ("overrides: [{schedule: first-line, by: ada, person: ben}]", "overrides[0]: has no end; write until or for"),
        ("overrides: [{schedule: first, by: ada, for: 1h}]", "overrides[0].schedule: first is not in the config"),
        ("swaps: [{schedule: first-line, by: ada, turns: [{person: ada, for: 1h}]}]", "swaps[0]: must have two turns"),
        ("failng: []", "failng: is not known here; did you mean failing?"),
    ],
)
def test_what_is_wrong_with_a_story_is_told_with_its_line(tmp_path: Path, config: Config, text: str, said: str) -> None:
    (problem,) = wrong(tmp_path, config, text)
    assert problem.startswith(f"story.yaml:5: {said}")


def test_a_story_has_an_end_that_can_be_played(tmp_path: Path, config: Config) -> None:
    for text in ("title: A\nfrom: 2026-10-24 22:00\n", "title: A\nfrom: 2026-10-24 22:00\nfor: 100d\n"):
        file = tmp_path / "endless.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as raised:
            read_story(file, config)
        assert "must end after its start and within 40 days" in str(raised.value.problems[0])


def test_a_rule_test_that_cannot_be_read_says_why_and_where(tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text(f"config: {COMPANY}\nstory: {{title: A}}\nexpect: {{pages: [{{at: +1h}}]}}\n", encoding="utf-8")
    problems: list[Problem] = []
    assert read_rule(file, problems, NOW) is None
    assert [str(one).partition(f"{tmp_path}/")[2] for one in problems] == [
        "rule.yaml:3: expect.pages[0].to: is missing; add it"
    ]


def test_every_yaml_file_of_a_directory_is_a_rule_test(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "notes.txt"):
        (tmp_path / name).touch()
    assert [file.name for file in rule_files(tmp_path)] == ["a.yml", "b.yaml"]
