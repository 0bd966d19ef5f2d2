"""Listens to what the libraries log while they send, so that an attempt can be judged, and lets none of it out.

Apprise writes addresses, tokens and bodies into its log; and status codes and exceptions, which its result lacks,
stand only there, the latter at level DEBUG. So its logger is opened wide and ends here: each record is looked at in
the thread of its send, and dropped. urllib3 writes whole paths, which are the secrets of most webhooks, and is treated
the same.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

OURS_ALONE = "apprise"
SHARED = (
    "charset_normalizer",
    "oauthlib",
    "requests",
    "requests_oauthlib",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "urllib3.util.ssl_",
)

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")


@dataclass(slots=True)
class Heard:
    """What was heard of one attempt: the last HTTP status that was no success, and the last exception."""

    status: int | None = None
    error: BaseException | None = None

    def note(self, record: logging.LogRecord) -> None:
        """Keep what a record tells; Apprise logs within its `except` clauses, where the exception is at hand."""
        self.error = sys.exc_info()[1] or self.error
        found = _STATUS.search(record.getMessage())
        self.status = int(found[1]) if found else self.status


_attempt: ContextVar[Heard | None] = ContextVar("tierwatch_attempt", default=None)


class _Gate(logging.Filter):
    """Drops every record of an attempt, and every record of Apprise."""

    def filter(self, record: logging.LogRecord) -> bool:
        heard = _attempt.get()
        if heard is not None and record.name == OURS_ALONE:
            heard.note(record)
        return heard is None and record.name != OURS_ALONE


_GATE = _Gate()


def close_the_logs() -> None:
    """Let nothing that the libraries log about an attempt reach a handler, whatever its level. May be repeated."""
    for name in (OURS_ALONE, *SHARED):
        logging.getLogger(name).addFilter(_GATE)
    logging.getLogger(OURS_ALONE).setLevel(logging.DEBUG)


@contextmanager
def listening() -> Iterator[Heard]:
    """Yield what is heard of the attempt that runs inside, in this thread."""
    heard = Heard()
    token = _attempt.set(heard)
    try:
        yield heard
    finally:
        _attempt.reset(token)
