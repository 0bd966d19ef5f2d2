"""How a credential travels, as data: which kind it is, of which secrets it consists, where its tokens are had.

No secret is ever here. Tokens are `access`'s work, signatures `signature`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class AuthKind(StrEnum):
    """How the credential is sent."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    OAUTH2_CLIENT_CREDENTIALS = "oauth2_client_credentials"
    OAUTH2_REFRESH = "oauth2_refresh"
    OAUTH1 = "oauth1_hmac_sha256"
    NONE = "none"


CREDENTIAL_PARTS: Mapping[AuthKind, tuple[str, ...]] = {
    AuthKind.OAUTH2_CLIENT_CREDENTIALS: ("client_id", "client_secret"),
    AuthKind.OAUTH2_REFRESH: ("client_id", "client_secret", "refresh_token"),
    AuthKind.OAUTH1: ("consumer_key", "consumer_secret", "token", "token_secret"),
}
"""The secrets that a credential of several consists of, in the order in which they are named. Others are one secret."""


class ClientAuth(StrEnum):
    """How a client proves itself where it is given a token: by basic authentication, or in the form that it posts."""

    BASIC = "basic"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How the credential travels. The secret itself is never here.

    `header` names the header for `AuthKind.HEADER`. `token_url` is where OAuth 2 tokens are had: a whole address, or a
    path below the system's. `lifetime` is that of an access token whose answer does not tell; `rotates` says that each
    refresh token is good for one refresh, `refresh_lifetime` for how long each is good if nobody uses it. `realm` is
    OAuth 1's.
    """

    kind: AuthKind = AuthKind.NONE
    header: str = "Authorization"
    token_url: str = ""
    client_auth: ClientAuth = ClientAuth.BASIC
    scope: str = ""
    lifetime: timedelta = timedelta(hours=1)
    rotates: bool = False
    refresh_lifetime: timedelta | None = None
    realm: str = ""
