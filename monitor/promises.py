"""The commands of promises: `tierwatch sla explain INC-1 acme`, and what people say of clocks: `sla pause`, others."""

import getpass
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from monitor.command import explained, fail, settings
from monitor.problem import ConfigError
from monitor.remote import asked, text_of
from monitor.web.measure import count, whole

commands = typer.Typer(no_args_is_help=True)
sla = typer.Typer(
    help="See how promises came to their figures, and say what their clocks cannot know.", no_args_is_help=True
)
commands.add_typer(sla, name="sla")

By = Annotated[
    str, typer.Option("--by", help="Who says it, for the record.", default_factory=getpass.getuser, show_default="you")
]
Why = Annotated[str, typer.Option("--why", help="Why it is so.")]
Client = Annotated[list[str], typer.Argument(help="The clients that it is about; without any, all that are hurt.")]
Cause = Annotated[str, typer.Option("--cause", help="clients_turn, maintenance or vendor_caused.")]
At = Annotated[str | None, typer.Option("--at", help="Since when, like 2026-11-29T08:30Z; from now on without it.")]
Named = Annotated[str | None, typer.Option("--promise", help="repair, mitigate, acknowledge, first_notice or another.")]


@sla.command()
def explain(incident: str, client: str) -> None:
    """Print each start, pause and stop of a client's promises with its cause, and what counted."""
    try:
        answer = asked(settings(), f"/api/v1/incidents/{incident}/clients/{client}/sla")
    except ConfigError as error:
        fail(explained(error), 1)
    lines = answer.get("lines", [])
    for line in lines if isinstance(lines, list) else []:
        typer.echo(line)


def _say(incident: str, clients: list[str] | None, **said: object) -> None:
    form = {name: one for name, one in said.items() if one is not None}
    try:
        answer = asked(settings(), f"/api/v1/incidents/{incident}/clocks", {**form, "clients": list(clients or [])})
    except ConfigError as error:
        fail(explained(error), 1)
    typer.echo(str(answer.get("headline", "done")))


def _instant(written: str | None) -> str | None:
    if written is None:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("must be an instant with its zone; write it like 2026-11-29T08:30Z")
    return at.isoformat()


@sla.command()
def pause(  # noqa: PLR0913, PLR0917 - the options of a command
    incident: str,
    why: Why,
    by: By,
    clients: Client = [],  # noqa: B006 - typer's form of a list
    cause: Cause = "clients_turn",
    at: At = None,
) -> None:
    """Let the clocks of clients stand still."""
    _say(incident, clients, order="pause", by=by, why=why, cause=cause, at=_instant(at))


@sla.command()
def resume(  # noqa: PLR0913, PLR0917 - the options of a command
    incident: str,
    why: Why,
    by: By,
    clients: Client = [],  # noqa: B006 - typer's form of a list
    cause: Cause = "clients_turn",
    at: At = None,
) -> None:
    """Let clocks that somebody paused run again."""
    _say(incident, clients, order="resume", by=by, why=why, cause=cause, at=_instant(at))


@sla.command()
def start(
    incident: str,
    at: Annotated[str, typer.Option("--at", help="When it began, like 2026-11-29T08:30Z.")],
    why: Why,
    by: By,
    clients: Client = [],  # noqa: B006 - typer's form of a list
) -> None:
    """Set when it began for clients, whatever the data shows; also when it is over."""
    _say(incident, clients, order="start", by=by, why=why, at=_instant(at))


@sla.command()
def mitigated(incident: str, why: Why, by: By, at: At = None) -> None:
    """Say since when clients are no longer harmed, although it is not repaired."""
    _say(incident, None, order="mitigated", by=by, why=why, at=_instant(at))


@sla.command()
def cancel(
    incident: str,
    why: Why,
    by: By,
    clients: Client = [],  # noqa: B006 - typer's form of a list
    promise: Named = None,
) -> None:
    """Say that a promise does not hold in an incident; without a promise, none does."""
    _say(incident, clients, order="cancel", by=by, why=why, promise=promise)


@sla.command()
def reset(
    incident: str,
    promise: Annotated[str, typer.Option("--promise", help="repair, mitigate, acknowledge, first_notice or another.")],
    why: Why,
    by: By,
    clients: Client = [],  # noqa: B006 - typer's form of a list
) -> None:
    """Begin the time of a promise anew."""
    _say(incident, clients, order="reset", by=by, why=why, promise=promise)


reports = typer.Typer(help="Report on what is over.", no_args_is_help=True)
commands.add_typer(reports, name="report")


@reports.command()
def mttr(
    by: Annotated[str, typer.Option("--by", help="tier, client, system, cause, owner or month.")] = "tier",
    month: Annotated[str | None, typer.Option("--month", help="Of UTC, like 2026-11.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Print how long it took to detect, acknowledge, tell, mitigate and repair, and how many promises were kept."""
    query = f"by={by}{f'&month={month}' if month else ''}"
    try:
        if as_csv:
            typer.echo(text_of(settings(), f"/api/v1/reports/mttr.csv?{query}"), nl=False)
            return
        answer = asked(settings(), f"/api/v1/reports/mttr?{query}")
    except ConfigError as error:
        fail(explained(error), 1)
    items = answer.get("items", [])
    for item in items if isinstance(items, list) else []:
        for line in _told(item):
            typer.echo(line)


def _told(item: Mapping[str, Any]) -> Iterator[str]:
    yield f"{item['name']}: {count(item['incidents'], 'incident')}, {count(item['clients'], 'hurt client')}"
    for phase, figure in item["times"].items():
        least, most = (timedelta(seconds=figure[f"{end}_seconds"]) for end in ("least", "most"))
        until = f" to {whole(most)}" if most > least else ""
        yield f"  {phase:<12} {whole(least)}{until} (of {figure['number']})"
    for promise, kept in item["promises"].items():
        yield f"  {promise.replace('_', ' ')} kept {kept['kept']} of {kept['made']}"
