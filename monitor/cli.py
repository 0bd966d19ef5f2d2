"""The command line: `tierwatch run`, `demo`, `init`, `check`, `resolve`, `backup`, and those of `connecting`.

Exit status: 0 done, 1 findings or a refusal, 2 errors in configuration or settings.
"""

import asyncio
import getpass
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import app
from monitor.application import Application
from monitor.clientpages import commands as clientpages
from monitor.clock import SystemClock
from monitor.command import ConfigPath, explained, fail, settings
from monitor.connecting import commands
from monitor.demo import fresh, sandbox
from monitor.drill import commands as drills
from monitor.escalations import commands as escalations
from monitor.example import write_example
from monitor.load import ConfigError, Grade, load
from monitor.logs import set_up
from monitor.notices import commands as notices
from monitor.oncalling import commands as oncalling
from monitor.ordering import commands as ordering
from monitor.outlook import outlook
from monitor.promises import commands as promises
from monitor.quiet_outlook import exclusions
from monitor.quieted import maintenance, silence
from monitor.reconciliation import commands as reconciliation
from monitor.remote import asked
from monitor.replaying import commands as replaying
from monitor.serve import bound, serve
from monitor.settings import Listen, Settings
from monitor.store import AlreadyRunning, BackupFailed, StoreUnwritable, backup
from monitor.telemetry.traces import set_up_traces
from monitor.web.access import sign_in_link
from monitor.web.measure import count

main = typer.Typer(
    name="tierwatch",
    help="Watches the APIs your clients depend on, pages who is on call, and tells clients what they were promised.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

main.add_typer(promises)
main.add_typer(commands)
main.add_typer(oncalling)
main.add_typer(reconciliation)
main.add_typer(escalations)
main.add_typer(silence)
main.add_typer(maintenance)
main.add_typer(notices)
main.add_typer(replaying)
main.add_typer(drills)
main.add_typer(ordering)
main.add_typer(clientpages)

DirectoryPath = Annotated[Path, typer.Argument(help="The configuration: a directory, or one YAML file.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it, for the record.", default_factory=getpass.getuser, show_default="you")
]


async def _serve(settings: Settings, config: Path, *, demo: bool = False) -> None:
    listening = bound(settings.listen)
    host, port = listening.getsockname()[:2]
    settings = settings.model_copy(update={"listen": Listen(host, port)})
    set_up_traces(settings)
    if not demo:
        async with app(settings, config, SystemClock()) as application:
            await serve(application, listening, lambda: _announce(application))
        return
    async with sandbox(settings.data) as (folder, link), app(settings, folder, SystemClock(), link) as application:
        await link.post_to(f"http://127.0.0.1:{port}")
        await serve(application, listening, lambda: _announce(application))


def _announce(application: Application) -> None:
    for finding in application.situation.findings:
        typer.echo(f"{finding.grade}: {finding}", err=True)
    link = sign_in_link(application.doors, application.keys)
    typer.echo(f"Tierwatch is running. Sign in once with this link:\n\n  {link}\n")


def _run(settings: Settings, config: Path, *, demo: bool = False) -> None:
    set_up(settings.log_level)
    try:
        asyncio.run(_serve(settings, config, demo=demo))
    except ConfigError as error:
        fail(explained(error))
    except (AlreadyRunning, StoreUnwritable) as error:
        fail(str(error), 1)


@main.command()
def run(config: ConfigPath) -> None:
    """Watch, page and tell, with the systems of a configuration."""
    _run(settings(), config)


@main.command()
def demo() -> None:
    """Watch a sandbox of simulated vendors, started beside it."""
    configured = settings()
    try:
        folder = fresh(configured.data)
    except (AlreadyRunning, ConfigError) as error:
        fail(str(error), 1)
    _run(configured.model_copy(update={"data": folder, "database_url": None}), folder, demo=True)


@main.command()
def init(directory: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write a complete example configuration."""
    try:
        written = write_example(directory)
    except ConfigError as error:
        fail(explained(error), 1)
    for path in written:
        typer.echo(f"wrote {path}")


@main.command()
def check(
    directory: DirectoryPath,
    no_secrets: Annotated[bool, typer.Option("--no-secrets", help="Do not look whether secrets are there.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Say what is wrong with a configuration, what its looks cost and how soon they see an outage.

    Errors prevent a start (status 2), findings do not (status 1); those that are accepted are shown only.
    """
    now = SystemClock().now()
    loaded = load(directory, secrets=not no_secrets, now=now)
    for problem in (*loaded.errors, *loaded.findings):
        typer.echo(f"{problem.grade}: {problem}")
    if loaded.config is None:
        fail(f"{count(len(loaded.errors), 'error')}: Tierwatch does not start with this configuration.")
    for line in (*outlook(loaded.config), *exclusions(loaded.config, now)):
        typer.echo(line)
    left = [finding for finding in loaded.findings if finding.grade is not Grade.ACCEPTED]
    if left:
        fail(f"{count(len(left), 'finding')}: Tierwatch starts with this configuration, and shows what it finds.", 1)
    typer.echo("The configuration is in order.")


def _ask(path: str, form: dict[str, str]) -> None:
    try:
        answer = asked(settings(), path, form)
    except ConfigError as error:
        fail(explained(error), 1)
    typer.echo(str(answer.get("headline", "done")))


@main.command()
def resolve(incident: str, why: Annotated[str, typer.Option("--why", help="Why it is over.")], by: By) -> None:
    """End an incident by hand, and tell everybody who was told of it."""
    _ask(f"/api/v1/incidents/{incident}/resolve", {"by": by, "why": why})


@main.command(name="backup")
def back_up(file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")]) -> None:
    """Write a copy of the database, also while Tierwatch runs on it."""
    try:
        backup(settings().database, file)
    except (BackupFailed, ConfigError) as error:
        fail(str(error), 1)
    typer.echo(f"wrote {file}")
