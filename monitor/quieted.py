"""The commands for telling nobody: `tierwatch silence` and `tierwatch maintenance`, said to the running process.

A silence that would hide a whole tier is made with `--yes` alone.
"""

import getpass
import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from monitor.command import explained, fail, settings
from monitor.load import ConfigError
from monitor.remote import asked
from monitor.web.measure import count

silence = typer.Typer(name="silence", help="Keep messages about some alerts back for a while.", no_args_is_help=True)
maintenance = typer.Typer(name="maintenance", help="Set and list windows of maintenance.", no_args_is_help=True)

Matchers = Annotated[str, typer.Argument(help="As Alertmanager writes them: 'system=erp, tier=~gold|silver'.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]
Zone = Annotated[str, typer.Option("--timezone", help="On the clock of which zone.")]
WHEN = "'2026-03-29 04:00 to 2026-03-29 06:00', or again and again: 'sun 02:00-04:00', 'daily 02:00-04:00'"
ONCE = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d) to (\d{4}-\d\d-\d\d[ T]\d\d:\d\d)")
AGAIN = re.compile(r"([a-z,]+) (\d\d:\d\d)-(\d\d:\d\d)")
SCOPES = {"system": "systems", "flow": "flows", "vendor": "vendors", "client": "clients"}


def _answer(path: str, form: Mapping[str, object] | None = None) -> Mapping[str, Any]:
    try:
        return asked(settings(), path, form)
    except ConfigError as error:
        fail(explained(error), 1)


@silence.command(name="add")
def add_silence(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    matchers: Matchers,
    lasts: Annotated[str, typer.Option("--for", help="How long: 2h, 1d12h.")],
    comment: Annotated[str, typer.Option("--comment", help="Why, for whoever wonders.")],
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="Also where it hides a whole tier.")] = False,  # noqa: FBT002 - typer's form of a flag
    when: Annotated[str | None, typer.Option("--when", help="In these spans alone: 'sun 02:00-04:00'.")] = None,
    timezone: Zone = "UTC",
) -> None:
    """Make a silence."""
    form: dict[str, object] = {"matchers": matchers, "lasts": lasts, "comment": comment, "by": by, "yes": yes}
    if when is not None:
        form |= {"every": every(when), "timezone": timezone}
    one = _answer("/api/v1/quiet/silences", form)
    typer.echo(f"silenced until {one['ends']}: {one['id']}")


def every(written: str) -> Mapping[str, object]:
    """Return spans that come again as the API takes them; end the command where they cannot be read."""
    found = AGAIN.fullmatch(written)
    if found is None:
        fail(
            f"cannot read {written!r}; write it like 'sun 02:00-04:00' or 'mon,tue 02:00-04:00' or 'daily 02:00-04:00'"
        )
    days, begins, ends = found.groups()
    return {"from": begins, "until": ends, "weekdays": [] if days == "daily" else days.split(",")}


def times(written: str) -> Mapping[str, object]:
    """Return when a window is, as the API takes it; end the command where it cannot be read."""
    once = ONCE.fullmatch(written)
    return {"every": every(written)} if once is None else {"from": once[1], "until": once[2]}


def scope(about: list[str]) -> Mapping[str, object]:
    """Return what a window is about, as the API takes it; end the command where it cannot be read."""
    found: dict[str, list[str]] = {}
    for one in about:
        kind, _, name = one.partition(":")
        if kind not in SCOPES or not name:
            fail(f"cannot read {one!r}; write system:NAME, flow:NAME, vendor:NAME, client:NAME, or everything")
        found.setdefault(SCOPES[kind], []).append(name)
    return found


@silence.command(name="preview")
def preview_silence(matchers: Matchers) -> None:
    """Say what a silence hides now, and would have hidden in the last days."""
    found = _answer("/api/v1/quiet/silences/preview", {"matchers": matchers})
    for tier in found["tiers"]:
        typer.echo(
            f"tier {tier['tier']}: nothing would be told of {tier['hidden']} of {count(tier['clients'], 'client')}"
        )
    typer.echo(f"now: {count(len(found['alerts']), 'alert')}, {_listed(found['incidents'], 'incident')}")
    typer.echo(f"in the last days: {_listed(found['past_incidents'], 'incident')}")
    if found["whole_tiers"]:
        fail(f"It hides all of {', '.join(found['whole_tiers'])}; it is made with --yes alone.", 1)


def _listed(names: list[str], what: str) -> str:
    return f"{count(len(names), what)}{': ' if names else ''}{', '.join(names)}"


@silence.command(name="list")
def list_silences(
    state: Annotated[str, typer.Option("--state", help="all, pending, active or expired.")] = "all",
) -> None:
    """List silences."""
    for one in _answer(f"/api/v1/quiet/silences?state={state}")["items"]:
        typer.echo(f"{one['id']} {one['state']} until {one['ends']} {', '.join(one['matchers'])} ({one['comment']})")


@silence.command(name="expire")
def expire(identity: Annotated[str, typer.Argument(help="Its id.")], by: By) -> None:
    """End a silence."""
    one = _answer(f"/api/v1/quiet/silences/{identity}/expire", {"by": by})
    typer.echo(f"{one['id']} is {one['state']}")


@maintenance.command(name="add")
def add_window(  # noqa: PLR0913, PLR0917 - the same
    title: Annotated[str, typer.Argument(help="What is done.")],
    when: Annotated[str, typer.Option("--when", help=WHEN)],
    about: Annotated[list[str], typer.Option("--about", help="system:NAME, flow:, vendor:, client:, or everything.")],
    who: By,
    timezone: Zone = "UTC",
    party: Annotated[str, typer.Option("--party", help="Whose work: vendor, us or client.")] = "us",
    mutes: Annotated[str, typer.Option("--mutes", help="Keep back: both, pages, notices or nothing.")] = "both",
    counted: Annotated[bool, typer.Option("--counted", help="Its looks count for the promises.")] = False,  # noqa: FBT002 - the same
) -> None:
    """Set a window of maintenance."""
    form: dict[str, object] = {
        "title": title,
        "who": who,
        "by": party,
        "timezone": timezone,
        "mutes": mutes,
        "excluded": not counted,
        **({"everything": True} if about == ["everything"] else scope(about)),
        **times(when),
    }
    one = _answer("/api/v1/quiet/maintenance", form)
    coming = one["current"] or one["next"]
    typer.echo(f"{one['id']}: {one['title']}" + (f", from {coming['begins']} to {coming['ends']}" if coming else ""))


@maintenance.command(name="list")
def list_windows() -> None:
    """List windows of maintenance, those that are on first."""
    for one in _answer("/api/v1/quiet/maintenance")["items"]:
        coming = one["current"] or one["next"]
        when = f"{coming['begins']} to {coming['ends']}" if coming else "over"
        typer.echo(f"{one['id']} {'on' if one['current'] else 'next' if coming else ''} {when} {one['title']}")


@maintenance.command(name="cancel")
def cancel(identity: Annotated[str, typer.Argument(help="Its id.")], by: By) -> None:
    """End a window that somebody set, or call it off."""
    one = _answer(f"/api/v1/quiet/maintenance/{identity}/cancel", {"by": by})
    typer.echo(f"{one['id']} is cancelled")
