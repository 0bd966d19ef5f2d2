"""Token endpoints of OAuth 2: access tokens that end, and refresh tokens that are each good for once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.chance import chance, label
from monitor.sandbox.dialects.dialect import basic
from monitor.sandbox.vendor import bearer, credential
from monitor.sandbox.world import World

CLIENT = "sandbox-client"
REFRESH = "sandbox-refresh-token"


@dataclass(slots=True, kw_only=True)
class Issuer:
    """The tokens of one vendor. `in_form` says that the client proves itself in what it posts."""

    world: World
    system: str
    life: timedelta
    in_form: bool
    rotates: bool = False
    tells_life: bool = True
    refresh: str = REFRESH
    granted: int = 0
    living: dict[str, datetime] = field(default_factory=dict)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a token that has not ended."""
        ends = self.living.get(bearer(request))
        return ends is not None and self.world.now() < ends

    def grant(self, request: Request) -> Response:
        """Answer at the token endpoint."""
        form = {name: values[0] for name, values in parse_qs(request.state.body.decode()).items()}
        client = (form.get("client_id"), form.get("client_secret")) if self.in_form else _proof(request)
        if client != (CLIENT, credential(self.system)):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        if form.get("grant_type") != ("refresh_token" if self.rotates else "client_credentials"):
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        if self.rotates and form.get("refresh_token") != self.refresh:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return self._granted()

    def _granted(self) -> Response:
        self.granted += 1
        access = label(40, chance("access", self.system, self.granted))
        self.living[access] = self.world.now() + self.life
        answer: dict[str, object] = {"access_token": access, "token_type": "Bearer"}
        if self.tells_life:
            answer["expires_in"] = int(self.life.total_seconds())
        if self.rotates:
            self.refresh = answer["refresh_token"] = label(40, chance("refresh", self.system, self.granted))
        return JSONResponse(answer)


def _proof(request: Request) -> tuple[str, str]:
    user, password = basic(request)
    return unquote(user), unquote(password)
