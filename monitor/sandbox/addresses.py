"""Where a running sandbox is found: the line that it prints when it starts, written and read."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """`http` is the address of the vendors, inbox and buttons without a path; `smtp` is the mail server's host:port."""

    http: str
    smtp: str

    def line(self) -> str:
        """Return the addresses as one line of JSON."""
        return json.dumps(asdict(self))


def heard(line: str) -> Addresses:
    """Return the addresses that a line tells. Raises ValueError where it is not what a sandbox prints."""
    told = json.loads(line)
    if not isinstance(told, dict) or not {"http", "smtp"} <= told.keys():
        raise ValueError("this is not the line that a sandbox prints when it starts")
    return Addresses(http=str(told["http"]), smtp=str(told["smtp"]))
