"""The composition root: chooses the parts and makes the application of them.

    async with app(settings, config_path, clock) as application: ...

Everything that can be wrong at a start is told as a ConfigError or by the store, before anything runs.
"""

import asyncio
import os
import secrets as randomness
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from alerts.channels.dispatch import Channels
from alerts.channels.signed import SignedWebhooks
from alerts.outgoing import Outgoing, answered
from monitor.application import Application
from monitor.clock import Clock
from monitor.enclosing import Enclosing
from monitor.load import Config, ConfigError, Loaded, load
from monitor.parts import Parts
from monitor.secrets import Secrets
from monitor.settings import Settings
from monitor.store import Retention, Store
from monitor.web.access import Doors, Keys
from monitor.web.office import SandboxLink
from probes.adapters.fast import FastTransport
from probes.adapters.handshake import shown_certificate
from probes.adapters.http import HttpxTransport, shared_client
from probes.adapters.reach import reach
from probes.catalog import SecretRef

SHORTEST_TOKEN = 32

DRAIN = timedelta(seconds=6)
"""How long a stop waits for what is under way. Open connections may have taken two before; ten is all there is."""

HEARTBEAT_DEADLINE = 10.0


def token_file(settings: Settings) -> Path:
    """Return where the access token lies: beside the database."""
    return settings.data / "token"


def access_token(settings: Settings) -> str:
    """Return the token that opens the doors, made at the first start; only its owner may read the file.

    Raises:
        ConfigError: the data folder or the file cannot be used, or what it holds could be guessed.
    """
    path = token_file(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(randomness.token_urlsafe(32))
        path.chmod(0o600)
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        reason = error.strerror
        raise ConfigError(f"{path}: the access token cannot be kept here ({reason}); set TIERWATCH_DATA") from None
    except UnicodeDecodeError:
        token = ""
    if len(token) < SHORTEST_TOKEN:
        # A disk that was full when the token was made leaves an empty file behind.
        raise ConfigError(f"{path}: holds no access token; delete the file, and the next start makes a new one")
    return token


def doors_of(settings: Settings) -> Doors:
    """Return where the process is reached."""
    return Doors(host=settings.listen.host, port=settings.listen.port, external=settings.external_address or "")


def loaded_or_error(path: Path, clock: Clock) -> Loaded:
    """Return the configuration of a path.

    Raises:
        ConfigError: it has errors; they come with it.
    """
    loaded = load(path, now=clock.now())
    if loaded.config is None:
        raise ConfigError(f"{len(loaded.errors)} errors in the configuration", loaded.errors)
    return loaded


def _heartbeat(client: httpx.AsyncClient, settings: Settings, application: Application) -> None:
    if settings.heartbeat_url is None:
        return
    url = settings.heartbeat_url.get_secret_value()

    situation = application.situation
    situation.outgoing = Outgoing(configured=True)

    async def beat() -> None:
        reason = ""
        try:
            answer = await client.get(url, timeout=HEARTBEAT_DEADLINE)
            reason = f"refused ({answer.status_code})" if answer.is_error else ""
        except httpx.HTTPError as error:
            # The text may quote the address, which is a secret.
            reason = f"unreachable ({type(error).__name__})"
        situation.outgoing = answered(situation.outgoing, reason, application.now())

    async def send() -> None:
        application.driver.spawn(beat())

    application.keeping.heartbeat = send


def _allow(channel: Channels, config: Config) -> None:
    channel.allow_private = config.allow_private_destinations


def _signing(channel: Channels, secrets: Secrets, clock: Clock) -> SignedWebhooks:
    """Return the channels with the one for signed webhooks before them."""

    def secret(reference: SecretRef) -> str:
        try:
            return secrets.resolve(reference)
        except ConfigError:
            return ""

    return SignedWebhooks(others=channel, web=channel.web, secret=secret, now=clock.now)


@asynccontextmanager
async def app(
    settings: Settings, config_path: Path, clock: Clock, sandbox: SandboxLink | None = None
) -> AsyncIterator[Application]:
    """Make the application with the real parts; on leaving, let what is under way end and let the store go.

    Raises:
        ConfigError: settings or configuration cannot be used.
        AlreadyRunning: another process works on the database.
    """
    loaded = loaded_or_error(config_path, clock)
    async with AsyncExitStack() as stack:
        tls = ssl.create_default_context()
        client = await stack.enter_async_context(shared_client(tls, FastTransport(tls)))
        channel, secrets = Channels(now=clock.now), Secrets()
        stack.push_async_callback(channel.aclose)
        token = access_token(settings)
        store = await asyncio.to_thread(Store, settings.database)
        parts = Parts(
            clock=clock,
            store=store,
            transport=HttpxTransport(client),
            channel=_signing(channel, secrets, clock),
            secrets=secrets,
            doors=doors_of(settings),
            keys=Keys(token),
            config_path=config_path,
            retention=Retention(**settings.retention),
            sandbox=sandbox,
            reach=reach,
            shown=shown_certificate,
            configured=lambda config: _allow(channel, config),
        )
        application = Application(parts, loaded)
        application.desk.clock = clock
        channel.enclosed = Enclosing(lambda: application.situation, parts.doors, parts.keys, parts.secrets).enclosed()
        stack.callback(application.thread.close)
        await asyncio.to_thread(channel.warm_up)
        _heartbeat(client, settings, application)
        yield application
        application.driver.stop()
        if not await application.driver.idle(DRAIN):
            application.driver.cancel()
        await application.desk.settle()
