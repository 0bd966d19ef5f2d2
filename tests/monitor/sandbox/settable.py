"""A clock that a test moves, and how a test asks the vendors."""

from datetime import UTC, datetime, timedelta

import httpx

from monitor.sandbox.vendor import credential

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
BILLING = {"Authorization": f"Bearer {credential('billing')}"}
GATEWAY = {"Authorization": f"Bearer {credential('gateway')}"}
ERP = {"X-Api-Key": credential("erp")}
OPENER = {"Authorization": "Bearer opener"}


class Settable:
    """Stands still until it is moved; sleeping moves it and takes no time."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """Return the instant at which it stands."""
        return self.at

    def advance(self, **by: float) -> None:
        """Move on by so many `hours`, `minutes`, `seconds`."""
        self.at += timedelta(**by)

    async def sleep(self, duration: timedelta) -> None:
        """Move on by a duration at once."""
        self.at += duration


async def get(http: httpx.AsyncClient, path: str, headers: dict[str, str], **query: str | int) -> httpx.Response:
    """Return the answer to a GET; in the names of query parameters `__gte` stands for `[gte]`."""
    params = {name.replace("__gte", "[gte]").replace("__gt", "[gt]"): value for name, value in query.items()}
    return await http.get(path, headers=headers, params=params)
