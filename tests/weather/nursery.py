"""A process that has imported everything and starts Tierwatch by fork: `python -m tests.weather.nursery`.

Imports cost seconds and a fork costs none, so that a trial can begin many times over. The fork is made before there is
any loop, thread or connection; from there on the child runs the very command line. Orders come as lines of JSON on
standard input (`config`, `said`, `environment`, and perhaps `moment` and `turn`); a line with the child's `pid` answers
each, and a line with its `status` tells its end. When standard input closes, all ends.
"""

import json
import os
import selectors
import signal
import sys
from typing import Any, NoReturn

from alerts.channels.dispatch import Channels
from monitor.cli import main as command_line
from monitor.clock import SystemClock
from tests.weather.deadly import Moment, arm

PAUSE = 0.02


def _tell(**told: int) -> None:
    print(json.dumps(told), flush=True)


def _become(order: dict[str, Any]) -> NoReturn:
    os.environ.update(order["environment"])
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for output in (1, 2):
        os.dup2(said, output)
    if "moment" in order:
        arm(Moment(order["moment"]), order["turn"])
    try:
        command_line(args=["run", "--config", order["config"]])
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    os._exit(0)


def serve() -> None:
    """Take orders until standard input closes."""
    Channels(now=SystemClock().now).warm_up()
    orders, child = selectors.DefaultSelector(), 0
    orders.register(sys.stdin, selectors.EVENT_READ)
    _tell(ready=os.getpid())
    while True:
        if orders.select(PAUSE):
            line = sys.stdin.readline()
            if not line:
                break
            child = os.fork()
            if not child:
                _become(json.loads(line))
            _tell(pid=child)
        ended, status = os.waitpid(child, os.WNOHANG) if child else (0, 0)
        if ended:
            child = 0
            _tell(status=os.waitstatus_to_exitcode(status))
    if child:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    serve()
