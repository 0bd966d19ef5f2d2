"""OAuth 2 access tokens: when one is due for renewal, what asks for another, and what the answer grants.

Pure. Where tokens are kept, and that nobody renews one twice at once, is `adapters.oauth`'s work. Nothing here shows a
token in its repr, and no reason quotes an answer.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote, urlencode

from probes.answer import Answer, Failure
from probes.auth import Auth, AuthKind, ClientAuth
from probes.connector import RefusalKind
from probes.failure import FailureClass
from probes.headers import quota_news

EARLY = timedelta(minutes=5)
"""How long before its end a token is renewed, though never sooner than after four fifths of its life."""

LONGEST = timedelta(days=366)
LONGEST_REFRESH = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and, where the vendor gave one, the refresh token for the next.

    `seed` tells from which configured credential it grew: another one makes it worthless. `refresh_expires` is when the
    refresh token ends, where its life is known: after that nobody but its owner can connect the system again.
    """

    access: str = field(repr=False)
    issued: datetime
    expires: datetime
    seed: str
    refresh: str = field(repr=False, default="")
    refresh_expires: datetime | None = None

    def fresh(self, now: datetime) -> bool:
        """Tell whether it can still be used without being renewed first."""
        return now < self.expires - min(EARLY, (self.expires - self.issued) / 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAsk:
    """What is posted to the token endpoint."""

    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


def seed_of(secrets: Mapping[str, str]) -> str:
    """Return a digest by which a credential is recognised without being known."""
    return sha256("\0".join(f"{name}={secrets[name]}" for name in sorted(secrets)).encode()).hexdigest()


def token_ask(auth: Auth, secrets: Mapping[str, str], known: Token | None) -> TokenAsk:
    """Return what asks for another token: RFC 6749, 4.4.2 and 6; `known` is the last one of this credential."""
    client, proof = secrets["client_id"], secrets["client_secret"]
    if auth.kind is AuthKind.OAUTH2_REFRESH:
        refresh = known.refresh if known and known.refresh else secrets["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
    else:
        form = {"grant_type": "client_credentials"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if auth.client_auth is ClientAuth.BODY:
        form |= {"client_id": client, "client_secret": proof}
    else:
        pair = f"{quote(client, safe='')}:{quote(proof, safe='')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    if auth.scope:
        form["scope"] = auth.scope
    return TokenAsk(headers=headers, content=urlencode(form).encode())


def read_token(auth: Auth, seed: str, known: Token | None, answer: Answer) -> Token | Failure:
    """Return the token that an answer grants, or why it grants none."""
    body = _decoded(answer)
    if answer.status != HTTPStatus.OK:
        return replace(_refused(answer.status, body), news=quota_news((), answer.headers, answer.answered))
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not isinstance(access, str) or not access:
        return Failure(failure=FailureClass.SCHEMA, reason="the token endpoint's answer has no access_token")
    kept = known.refresh if known else ""
    return Token(
        access=access,
        issued=answer.answered,
        expires=answer.answered + _life(auth, body.get("expires_in")),
        seed=seed,
        refresh=refresh if isinstance(refresh, str) and refresh else kept,
        refresh_expires=_refresh_end(auth, body, known, answer.answered),
    )


LIVES = ("x_refresh_token_expires_in", "refresh_token_expires_in", "refresh_expires_in")
"""The names by which vendors tell for how many seconds a refresh token lives; no standard has one."""


def _refresh_end(auth: Auth, body: Mapping[str, object], known: Token | None, now: datetime) -> datetime | None:
    """When the refresh token ends: as the vendor says, by its kind's life if it is a new one, else as was known."""
    told = next((seconds for name in LIVES if (seconds := _seconds(body.get(name))) is not None), None)
    if told is not None:
        return now + min(timedelta(seconds=told), LONGEST_REFRESH)
    if body.get("refresh_token") and auth.refresh_lifetime is not None:
        return now + auth.refresh_lifetime
    return known.refresh_expires if known is not None else None


def _decoded(answer: Answer) -> Mapping[str, object]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _life(auth: Auth, told: object) -> timedelta:
    """How long it lives; some vendors write the seconds as text, some tell nothing."""
    seconds = _seconds(told)
    return auth.lifetime if seconds is None else min(timedelta(seconds=seconds), LONGEST)


def _seconds(told: object) -> int | None:
    seconds = int(told) if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10 else told  # noqa: PLR2004 - digits
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
        return None
    return min(seconds, int(LONGEST_REFRESH.total_seconds()))


OAUTH_ERRORS = {
    "invalid_grant": "the refresh token is no longer accepted: connect the system again",
    "invalid_client": "the client id or secret is not accepted",
    "unauthorized_client": "this client may not use this kind of grant",
    "invalid_scope": "the scope is not granted",
}


REFUSALS = {
    "invalid_grant": RefusalKind.REVOKED,
    "invalid_client": RefusalKind.REVOKED,
    "invalid_scope": RefusalKind.MISSING_SCOPE,
}


def _refused(status: int, body: Mapping[str, object]) -> Failure:
    reason = f"the token endpoint answered {status}"
    word = body.get("error")
    if isinstance(word, str) and word in OAUTH_ERRORS:
        return Failure(failure=FailureClass.AUTH, reason=f"{reason}: {OAUTH_ERRORS[word]}", refusal=REFUSALS.get(word))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure(failure=FailureClass.THROTTLED, reason=reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(failure=FailureClass.SERVER, reason=reason)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Failure(failure=FailureClass.AUTH, reason=reason)
    return Failure(failure=FailureClass.REQUEST, reason=reason)
