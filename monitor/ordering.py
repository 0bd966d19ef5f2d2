"""The commands for what people order about an incident: `tierwatch incident merge`, `split`, `assign`, and others."""

import getpass
from typing import Annotated

import typer

from monitor.command import explained, fail, settings
from monitor.load import ConfigError
from monitor.remote import asked

commands = typer.Typer(no_args_is_help=True)
incident = typer.Typer(help="Merge, split, assign, grade or reopen an incident.", no_args_is_help=True)
commands.add_typer(incident, name="incident")

Number = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its number, like INC-7.")]
Why = Annotated[str, typer.Option("--why", help="Why; it is kept on the timeline and in the audit.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]


@incident.command()
def merge(number: Number, other: Annotated[str, typer.Argument(help="What it takes over.")], why: Why, by: By) -> None:
    """Let an incident go on with all that is another one's, which ends."""
    _order(number, "merge", {"other": other, "why": why, "by": by})


@incident.command()
def split(
    number: Number,
    why: Why,
    by: By,
    alert: Annotated[list[str] | None, typer.Option(help="The key of an alert that leaves.")] = None,
    client: Annotated[list[str] | None, typer.Option(help="A client that leaves.")] = None,
) -> None:
    """Make an incident of its own of some alerts and clients."""
    _order(number, "split", {"alerts": alert or [], "clients": client or [], "why": why, "by": by})


@incident.command()
def assign(number: Number, to: Annotated[str, typer.Argument(help="An id under people.")], why: Why, by: By) -> None:
    """Give an incident to a person, who is paged."""
    _order(number, "reassign", {"to": to, "why": why, "by": by})


@incident.command()
def severity(number: Number, tier: Annotated[str, typer.Argument(help="A tier.")], why: Why, by: By) -> None:
    """Raise or lower an incident to the severity of a tier."""
    _order(number, "severity", {"tier": tier, "why": why, "by": by})


@incident.command()
def reopen(number: Number, why: Why, by: By) -> None:
    """Let an incident that is over go on until somebody ends it."""
    _order(number, "reopen", {"why": why, "by": by})


def _order(number: str, what: str, said: dict[str, object]) -> None:
    try:
        answer = asked(settings(), f"/api/v1/incidents/{number}/{what}", said)
    except ConfigError as error:
        fail(explained(error), 1)
    typer.echo(str(answer.get("headline", "done")))
