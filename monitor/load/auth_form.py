"""The shape of a connector's `auth` as it is written in YAML, and the value that it stands for.

It says how a credential travels; the credential itself is the system's, and always a reference.
"""

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from monitor.load.fields import Duration, Header, Text, address, one_of, url_path
from monitor.load.form import Form
from probes.auth import Auth, AuthKind, ClientAuth

OAUTH2 = (AuthKind.OAUTH2_CLIENT_CREDENTIALS, AuthKind.OAUTH2_REFRESH)


def _token_url(value: object) -> str:
    try:
        return url_path(value) if str(value).startswith("/") else address(value)
    except ValueError:
        message = "must be an address, or a path below the system's base_url"
        raise ValueError(f"{message}; write it like https://id.example.com/oauth/token or /oauth/token") from None


class AuthForm(Form):
    """How the credential travels."""

    kind: Annotated[AuthKind, one_of(AuthKind)]
    header: Header = "Authorization"
    token_url: Annotated[str, BeforeValidator(_token_url)] | None = None
    client_auth: Annotated[ClientAuth, one_of(ClientAuth)] = ClientAuth.BASIC
    scope: Text | None = None
    lifetime: Duration = Auth().lifetime
    rotates: bool = False
    refresh_lifetime: Duration | None = None
    realm: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind in OAUTH2 and self.token_url is None:
            raise ValueError(f"{self.kind} also needs token_url; add it")
        return self

    def auth(self) -> Auth:
        """Return the auth."""
        return Auth(
            kind=self.kind,
            header=self.header,
            token_url=self.token_url or "",
            client_auth=self.client_auth,
            scope=self.scope or "",
            lifetime=self.lifetime,
            rotates=self.rotates,
            refresh_lifetime=self.refresh_lifetime,
            realm=self.realm or "",
        )
