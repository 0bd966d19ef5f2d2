"""Signs webhooks as Standard Webhooks describes it (v1): HMAC-SHA256 over the id, the instant and the body.

Pure: the secret and the instant are handed in. Each secret signs, so that a receiver may change its own in its time.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
HOW_TO_MAKE_ONE = "echo whsec_$(openssl rand -base64 32)"


def signing_key(secret: str) -> bytes | None:
    """Return the key in a secret, which is base64 of 24 to 64 bytes, perhaps after `whsec_`; None where it is none."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        return None
    return key if SHORTEST <= len(key) <= LONGEST else None


def signed_headers(identity: str, body: bytes, keys: Iterable[bytes], now: datetime) -> Mapping[str, str]:
    """Return the headers by which a receiver knows a webhook to be ours and recognises it when it comes again."""
    stamp = str(int(now.astimezone(UTC).timestamp()))
    content = b".".join((identity.encode(), stamp.encode(), body))
    signatures = (b64encode(hmac.new(key, content, sha256).digest()).decode() for key in keys)
    return {
        "webhook-id": identity,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
