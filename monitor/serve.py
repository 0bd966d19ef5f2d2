"""Runs an application: its ticks and its web server, until a signal says stop; another one makes it reload."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import uvicorn

from monitor.application import Application
from monitor.problem import ConfigError
from monitor.settings import Listen
from monitor.web.site import create

FAREWELL = 2
"""Seconds that open connections get when the server stops."""

COLLECTIONS = (20_000, 20, 20)
"""Thresholds of the garbage collector. In one pass of a storm tens of thousands of values come that stay; with Python's
own thresholds a quarter of the pass went into looking for cycles among them."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: they stop the ticks too."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Capture nothing."""
        return nullcontext()


def bound(listen: Listen) -> socket.socket:
    """Return a socket bound to an address.

    Raises:
        ConfigError: it cannot be bound; the message says what to change.
    """
    try:
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        made = socket.create_server((listen.host, listen.port), family=family, backlog=512)
    except OSError as error:
        # The number does not do: that of a host not found is none of the system's. What follows repeats the address.
        reason = (error.strerror or "").partition(" (while ")[0]
        raise ConfigError(f"cannot listen on {listen}: {reason}; set TIERWATCH_LISTEN to another address") from None
    made.setblocking(False)  # noqa: FBT003 - the standard library's signature
    # What is accepted takes it over. An answer is two writes, head and body, and without it the body waits for the
    # client's acknowledgement of the head, which comes 40 ms later; asyncio sets it on sockets of its own making only.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _server(application: Application) -> _Server:
    config = uvicorn.Config(
        create(application),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL,
    )
    return _Server(config)


def _settle_down() -> None:
    """Take what the start has made out of the garbage collector's sight: it lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


async def serve(application: Application, listening: socket.socket, started: Callable[[], None]) -> None:
    """Serve and beat until SIGTERM or SIGINT, reload on SIGHUP; `started` is called once requests are answered."""
    server = _server(application)
    _settle_down()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        application.driver.stop()

    async def reload() -> None:
        await application.reload(by="SIGHUP")

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, lambda: application.driver.spawn(reload()))
    application.driver.spawn(application.driver.run())
    serving = server.serve(sockets=[listening])
    started()
    await serving
