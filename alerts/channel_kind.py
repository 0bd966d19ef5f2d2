"""What kind of channel an address's scheme stands for. Its scheme is all of an address that is ever looked at here."""

import re
from collections.abc import Mapping

from alerts.message import ChannelKind

SCHEMES: Mapping[ChannelKind, frozenset[str]] = {
    ChannelKind.MAIL: frozenset({"mailto", "mailtos", "smtp", "smtps"}),
    ChannelKind.CHAT: frozenset(
        {"discord", "matrix", "matrixs", "mmost", "mmosts", "slack", "teams", "tgram", "workflow", "workflows"}
    ),
    ChannelKind.TEXT: frozenset({"signal", "signals", "twilio"}),
    ChannelKind.PUSH: frozenset({"gotify", "gotifys", "ntfy", "ntfys", "pover"}),
    ChannelKind.WEBHOOK: frozenset({"http", "https", "json", "jsons"}),
    ChannelKind.PAGING: frozenset({"opsgenie", "pagerduty"}),
}


_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]{0,31})://")


def scheme_of(address: str) -> str | None:
    """Return an address's scheme in lower case, None where it has none; never any other part of it."""
    found = _SCHEME.match(address)
    return found[1].lower() if found else None


def kind_of(scheme: str | None) -> ChannelKind:
    """Return the kind of channel of a scheme, `other` where it has none or an unknown one."""
    return next((kind for kind, schemes in SCHEMES.items() if scheme in schemes), ChannelKind.OTHER)
