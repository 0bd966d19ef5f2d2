"""The commands of what clients see: `tierwatch page issue|list|revoke CLIENT`, `tierwatch evidence CLIENT MONTH`."""

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from monitor.command import explained, fail, settings
from monitor.problem import ConfigError
from monitor.remote import asked, bytes_of
from monitor.web.measure import count

commands = typer.Typer(no_args_is_help=True)
page = typer.Typer(help="The addresses of clients' status pages.", no_args_is_help=True)
commands.add_typer(page, name="page")

Client = Annotated[str, typer.Argument(help="The client's id.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]


def _asked(path: str, form: Mapping[str, object] | None = None) -> Mapping[str, object]:
    try:
        return asked(settings(), path, form)
    except ConfigError as error:
        fail(explained(error), 1)


@page.command()
def issue(
    client: Client, by: By, note: Annotated[str, typer.Option("--for", help="Who is given it, for the record.")] = ""
) -> None:
    """Issue an address of a client's page and print it: this once, for only a digest of it is kept."""
    answer = _asked(f"/api/v1/clients/{client}/pages", {"by": by, "note": note})
    typer.echo(f"{answer.get('id')}\n{answer.get('address')}")


@page.command(name="list")
def list_keys(client: Client) -> None:
    """List the addresses that were issued, without the addresses themselves."""
    items = _asked(f"/api/v1/clients/{client}/pages").get("items", [])
    for one in items if isinstance(items, list) else []:
        state = f"revoked {one['revoked']} by {one['revoked_by']}" if one["revoked"] else "opens the page"
        typer.echo(f"{one['id']}: {state}; issued {one['created']} by {one['by']}{_for(one['note'])}")


def _for(note: str) -> str:
    return f" for {note}" if note else ""


@page.command()
def revoke(
    client: Client, by: By, key: Annotated[str, typer.Argument(help="The address's id; all of them without it.")] = ""
) -> None:
    """Make an address of a client's page void, or all of them."""
    path = f"/api/v1/clients/{client}/pages/{key}/revoke" if key else f"/api/v1/clients/{client}/pages/revoke"
    items = _asked(path, {"by": by}).get("items", [])
    typer.echo(f"revoked {count(len(items) if isinstance(items, list) else 0, 'address', 'addresses')}")


@commands.command()
def evidence(
    client: Client,
    month: Annotated[str, typer.Argument(help="A month of its contract, like 2026-11.")],
    how: Annotated[str, typer.Option("--format", help="json, html or pdf.")] = "json",
    to: Annotated[Path | None, typer.Option("--to", help="Where to write it; onto the terminal without it.")] = None,
) -> None:
    """Write the evidence of a client's month: the same record gives the same bytes."""
    try:
        content = bytes_of(settings(), f"/api/v1/clients/{client}/evidence/{month}?format={how}")
    except ConfigError as error:
        fail(explained(error), 1)
    if to is None:
        sys.stdout.buffer.write(content)
        return
    try:
        to.write_bytes(content)
    except OSError as error:
        fail(f"{to} cannot be written ({error.strerror})", 1)
    typer.echo(f"wrote {to}")
