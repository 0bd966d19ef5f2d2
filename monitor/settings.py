"""The settings of the process, from environment variables that begin with `TIERWATCH_`.

Where it listens, where it keeps its data, what it exports. What is watched, and who is told, is configuration and read
by `load`.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from monitor.problem import ConfigError
from monitor.units import duration

PREFIX = "TIERWATCH_"
LARGEST_PORT = 65535
RETAINED = "retention_"
DATABASE = "tierwatch.db"


class LogLevel(StrEnum):
    """From which level on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Listen(NamedTuple):
    """Where the process listens; port 0 takes any that is free. An IPv6 host stands without its brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return `host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _listen(value: object) -> Listen:
    host, _, port = str(value).strip().rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= len(str(LARGEST_PORT)) else -1
    if not bare or (":" in bare) != host.startswith("[") or "/" in bare or not 0 <= number <= LARGEST_PORT:
        raise ValueError("must be a host and a port; write it like 127.0.0.1:8080 or [::1]:8080")
    return Listen(bare, number)


def _level(value: object) -> LogLevel:
    if str(value).lower() not in set(LogLevel):
        raise ValueError(f"must be one of {', '.join(LogLevel)}")
    return LogLevel(str(value).lower())


def _web_address(value: object) -> str:
    address = str(value).strip().rstrip("/")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be a web address; write it like https://tierwatch.example.com")
    return address


def _folder(value: object) -> Path:
    return Path(str(value)).expanduser().absolute()


def _default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return _folder(f"{state}/tierwatch")


Retention = Annotated[timedelta, BeforeValidator(duration)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
SecretAddress = Annotated[SecretStr, BeforeValidator(_web_address)]


class Settings(BaseSettings):
    """All settings with their defaults. Addresses that carry secrets are never shown."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    listen: Annotated[Listen, NoDecode, BeforeValidator(_listen)] = Listen("127.0.0.1", 8080)
    external_address: WebAddress | None = None
    data: Annotated[Path, BeforeValidator(_folder)] = Field(default_factory=_default_folder)
    database_url: SecretStr | None = None
    log_level: Annotated[LogLevel, BeforeValidator(_level)] = LogLevel.INFO
    heartbeat_url: SecretAddress | None = None
    otlp_endpoint: WebAddress | None = None
    retention_incidents: Retention = timedelta(days=1100)
    retention_alerts: Retention = timedelta(days=30)
    retention_looks: Retention = timedelta(days=400)
    retention_acts: Retention = timedelta(days=1100)
    retention_messages: Retention = timedelta(days=400)

    @property
    def database(self) -> str:
        """The database's URL, with its password: a SQLite file in the data folder unless one is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data / DATABASE}"

    @property
    def retention(self) -> Mapping[str, timedelta]:
        """For how long the rows of each table are kept, by the table's name."""
        names = (name for name in type(self).model_fields if name.startswith(RETAINED))
        return {name.removeprefix(RETAINED): getattr(self, name) for name in names}


def read_settings() -> Settings:
    """Return the settings that the environment holds.

    Raises:
        ConfigError: some variable cannot be used. The text names all of them, never their values.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = (_line(str(detail["loc"][0]), detail["msg"]) for detail in error.errors(include_url=False))
        raise ConfigError("\n".join(lines)) from None
    except SettingsError:
        raise ConfigError(
            f"a variable that begins with {PREFIX} cannot be read; compare them with docs/operating.md"
        ) from None


def _line(field: str, message: str) -> str:
    return f"{PREFIX}{field.upper()}: {message.removeprefix('Value error, ')}"
