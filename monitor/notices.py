"""The commands of client notices: `tierwatch notice`, said to the running process."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.command import explained, fail, settings
from monitor.load import ConfigError
from monitor.remote import asked
from monitor.web.measure import count

commands = typer.Typer(
    name="notice", help="Read, approve, write and take back notices to clients.", no_args_is_help=True
)

Draft = Annotated[str, typer.Argument(metavar="DRAFT", help="Its id, as `tierwatch notice list` tells it.")]
Number = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its number, like INC-7.")]
Why = Annotated[str, typer.Option("--why", help="Why; it is kept on the timeline and in the audit.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]


def _answer(path: str, form: Mapping[str, object] | None = None) -> Mapping[str, Any]:
    try:
        return asked(settings(), f"/api/v1/notices{path}", form)
    except ConfigError as error:
        fail(explained(error), 1)


@commands.command(name="list")
def list_drafts(
    state: Annotated[str, typer.Option("--state", help="waiting, sent, dead, refused or all.")] = "waiting",
) -> None:
    """List drafts, the soonest due first."""
    for one in _answer(f"?state={state}")["items"]:
        typer.echo(_line(one))


def _line(one: Mapping[str, Any]) -> str:
    due = f" due {one['due']}" if one["due"] else ""
    number = count(len(one["clients"]), "client")
    why = f": {one['why']}" if one["why"] else ""
    return f"{one['id']} {one['state']} '{one['stage']}' to {number} ({one['tier']}){due}, {one['cause']}{why}"


@commands.command()
def preview(
    draft: Annotated[str, typer.Argument(help="A draft; or an incident, with --stage.")],
    stage: Annotated[str | None, typer.Option("--stage", help="What telling this stage would do.")] = None,
) -> None:
    """Say exactly whom a notice reaches, over what, in which language, and what they read. Nothing is sent."""
    one = _answer(f"/{draft}/preview" if stage is None else f"/preview?incident={draft}&stage={stage}")
    tiers = ", ".join(f"{number} {tier}" for tier, number in one["tiers"].items()) or "none"
    typer.echo(f"{count(one['clients'], 'client')} ({tiers}), {count(one['contacts'], 'contact')}")
    for each in one["recipients"]:
        typer.echo(
            f"- {each['client']}, {each['contact']}: {each['channel']} {each['address']}, {each['language']}, "
            f"{each['timezone']}, text {each['text'] + 1}"
        )
    for place, text in enumerate(one["texts"], start=1):
        typer.echo(f"\nText {place} ({text['language']}, {count(text['readers'], 'reader')})\n{text['subject']}\n")
        typer.echo(text["body"])
        for no in text["objections"]:
            typer.echo(f"{no['grade']}: {no['why']}; {no['advice']}")
    typer.echo(f"\nfingerprint {one['text']}" if one["text"] else "")


@commands.command()
def approve(
    draft: Draft, by: By, text: Annotated[str, typer.Option("--text", help="The fingerprint that you have read.")] = ""
) -> None:
    """Approve a draft; with enough approvals it is sent in the same moment."""
    typer.echo(_line(_answer(f"/{draft}/approve", {"by": by, "text": text})))


@commands.command()
def send(draft: Draft, by: By) -> None:
    """Send a draft that waits for nobody's approval but yours."""
    typer.echo(_line(_answer(f"/{draft}/approve", {"by": by})))


@commands.command()
def write(
    draft: Draft,
    subject: Annotated[str, typer.Option("--subject", help="The subject.")],
    file: Annotated[Path, typer.Option("--file", help="A file with the text.", exists=True, dir_okay=False)],
    by: By,
    language: Annotated[str, typer.Option("--language", help="For readers of this language alone, like de.")] = "",
) -> None:
    """Put a text of your own in the place of a draft's; approvals of the text before die by it."""
    texts = {language: {"subject": subject, "body": file.read_text(encoding="utf-8").strip()}}
    typer.echo(_line(_answer(f"/{draft}/text", {"by": by, "texts": texts})))


@commands.command()
def refuse(draft: Draft, why: Why, by: By) -> None:
    """Refuse a draft."""
    typer.echo(_line(_answer(f"/{draft}/refuse", {"by": by, "why": why})))


@commands.command()
def stage(
    number: Number,
    reached: Annotated[str, typer.Argument(metavar="STAGE", help="identified, or monitoring.")],
    by: By,
    why: Why = "",
) -> None:
    """Say how far an incident has come; clients are told as their contracts say."""
    form = {"incident": number, "stage": reached, "by": by, "why": why}
    typer.echo(str(_answer("/stage", form).get("headline", "done")))


@commands.command()
def retract(number: Number, why: Why, by: By) -> None:
    """End an incident as a false alarm, and tell everybody who was told of it."""
    typer.echo(str(_answer("/retract", {"incident": number, "by": by, "why": why}).get("headline", "done")))
