"""The kinds of value that forms are made of: durations, shares, rates, names, zones, addresses, references to secrets.

Each kind says in one sentence how it is written. No sentence repeats what was written: it may be a secret.
"""

import re
from datetime import time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from monitor.units import duration, fraction, moment, rate
from probes.budget import Window
from probes.catalog import SecretRef

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+")
DOTTED = re.compile(r"[^\s.]{1,100}(\.[^\s.]{1,100}){0,9}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATH = re.compile(r"/[^\s?#]{0,500}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
FOLDER = "folder"
"""In a validation's context: the folder of the file that is read."""
E = TypeVar("E", bound=StrEnum)


def _text(value: object, message: str) -> str:
    if not isinstance(value, str):
        raise ValueError(message)  # noqa: TRY004 - pydantic takes only a ValueError for a problem
    return value


def identity(value: object) -> str:
    """Return an id: letters, digits, `-` and `_`, so that it can stand in a metric, an address and a reference."""
    message = "must be an id of letters, digits, - and _ (at most 63); put it in quotes if it is a number"
    if not ID.fullmatch(_text(value, message)):
        raise ValueError(message)
    return str(value)


def secret(value: object, info: ValidationInfo) -> SecretRef:
    """Return a reference to a secret; a relative path in it is seen from the file that names it."""
    message = "must refer to a secret and never hold it; write env:NAME or file:PATH"
    reference = _text(value, message)
    if not _SECRET.fullmatch(reference):
        raise ValueError(message)
    kind, _, name = reference.partition(":")
    folder = (info.context or {}).get(FOLDER)
    return SecretRef(f"{kind}:{folder / name}" if kind == "file" and folder else reference)


WHOLE = ""
"""In a credential that is one secret: the name that the secret has in the mapping."""


def _credential(value: object, info: ValidationInfo) -> dict[str, SecretRef]:
    """Return the secrets of a credential by their names."""
    if not isinstance(value, dict):
        return {WHOLE: secret(value, info)}
    if not value or not all(isinstance(name, str) and ID.fullmatch(name) for name in value):
        raise ValueError(
            "must be one reference to a secret, or a mapping like {client_id: env:ID, client_secret: env:KEY}"
        )
    return {name: secret(one, info) for name, one in value.items()}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: object) -> str:
    message = "must be a time zone of the IANA database; write it like Europe/Madrid or UTC"
    if _text(value, message) not in _zones():
        raise ValueError(message)
    return ZoneInfo(str(value)).key


def _locale(value: object) -> str:
    message = "must be a language that is known, perhaps with a country; write it like en, en-US or pt-BR"
    if not _LOCALE.fullmatch(_text(value, message)):
        raise ValueError(message)
    tag = str(value).replace("_", "-")
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        raise ValueError(message) from None
    return tag


def address(value: object) -> str:
    """Return a web address without anything in it that may be secret, and without a slash at its end."""
    message = "must be an address without user, password, query or fragment; write it like https://api.example.com/v1"
    try:
        parts = urlsplit(_text(value, message))
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(message) from None
    extra = parts.username is not None or parts.password is not None or parts.query or parts.fragment
    whole = parts.scheme in {"http", "https"} and parts.hostname and port_fits and not re.search(r"\s", str(value))
    if extra or not whole:
        raise ValueError(message)
    return str(value).rstrip("/")


def _dotted(value: object) -> str:
    message = "must be the dotted path of a JSON value; write it like customer or error.code"
    if not DOTTED.fullmatch(_text(value, message)):
        raise ValueError(message)
    return str(value)


def url_path(value: object) -> str:
    """Return a path below an address."""
    message = "must be a path below the system's base_url, without query; write it like /v1/invoices"
    if not _PATH.fullmatch(_text(value, message)):
        raise ValueError(message)
    return str(value)


def _header(value: object) -> str:
    message = "must be the name of an HTTP header; write it like X-Api-Key"
    if not _HEADER.fullmatch(_text(value, message)):
        raise ValueError(message)
    return str(value)


def _time_of_day(value: object) -> time:
    message = 'must be a time of day in quotes; write it like "06:00"'
    try:
        at = time.fromisoformat(value) if isinstance(value, str) and len(value) == len("06:00") else None
    except ValueError:
        at = None
    if at is None:
        raise ValueError(message)
    return at


def one_of(kinds: type[E]) -> BeforeValidator:
    """Return a validator for one of an enumeration's words."""

    def chosen(value: object) -> E:
        if not isinstance(value, str) or value not in {str(kind) for kind in kinds}:
            raise ValueError(f"must be one of {', '.join(kinds)}")
        return kinds(value)

    return BeforeValidator(chosen)


def _written(pattern: str, example: str) -> WithJsonSchema:
    """Return how a value is written, for those who read the schema and not this code."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "description": f"written like {example}"})


Text = Annotated[str, Field(min_length=1, max_length=500)]
Identity = Annotated[str, BeforeValidator(identity), _written(ID.pattern, "billing")]
Credential = Annotated[
    dict[str, SecretRef],
    BeforeValidator(_credential),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
Secret = Annotated[SecretRef, BeforeValidator(secret), _written(_SECRET.pattern, "env:NAME or file:PATH")]
Zone = Annotated[str, BeforeValidator(_zone)]
LocaleTag = Annotated[str, BeforeValidator(_locale)]
Address = Annotated[str, BeforeValidator(address), _written("https?://[^\\s?#]+", "https://api.example.com/v1")]
Dotted = Annotated[str, BeforeValidator(_dotted), _written(DOTTED.pattern, "error.code")]
UrlPath = Annotated[str, BeforeValidator(url_path), _written(_PATH.pattern, "/v1/invoices")]
Header = Annotated[str, BeforeValidator(_header), _written(_HEADER.pattern, "X-Api-Key")]
Duration = Annotated[timedelta, BeforeValidator(duration), _written(r"(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?", "1h30m")]
Moment = Annotated[timedelta, BeforeValidator(moment), _written(r"\d+ms|\d+s", "500ms")]
Fraction = Annotated[
    float,
    BeforeValidator(fraction),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"type": "string"}]}),
]
Rate = Annotated[Window, BeforeValidator(rate), _written(r"\d+ ?/ ?[0-9a-z]+", "600/min")]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day), _written(r"\d\d:\d\d", "06:00")]
