"""Runs the sandbox as a process: `python -m monitor.sandbox`. It prints its addresses as one line of JSON and serves.

It listens on loopback only, keeps everything in memory, and ends on SIGTERM or SIGINT.
"""

import asyncio
import os
import signal
import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import NamedTuple

import httpx
import uvicorn
from starlette.applications import Starlette

from monitor.clock import SystemClock
from monitor.sandbox.addresses import Addresses
from monitor.sandbox.app import sandbox
from monitor.sandbox.dialects.webhooks import Webhooks
from monitor.sandbox.faults import Fault
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.smtp import serve_mail
from monitor.sandbox.world import World
from monitor.units import duration

TOKEN = "TIERWATCH_SANDBOX_TOKEN"  # noqa: S105 - the name of a variable, not its value
LONGEST_FAREWELL = 2
LONGEST_SILENCE = 75


class Listen(NamedTuple):
    """An address of this machine and a port; port 0 is any free one."""

    host: str
    port: int


def loopback(text: str) -> Listen:
    """Return a loopback address and port. Raises ArgumentTypeError where it is none, or not of this machine alone."""
    host, _, port = text.rpartition(":")
    try:
        local, number = IPv4Address(host).is_loopback, int(port)
    except ValueError:
        local, number = False, -1
    if not local or not 0 <= number <= 65_535:  # noqa: PLR2004 - the largest port
        raise ArgumentTypeError("must be a loopback address and a port; write it like 127.0.0.1:0")
    return Listen(host, number)


def lasting(text: str) -> timedelta:
    """Return a duration such as 45s or 3m. Raises ArgumentTypeError where it is none."""
    try:
        return duration(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def arguments() -> ArgumentParser:
    """Return what the command line understands."""
    parser = ArgumentParser(
        prog="python -m monitor.sandbox",
        description="Simulated vendors and an inbox, on loopback only.",
        epilog=f"With {TOKEN} set in the environment, the buttons and the inbox can be read and pressed with it only.",
    )
    parser.add_argument("--listen", type=loopback, default="127.0.0.1:0", help="HTTP address (port 0: any free one)")
    parser.add_argument("--smtp", type=loopback, default="127.0.0.1:0", help="mail server's address")
    parser.add_argument("--seed", type=int, default=1, help="another seed is other traffic")
    parser.add_argument("--fault-after", type=lasting, default="45s", help="when the ERP stops by itself")
    parser.add_argument("--fault-for", type=lasting, default="180s", help="for how long it stops")
    parser.add_argument("--no-fault", action="store_true", help="nothing goes wrong until a button is pressed")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when whoever started it ends")
    return parser


class _Tether(asyncio.Protocol):
    """Notices the end of standard input, which is the end of the process that holds its other side."""

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._server.should_exit = True


def _world(options: Namespace, clock: SystemClock) -> World:
    world = World(now=clock.now, started=clock.now(), seed=options.seed)
    if not options.no_fault:
        world.faults.plan(Fault.ERP_STOPPED, world.started + options.fault_after, options.fault_for)
    return world


def _bound(listen: Listen) -> socket.socket:
    bound = socket.create_server(listen)
    bound.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return bound


def _server(app: Starlette) -> uvicorn.Server:
    # The vendors date their answers by the world's clock, so the server adds no date of its own.
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=LONGEST_SILENCE,
        timeout_graceful_shutdown=LONGEST_FAREWELL,
    )
    return uvicorn.Server(config)


async def serve(options: Namespace) -> None:
    """Serve until told to stop."""
    clock = SystemClock()
    inbox = Inbox(clock.now)
    world = _world(options, clock)
    webhooks = Webhooks(world)
    app = sandbox(
        world,
        inbox,
        sleep=lambda time: clock.sleep_until(clock.now() + time),
        token=os.environ.get(TOKEN, ""),
        webhooks=webhooks,
    )
    bound, server = _bound(options.listen), _server(app)
    mail, smtp = await serve_mail(inbox, options.smtp.host, options.smtp.port)
    if options.until_stdin_closes:
        await asyncio.get_running_loop().connect_read_pipe(lambda: _Tether(server), sys.stdin)
    host, port = bound.getsockname()
    addresses = Addresses(http=f"http://{host}:{port}", smtp=smtp)
    sys.stdout.write(f"{addresses.line()}\n")
    sys.stdout.flush()
    async with httpx.AsyncClient(trust_env=False, timeout=LONGEST_FAREWELL) as client:

        async def post() -> None:
            await webhooks.send(client)

        # The server calls it once a second.
        server.config.callback_notify, server.config.timeout_notify = post, 0
        await server.serve(sockets=[bound])
    mail.close()


def main() -> None:
    """Run the sandbox from the command line."""
    options = arguments().parse_args()
    # The server takes these over while it runs, and raises them again after a clean end: that end is no failure.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
