"""The commands for who is on call: `tierwatch oncall now`, `coverage`, `override`, `swap`, `cancel`.

`coverage` reads a configuration alone; the others speak to the running process.
"""

import getpass
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from whenever import Instant

from alerts.coverage import Gap, all_gaps, months_after
from alerts.oncall import Board, Schedule
from monitor.clock import SystemClock
from monitor.command import ConfigPath, configuration, explained, fail, settings
from monitor.load import Config, ConfigError
from monitor.remote import asked
from monitor.units import spelled
from monitor.web.measure import count

commands = typer.Typer(no_args_is_help=True)
oncall = typer.Typer(help="Who is on call: now, instead of somebody, and when nobody is.", no_args_is_help=True)
commands.add_typer(oncall, name="oncall")

NAMED = 5
MOST_MONTHS = 36

By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]
Why = Annotated[str, typer.Option("--why", help="Why, for the record.")]
ScheduleName = Annotated[str, typer.Argument(help="The schedule's name.")]


@oncall.command()
def now() -> None:
    """Say who is on call at this moment, until when, and who is next, with the overrides of the running process."""
    for one in _items("/api/v1/oncall"):
        people, turns = _words(one["people"]), one.get("turns")
        line = f"{one['schedule']}: {people or 'nobody, so the catch-all is paged'}"
        if one.get("until") and isinstance(turns, list) and turns:
            line += f", until {one['until']}, then {_words(turns[0]['people']) or 'nobody'}"
        typer.echo(line)


@oncall.command()
def coverage(
    config: ConfigPath,
    months: Annotated[int, typer.Option("--months", min=1, max=MOST_MONTHS, help="How many months ahead.")] = 12,
) -> None:
    """List each stretch in which nobody is on call although a contract that depends on it counts.

    Status 1 where there is one. Overrides are not looked at: they are the running process's.
    """
    loaded, start = configuration(config), SystemClock().now()
    found = all_gaps(loaded.catalog, loaded.roster, Board(), start, months_after(start, months))
    for gap in found:
        typer.echo(_gap(gap, loaded))
    for name, schedule in loaded.roster.schedules.items():
        if schedule.feed is not None:
            typer.echo(f"{name}: what its calendar says is not read here, only what stands in for it")
    if found:
        fail(f"{count(len(found), 'gap')} in {count(months, 'month')}: the catch-all is paged in each.", 1)
    typer.echo(f"Somebody is on call in all hours that contracts count in, for {count(months, 'month')}.")


def _gap(gap: Gap, config: Config) -> str:
    zone = _zone(config.roster.schedules[gap.schedule])
    more = f" and {len(gap.clients) - NAMED} more" if len(gap.clients) > NAMED else ""
    clients = ", ".join(gap.clients[:NAMED]) + more
    promised = "" if gap.promised else ", nothing promised"
    return (
        f"{gap.schedule}: {gap.start:%Y-%m-%d %H:%M} to {gap.end:%Y-%m-%d %H:%M} UTC "
        f"({_local(gap.start, zone)} to {_local(gap.end, zone)} {zone}), {spelled(gap.length)}: "
        f"{', '.join(gap.tiers)} ({clients}){promised}"
    )


def _zone(schedule: Schedule) -> str:
    return next((rotation.timezone for rotation in schedule.every_rotation), "UTC")


def _local(at: datetime, zone: str) -> str:
    return f"{Instant(at).to_tz(zone).to_stdlib():%a %H:%M}"


@oncall.command()
def override(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    schedule: ScheduleName,
    start: Annotated[str, typer.Option("--from", help="From when, like 2026-12-24T18:00+01:00.")],
    end: Annotated[str, typer.Option("--to", help="Until when.")],
    by: By,
    person: Annotated[str, typer.Option("--person", help="Who comes; left out, nobody does.")] = "",
    instead_of: Annotated[str, typer.Option("--instead-of", help="Who goes; left out, everybody does.")] = "",
    why: Why = "",
) -> None:
    """Put somebody on call instead of another, or of everybody, for a while."""
    form = {"schedule": schedule, "start": _instant(start), "end": _instant(end), "by": by, "why": why}
    form |= {name: one for name, one in (("person", person), ("instead_of", instead_of)) if one}
    answer = _post("/api/v1/oncall/overrides", form)
    typer.echo(f"posted {answer.get('id')}")


@oncall.command()
def swap(
    schedule: ScheduleName,
    turn: Annotated[list[str], typer.Option("--turn", help='Twice: "PERSON FROM TO".')],
    by: By,
    why: Why = "",
) -> None:
    """Swap two turns: each is taken by the person of the other."""
    if len(turn) != 2:  # noqa: PLR2004 - a swap is of two
        fail('name two turns, each like --turn "ana 2026-12-07T08:00Z 2026-12-14T08:00Z"', 1)
    answer = _post(
        "/api/v1/oncall/swaps", {"schedule": schedule, "turns": [_turn(one) for one in turn], "by": by, "why": why}
    )
    typer.echo(f"swapped; `tierwatch oncall cancel {answer.get('id')}` takes both back")


def _turn(text: str) -> dict[str, str]:
    words = text.split()
    if len(words) != 3:  # noqa: PLR2004 - person, from, to
        fail(f'"{text}" is no turn; write it like "ana 2026-12-07T08:00Z 2026-12-14T08:00Z"', 1)
    return {"person": words[0], "start": _instant(words[1]), "end": _instant(words[2])}


@oncall.command()
def cancel(identity: Annotated[str, typer.Argument(help="The override's id.")], by: By) -> None:
    """Cancel an override, and with it the other half of a swap."""
    _post(f"/api/v1/oncall/overrides/{identity}/cancel", {"by": by})
    typer.echo("cancelled")


def _instant(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f'"{text}" is no instant; write it like 2026-12-24T18:00Z or 2026-12-24T18:00+01:00', 1)
    if at.tzinfo is None:
        fail(f'"{text}" has no zone; write it like 2026-12-24T18:00Z or 2026-12-24T18:00+01:00', 1)
    return at.astimezone(UTC).isoformat()


def _post(path: str, form: Mapping[str, object]) -> Mapping[str, object]:
    try:
        return asked(settings(), path, form)
    except ConfigError as error:
        fail(explained(error), 1)


def _items(path: str) -> Iterator[Mapping[str, object]]:
    try:
        answer = asked(settings(), path)
    except ConfigError as error:
        fail(explained(error), 1)
    items = answer.get("items", ())
    yield from (one for one in items if isinstance(one, dict)) if isinstance(items, list) else ()


def _words(names: object) -> str:
    return ", ".join(map(str, names)) if isinstance(names, list) else ""
