"""Two ledgers as a vendor's API: what is posted at the source, and what a run has carried to the destination."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CONNECTOR = """\
resources:
  postings:
    path: /postings
    records_path: items
    created_path: at
    time_format: iso8601
    client_paths: [customer]
    since: {param: since, format: iso8601, overlap: 10m}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of a ledger."""

    id: str
    at: datetime


@dataclass(slots=True)
class Ledgers:
    """The two ledgers, of one customer."""

    source: list[Posting] = field(default_factory=list)
    destination: list[Posting] = field(default_factory=list)

    def posts(self, ids: Iterable[str], at: datetime) -> None:
        """Let the customer's business go on."""
        self.source += [Posting(id=one, at=at) for one in ids]

    def carries(self, ids: Iterable[str], at: datetime) -> None:
        """Let a run carry postings over."""
        self.destination += [Posting(id=one, at=at) for one in ids]

    def app(self) -> Starlette:
        """Return the API of both."""
        return Starlette(
            routes=[
                Route("/source/postings", lambda request: _listed(request, self.source)),
                Route("/destination/postings", lambda request: _listed(request, self.destination)),
            ]
        )


def _listed(request: Request, ledger: list[Posting]) -> Response:
    since = request.query_params.get("since")
    first = datetime.fromisoformat(since) if since else None
    found = [one for one in ledger if first is None or one.at >= first]
    return JSONResponse({"items": [{"id": one.id, "customer": "c-1", "at": one.at.isoformat()} for one in found]})


def connect(folder: Path) -> None:
    """Write the connector of a ledger."""
    (folder / "connectors").mkdir()
    (folder / "connectors" / "ledger.yaml").write_text(CONNECTOR)
