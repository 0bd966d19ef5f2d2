"""A vendor's webhooks as data: how they are signed, and which records they announce.

Part of a connector's definition: no vendor's name stands in Python. Whether a signature is right is found out in
`authentic`, what a webhook says is read in `adapters/webhook`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus


class Scheme(StrEnum):
    """How a vendor shows that a webhook is its own.

    `hmac` signs a text made of the request, `fields` signs fields of each event inside the event; `basic` and `token`
    only show the secret.
    """

    HMAC = "hmac"
    FIELDS = "fields"
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105 - the name of a scheme, not a secret


class Digest(StrEnum):
    """The hash of an HMAC."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


class Encoding(StrEnum):
    """How bytes are written: a signature, or the key that it is made with (`text`: as it stands)."""

    HEX = "hex"
    BASE64 = "base64"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where the instant of the signature stands: in the first part of `header` that begins with `prefix`.

    It is counted since 1970 in `unit`, and may be off our clock by `tolerance` in either direction.
    """

    header: str
    prefix: str = ""
    unit: timedelta = timedelta(seconds=1)
    tolerance: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How a webhook is signed.

    The signature stands in `header`; with a `separator` the header has several parts, and of those that begin with
    `prefix` one must be right. In `signed`, `{body}`, `{timestamp}`, `{method}`, `{url}` and `{header:NAME}` stand for
    what was sent. For `fields`, the texts at the dotted paths `fields` are joined by colons, and the signature stands
    at `path`.
    """

    scheme: Scheme
    header: str = ""
    digest: Digest = Digest.SHA256
    encoding: Encoding = Encoding.HEX
    key: Encoding = Encoding.TEXT
    separator: str = ""
    prefix: str = ""
    signed: str = "{body}"
    stamp: Stamp | None = None
    fields: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announces:
    """Events of these kinds (a `*` at the end stands for any rest) announce a record of a resource.

    The record lies at `record_path` in the event as it would in the resource's list ("" for the event itself); where
    that is None the event tells the record's id alone, at `record_id_path`.
    """

    events: tuple[str, ...]
    resource: str
    record_path: str | None = None
    record_id_path: str = ""

    def covers(self, kind: str) -> bool:
        """Return whether it speaks of events of this kind."""
        return any(kind == one or (one.endswith("*") and kind.startswith(one[:-1])) for one in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What a vendor posts: one event, or the list of them at `events_path`, each wrapped in `item_path` perhaps.

    An event's id are the texts at `id_paths`, or the header `id_header`; where a vendor gives none it is the event's
    own hash. Its kind are the texts at `kind_paths` with dots between them. It is answered with `status` and `text`.
    """

    signature: Signature
    events_path: str = ""
    item_path: str = ""
    id_paths: tuple[str, ...] = ("id",)
    id_header: str = ""
    kind_paths: tuple[str, ...] = ("type",)
    announces: tuple[Announces, ...] = ()
    status: int = HTTPStatus.ACCEPTED
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request as it came in: names of headers in lower case, the body byte by byte."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"


class Refusal(StrEnum):
    """Why a webhook is not taken."""

    UNSIGNED = "unsigned"
    FORGED = "forged"
    STALE = "stale"
    UNREADABLE = "unreadable"
