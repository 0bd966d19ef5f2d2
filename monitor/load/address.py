"""Whether a channel's address can be used at all: its kind, its form, and where it leads.

Judged from the text alone, without asking any name server: names are resolved when a message is delivered, since what
they stand for changes. No answer repeats any part of an address.
"""

from apprise import Apprise

from alerts.channel_kind import scheme_of
from alerts.channels.apprise import SCHEMES
from alerts.channels.destination import host_of, is_private
from alerts.channels.handover import ASSET
from alerts.channels.witness import close_the_logs


def objection_to(address: str, *, allow_private: bool) -> str:
    """Return why nobody can be told at this address and what to do about it, "" where somebody can."""
    scheme = scheme_of(address)
    if scheme is None:
        return "does not hold an address; write an Apprise one like mailto://... or json://..."
    if scheme not in SCHEMES:
        return f"holds an address of a kind that is not allowed; write one of {', '.join(sorted(SCHEMES))}"
    close_the_logs()
    service = Apprise.instantiate(address, asset=ASSET)
    if service is None:
        return f"holds no address as {scheme}:// takes it; compare it with Apprise's documentation"
    if not allow_private and _leads_inside(host_of(service) or ""):
        return "leads to a private address; set settings: {allow_private_destinations: true} or name a public one"
    return ""


def _leads_inside(host: str) -> bool:
    try:
        return is_private(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
