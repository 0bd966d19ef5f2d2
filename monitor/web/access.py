"""Who may come in: the hosts we answer to, the one-time sign-in link, the session it opens, and who may write.

Values and keys only; which request needs what is for `guard`. Nobody has a name here: a session is somebody who was
given a link, and says which person of the roster they are when it matters.
"""

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

SESSION_LASTS = timedelta(days=30)
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the application is reached: the address it listens on, and the one that people use (empty: the same)."""

    host: str
    port: int
    external: str = ""

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are ours, in lower case; any other may be a stranger's name for our address."""
        own = {f"{_bracketed(self.host)}:{self.port}", *(f"{name}:{self.port}" for name in LOOPBACK_NAMES)}
        bare = {name.rpartition(":")[0] for name in own} if self.port in DEFAULT_PORTS.values() else set[str]()
        return frozenset(name.lower() for name in own | bare | self._external_hosts())

    @property
    def guarded(self) -> bool:
        """Whether reading needs a key too: somebody other than this machine can reach us."""
        outside = urlsplit(self.external).hostname if self.external else None
        return not (_on_loopback(self.host) and (outside is None or _on_loopback(outside)))

    @property
    def secure(self) -> bool:
        """Whether people come over TLS, so that the cookie may insist on it."""
        return urlsplit(self.external).scheme == "https"

    @property
    def address(self) -> str:
        """The address that people use, without a slash at its end."""
        return self.external.rstrip("/") or f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def cookie(self) -> str:
        """The session cookie's name; cookies know no ports, so two of us on one machine must differ by name."""
        return f"tierwatch_{self.port}"

    def _external_hosts(self) -> set[str]:
        parts = urlsplit(self.external)
        if not parts.hostname:
            return set()
        name, default = _bracketed(parts.hostname), DEFAULT_PORTS.get(parts.scheme)
        port = parts.port or default
        return {f"{name}:{port}", name} if port == default else {f"{name}:{port}"}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _on_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who came in by a sign-in link. `person` is who they said they are, empty until they did."""

    id: str
    until: datetime
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who a request comes from: the holder of the token, a session, or a stranger (neither)."""

    session: Session | None = None
    bearer: bool = False

    @property
    def known(self) -> bool:
        """Whether a key was shown."""
        return self.bearer or self.session is not None

    @property
    def name(self) -> str:
        """Who it was, for the audit: the person that somebody signed in said to be, else by which key they came."""
        if self.session is not None:
            return self.session.person or "somebody signed in"
        return "the token" if self.bearer else "nobody"


class Keys:
    """The secrets of the web side, all drawn from one token, so that sessions outlive a restart.

    Sign-in codes live in memory, as digests, until they are used; nothing here is ever logged.
    """

    def __init__(self, token: str) -> None:
        if len(token) < 32:  # noqa: PLR2004 - the length is named in the message
            raise ValueError("the access token has fewer than 32 characters; delete its file and a new one is made")
        self._token = token
        self._cookies = URLSafeSerializer(token, salt="tierwatch session")
        self._codes: set[bytes] = set()

    def __repr__(self) -> str:
        return "Keys(...)"

    def is_token(self, offered: str) -> bool:
        """Return whether this is the bearer token, in the same time whatever is wrong with it."""
        return hmac.compare_digest(offered.encode("utf-8", "replace"), self._token.encode())

    def new_code(self) -> str:
        """Return a sign-in code that works once."""
        code = secrets.token_urlsafe(32)
        self._codes.add(_digest(code))
        return code

    def redeem(self, code: str, now: datetime) -> Session | None:
        """Use a sign-in code up and return the session it opens, None when it is unknown or was used before."""
        if _digest(code) not in self._codes:
            return None
        self._codes.discard(_digest(code))
        return Session(id=secrets.token_urlsafe(16), until=now + SESSION_LASTS)

    def sealed(self, session: Session) -> str:
        """Return a session as a cookie's value, signed."""
        return str(self._cookies.dumps([session.id, int(session.until.timestamp()), session.person]))

    def opened(self, cookie: str, now: datetime) -> Session | None:
        """Return the session of a cookie, None when it is not ours or has expired."""
        try:
            identity, until, person = self._cookies.loads(cookie)
            session = Session(id=str(identity), until=datetime.fromtimestamp(until, UTC), person=str(person))
        except (BadSignature, ValueError, TypeError, OverflowError):
            return None
        return session if now < session.until else None

    def drawn(self, subject: str) -> str:
        """Return a key of its own for a subject: nobody can guess it, and it opens nothing else."""
        return hmac.new(self._token.encode(), b"tierwatch key " + subject.encode(), hashlib.sha256).hexdigest()

    def signer(self, purpose: str) -> URLSafeSerializer:
        """Return what signs values for a purpose, and reads only those that were signed for it."""
        return URLSafeSerializer(self._token, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})

    def csrf(self, session: Session) -> str:
        """Return the token that a session's forms carry."""
        return hmac.new(self._token.encode(), b"tierwatch form " + session.id.encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, session: Session, offered: str) -> bool:
        """Return whether a form carried its session's token."""
        return hmac.compare_digest(offered.encode("utf-8", "replace"), self.csrf(session).encode())


def sign_in_link(doors: Doors, keys: Keys) -> str:
    """Return a new link that signs one browser in, once."""
    return f"{doors.address}/sign-in?code={keys.new_code()}"


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
