"""Runs localstripe, a Stripe emulator that we did not write: `python -m tests.real.localstripe_server PORT`.

Its own command listens on every interface and keeps what it holds in a file for all; here it is on loopback, in memory.
"""

import sys
from importlib import import_module

from aiohttp import web


def main(port: int) -> None:
    """Serve until a signal says stop."""
    import_module("localstripe.resources").Store.dump_to_disk = lambda _: None
    web.run_app(import_module("localstripe.server").app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
