"""How a vendor writes its rate limits into headers, as its definition declares it.

A name alone does not tell what its number means (`X-RateLimit-Reset` is an instant here and a number of seconds there),
so nothing is guessed. Reading headers with these declarations is `headers`' work, and the fields of the IETF draft,
which need none, are `ratelimit`'s.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ResetFormat(StrEnum):
    """What the value of a rate-limit reset header means. A `duration` is written like `6m0s` or `1.5s`."""

    DELTA_S = "delta_s"
    DELTA_MS = "delta_ms"
    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"
    HTTP_DATE = "http_date"
    ISO8601 = "iso8601"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaHeaders:
    """The headers that tell of one of a vendor's limits; empty names where it sends none.

    Either each number has a header of its own, or the header `combined` holds several, which the groups `limit`,
    `remaining`, `used` and `reset` of the regular expression `pattern` find. `window` is the period of the limit that
    they tell of, None where it is the only one or its number says which.
    """

    limit: str = ""
    remaining: str = ""
    reset: str = ""
    reset_format: ResetFormat = ResetFormat.DELTA_S
    combined: str = ""
    pattern: str = ""
    window: timedelta | None = None

    @property
    def names(self) -> frozenset[str]:
        """The headers' names in lower case."""
        return frozenset(name.lower() for name in (self.limit, self.remaining, self.reset, self.combined) if name)
