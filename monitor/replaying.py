"""The commands that ask what would have happened: `tierwatch replay`, `tierwatch test` and `tierwatch record`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from monitor.clock import SystemClock
from monitor.command import ConfigPath, explained, fail, settings
from monitor.load import ConfigError, load
from monitor.logs import set_up
from monitor.replay.compare import compared
from monitor.replay.outcome import outcome_of
from monitor.replay.reading import read_story
from monitor.replay.recording import Recording
from monitor.replay.rehearsal import Played, played
from monitor.replay.rules import Verdict, rule_files, tried
from monitor.replay.transcript import kind_of, transcript
from monitor.replay.when import Frame, instant
from monitor.secrets import Secrets
from monitor.settings import LogLevel
from monitor.store import StoreUnreadable
from monitor.store.history import history
from monitor.web.measure import count

commands = typer.Typer(no_args_is_help=True)


def _played(config: Path, file: Path) -> Played:
    loaded = load(config, secrets=False, now=SystemClock().now())
    if loaded.config is None:
        fail("\n".join(map(str, loaded.errors)))
    try:
        return asyncio.run(played(loaded, read_story(file, loaded.config)))
    except ConfigError as error:
        fail(explained(error))


@commands.command()
def replay(
    story: Annotated[Path, typer.Argument(help="What happens: a YAML file.")],
    config: ConfigPath,
    against: Annotated[
        Path | None, typer.Option("--against", help="Another configuration: print what differs.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Print messages as they would have been sent.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Play a story in virtual time, and print who would have been paged and told what, and which promises break.

    With --against, print what comes otherwise with another configuration; status 1 where other promises break.
    """
    set_up(LogLevel.ERROR)
    result = _played(config, story)
    if against is None:
        for line in transcript(result, kind_of(Secrets()), full=full):
            typer.echo(line)
        return
    other = _played(against, story)
    found = compared(outcome_of(result), outcome_of(other), (str(config), str(against)), result.story.zone)
    for line in found.lines:
        typer.echo(line)
    if found.promises:
        fail("Other promises break.", 1)
    typer.echo("The same promises are kept." if found.lines else "Nothing differs.")


@commands.command(name="test")
def try_rules(
    path: Annotated[Path, typer.Argument(help="Rule tests: a directory of YAML files, or one of them.")],
    transcripts: Annotated[bool, typer.Option("--show", help="Print what happened in those that fail.")] = False,  # noqa: FBT002 - the same
) -> None:
    """Run rule tests: say for each whether it holds, and what came otherwise than expected (status 1)."""
    set_up(LogLevel.ERROR)
    files = rule_files(path)
    verdicts = [_tell(tried(file, SystemClock().now()), show=transcripts) for file in files]
    failed = sum(bool(verdict.problems) for verdict in verdicts)
    if failed:
        fail(f"{failed} of {count(len(verdicts), 'rule test')} failed.", 1)
    if not verdicts:
        fail(f"{path} holds no *.yaml file, so nothing was tested.")
    typer.echo(f"{count(len(verdicts), 'rule test')} passed.")


def _tell(verdict: Verdict, *, show: bool) -> Verdict:
    typer.echo(f"{'failed' if verdict.problems else 'ok'}: {verdict.file}")
    for problem in verdict.problems:
        typer.echo(f"  {problem}")
    if show and verdict.problems and verdict.played is not None:
        for line in transcript(verdict.played, kind_of(Secrets())):
            typer.echo(f"    {line}".rstrip())
    return verdict


@commands.command()
def record(
    start: Annotated[str, typer.Option("--from", help="From when: an instant like 2026-10-25T00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="Until when.")],
    zone: Annotated[str, typer.Option("--zone", help="On whose clocks the story is told.")] = "UTC",
) -> None:
    """Print what the running instance has on record of some time, as a story that can be replayed.

    It reads the database beside the process that writes it. Clients stand there by their ids alone.
    """
    try:
        first, last = instant(start, Frame(zone=zone)), instant(end, Frame(zone=zone))
        found = Recording(history=history(settings().database, first, last), start=first, end=last, zone=zone)
    except (ConfigError, StoreUnreadable, ValueError) as error:
        fail(str(error))
    for line in found.lines():
        typer.echo(line)
