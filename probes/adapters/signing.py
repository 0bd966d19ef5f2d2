"""Puts a system's credential into the headers of one request, whichever of its kinds it is.

Tokens come from `oauth`, signatures from `signature`. Nothing is sent from here except by way of the tokens.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from probes.adapters.http import Call, signed
from probes.adapters.oauth import Credential, Door, Tokens
from probes.answer import Failure
from probes.ask import Ask
from probes.auth import CREDENTIAL_PARTS, AuthKind
from probes.connector import Connector
from probes.failure import FailureClass
from probes.signature import Keys, Signed, authorization

JSON = {"Content-Type": "application/json"}


def unsigned(connector: Connector, url: str, ask: Ask) -> Call:
    """Return the request at an address, without a credential."""
    headers = {**connector.headers, **ask.headers}
    if ask.body is None:
        return Call(url=url, query=ask.query, headers=headers)
    content = json.dumps(ask.body).encode()
    return Call(url=url, method="POST", query=ask.query, headers=headers | JSON, content=content)


async def authorised(
    credential: Credential, call: Call, tokens: Tokens | None, door: Door, now: Callable[[], datetime]
) -> Mapping[str, str] | Failure:
    """Return the headers that carry the credential of a request, or why they cannot be had.

    A token that has to be renewed for it is asked for through the door.
    """
    auth = credential.auth
    missing = [name for name in CREDENTIAL_PARTS.get(auth.kind, ()) if not credential.secrets.get(name)]
    if missing:
        return Failure(failure=FailureClass.OWN, reason=f"the credential lacks {', '.join(missing)}")
    match auth.kind:
        case AuthKind.OAUTH2_CLIENT_CREDENTIALS | AuthKind.OAUTH2_REFRESH:
            return await _bearer(credential, tokens, door)
        case AuthKind.OAUTH1:
            request = Signed(method=call.method, url=call.url, query=call.query)
            keys = Keys(**{name: credential.secrets[name] for name in CREDENTIAL_PARTS[auth.kind]})
            return {"Authorization": authorization(keys, auth.realm, request, secrets.token_hex(16), now())}
        case _:
            return signed(auth, credential.secret)


async def _bearer(credential: Credential, tokens: Tokens | None, door: Door) -> Mapping[str, str] | Failure:
    if tokens is None:
        return Failure(failure=FailureClass.OWN, reason="nothing keeps access tokens here")
    access = await tokens.access(credential, door)
    return access if isinstance(access, Failure) else {"Authorization": f"Bearer {access}"}


def bearer_of(headers: Mapping[str, str]) -> str:
    """Return the access token that the headers carry, "" where they carry none."""
    return headers.get("Authorization", "").removeprefix("Bearer ")
