"""When a credential ends by its own word: what a token says of itself, where it says anything.

No secret leaves here: only the instant does. What a configuration says of a credential's end is in the catalog.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime

SEGMENTS = 3
LONGEST_TOKEN = 10_000


def own_expiry(secret: str | None) -> datetime | None:
    """Return when a JSON Web Token ends by its `exp` (RFC 7519, 4.1.4); None for any other secret."""
    if secret is None or len(secret) > LONGEST_TOKEN or secret.count(".") != SEGMENTS - 1:
        return None
    claims = secret.split(".")[1]
    try:
        body = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        seconds = body.get("exp") if isinstance(body, Mapping) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return None
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError, RecursionError):
        return None
