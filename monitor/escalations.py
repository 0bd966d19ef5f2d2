"""The commands of who has an incident: `tierwatch ack INC-1 --for 30m` and `tierwatch pause INC-1 --until ...`."""

import getpass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from monitor.command import explained, fail, settings
from monitor.problem import ConfigError
from monitor.remote import asked
from monitor.units import duration

commands = typer.Typer(no_args_is_help=True)

By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]


def _ask(path: str, form: dict[str, str]) -> None:
    try:
        answer = asked(settings(), path, form)
    except ConfigError as error:
        fail(explained(error), 1)
    typer.echo(str(answer.get("headline", "done")))


def _length(written: str) -> timedelta:
    try:
        return duration(written)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _wait(written: str) -> timedelta:
    try:
        return duration(written)
    except ValueError:
        message = "must be an instant to come, like 2026-11-29T09:00+01:00, or a length from now, like 2h or 30m"
        raise typer.BadParameter(message) from None


def _instant(written: str) -> datetime:
    message = "must be an instant with its zone; write it like 2026-11-29T09:00+01:00 or 2026-11-29T08:00Z"
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(message) from None
    if at.tzinfo is None:
        raise typer.BadParameter(message)
    return at


@commands.command()
def ack(
    incident: str,
    by: By,
    length: Annotated[
        str | None, typer.Option("--for", help="For how long, like 30m: then it goes on unless something has moved.")
    ] = None,
) -> None:
    """Acknowledge an incident: nobody else is paged for it, or not before a while has passed."""
    if length is None:
        _ask(f"/api/v1/incidents/{incident}/acknowledge", {"by": by})
    else:
        seconds = str(_length(length).total_seconds())
        _ask(f"/api/v1/incidents/{incident}/hold", {"by": by, "for_seconds": seconds})


@commands.command()
def pause(
    incident: str,
    until: Annotated[str, typer.Option("--until", help="An instant like 2026-11-29T09:00+01:00, or a length like 2h.")],
    why: Annotated[str, typer.Option("--why", help="Why nobody is to be paged until then.")],
    by: By,
) -> None:
    """Pause an incident's escalation; what gets worse pages all the same."""
    form = {"by": by, "why": why}
    if until[:4].isdigit() and "-" in until:
        form["until"] = _instant(until).isoformat()
    else:
        form["for_seconds"] = str(_wait(until).total_seconds())
    _ask(f"/api/v1/incidents/{incident}/pause", form)
