"""The commands for who connects a system: `tierwatch connectors`, `connector test`, `schema`, `probe`.

They look and explain; nothing is stored, paged or told, except that a rotated token is kept.
"""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from monitor.clock import SystemClock
from monitor.command import ConfigPath, configuration, explained, fail, settings
from monitor.explain import observed, probe_named, told
from monitor.listing import listed
from monitor.load import ConfigError
from monitor.load.schema import Subject, json_schema
from monitor.recorded import checked
from monitor.web.measure import count

commands = typer.Typer(no_args_is_help=True)
connector = typer.Typer(help="Work on a connector's definition.", no_args_is_help=True)
commands.add_typer(connector, name="connector")


@commands.command()
def connectors() -> None:
    """List the connectors that ship: how each is reached, what it lists, and what its vendor tells of its limits."""
    for line in listed():
        typer.echo(line)


@connector.command(name="test")
def try_definition(file: Annotated[Path, typer.Argument(help="A definition; its answers stand beside it.")]) -> None:
    """Check a definition against the answers that are recorded in NAME.answers.yaml beside it."""
    try:
        cases = asyncio.run(checked(file))
    except ConfigError as error:
        fail(explained(error))
    for case in cases:
        typer.echo(f"{'differs' if case.differences else 'ok'}: {case.title}")
        for difference in case.differences:
            typer.echo(f"  {difference}")
    failed = sum(bool(case.differences) for case in cases)
    if failed:
        fail(f"{failed} of {count(len(cases), 'case')} not as recorded.", 1)
    typer.echo(f"{count(len(cases), 'case')} read as recorded.")


@commands.command()
def schema(
    subject: Annotated[Subject, typer.Argument(help="What to describe.")] = Subject.CONFIGURATION,
) -> None:
    """Print a JSON Schema for editors, of the configuration, a connector's definition, a story or a rule test."""
    typer.echo(json.dumps(json_schema(subject), indent=2, ensure_ascii=False))


@commands.command()
def probe(
    name: Annotated[str, typer.Argument(help="A probe (billing.invoices), or a system for its first one.")],
    config: ConfigPath,
    explain: Annotated[bool, typer.Option("--explain", help="Show each request and record as well.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Look once, now, and say what was seen."""
    watched = configuration(config)
    try:
        wanted = probe_named(watched.catalog, name)
        seen = asyncio.run(observed(watched, wanted, SystemClock(), lambda: settings().database))
    except ConfigError as error:
        fail(explained(error))
    for line in told(watched, wanted, seen, fully=explain):
        typer.echo(line)
    raise typer.Exit(0 if seen.observation.outcome == "good" else 1)
