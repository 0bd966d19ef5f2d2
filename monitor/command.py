"""What the commands have in common: how the configuration is named, and how a command fails.

Exit status: 0 done, 1 findings or a refusal, 2 errors in configuration or settings.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from monitor.clock import SystemClock
from monitor.load import Config, ConfigError, load
from monitor.settings import Settings, read_settings

ConfigPath = Annotated[Path, typer.Option("--config", help="The configuration: a directory, or one YAML file.")]


def fail(message: str, status: int = 2) -> NoReturn:
    """End the command with a message and an exit status."""
    typer.echo(message, err=True)
    raise typer.Exit(status)


def explained(error: ConfigError) -> str:
    """Return an error with all of its problems, a line for each."""
    return "\n".join((*map(str, error.problems), str(error)))


def settings() -> Settings:
    """Return the settings of the process; end the command where they cannot be used."""
    try:
        return read_settings()
    except ConfigError as error:
        fail(explained(error))


def configuration(path: Path) -> Config:
    """Return a configuration; end the command where it has errors."""
    loaded = load(path, now=SystemClock().now())
    if loaded.config is None:
        fail("\n".join(map(str, loaded.errors)))
    return loaded.config
