"""The shapes of webhooks as they are written in YAML: how a vendor signs them, and where a system's secret is.

The first belongs to a connector's definition and is the same for all of its users, the second to one system.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.load.fields import Dotted, Duration, Fraction, Header, Identity, Secret, Text, one_of
from monitor.load.form import Form
from probes.catalog import Webhooks
from probes.objectives import FailureRatio
from probes.webhook import Announces, Digest, Encoding, Scheme, Signature, Stamp, Webhook

WANTED: Mapping[Scheme, tuple[str, ...]] = {
    Scheme.HMAC: ("header",),
    Scheme.FIELDS: ("fields", "path"),
    Scheme.BASIC: (),
    Scheme.TOKEN: ("header",),
}
UNITS = {"unix_s": timedelta(seconds=1), "unix_ms": timedelta(milliseconds=1)}
MARK = re.compile(r"\{[^{}]*\}")
KNOWN_MARK = re.compile(r"\{(body|timestamp|method|url|header:[^{}]+)\}")


def _unit(value: object) -> str:
    if value not in UNITS:
        raise ValueError(f"must be one of {', '.join(UNITS)}")
    return str(value)


def _encoding(value: object) -> Encoding:
    if value not in {Encoding.HEX, Encoding.BASE64}:
        raise ValueError("must be one of hex, base64")
    return Encoding(str(value))


def _signed(value: object) -> str:
    message = "must be a text with {body} in it, and no other marks than {timestamp}, {method}, {url} and {header:NAME}"
    if not isinstance(value, str) or "{body}" not in value:
        raise ValueError(message)
    if not all(KNOWN_MARK.fullmatch(mark) for mark in MARK.findall(value)):
        raise ValueError(message)
    return value


class StampForm(Form):
    """Where the instant of a signature stands."""

    header: Header
    prefix: str = ""
    format: Annotated[str, BeforeValidator(_unit)] = "unix_s"
    tolerance: Duration = Stamp(header="").tolerance

    def stamp(self) -> Stamp:
        """Return the value."""
        unit = UNITS[self.format]
        return Stamp(header=self.header, prefix=self.prefix, unit=unit, tolerance=self.tolerance)


class SignatureForm(Form):
    """How a webhook is signed."""

    scheme: Annotated[Scheme, one_of(Scheme)]
    header: Header | None = None
    digest: Annotated[Digest, one_of(Digest)] = Digest.SHA256
    encoding: Annotated[Encoding, BeforeValidator(_encoding)] = Encoding.HEX
    key: Annotated[Encoding, one_of(Encoding)] = Encoding.TEXT
    separator: Annotated[str, Field(max_length=5)] = ""
    prefix: Annotated[str, Field(max_length=50)] = ""
    signed: Annotated[str, BeforeValidator(_signed)] = "{body}"
    timestamp: StampForm | None = None
    fields: list[Dotted] = Field(default_factory=list)
    path: Dotted | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [name for name in WANTED[self.scheme] if not getattr(self, name)]
        if missing:
            raise ValueError(f"{self.scheme} also needs {' and '.join(missing)}; add it")
        if "{timestamp}" in self.signed and self.timestamp is None:
            raise ValueError("signs a timestamp and says not where it stands; add timestamp")
        return self

    def signature(self) -> Signature:
        """Return the value."""
        return Signature(
            scheme=self.scheme,
            header=self.header or "",
            digest=self.digest,
            encoding=self.encoding,
            key=self.key,
            separator=self.separator,
            prefix=self.prefix,
            signed=self.signed,
            stamp=self.timestamp.stamp() if self.timestamp else None,
            fields=tuple(self.fields),
            path=self.path or "",
        )


class AnnouncesForm(Form):
    """Which events announce a record of a resource."""

    events: Annotated[list[Text], Field(min_length=1)]
    resource: Identity
    record_path: Dotted | None = None
    itself: bool = False
    record_id_path: Dotted | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.record_path is not None, self.itself, self.record_id_path is not None)) != 1:
            raise ValueError("needs one of record_path, itself: true (the event is the record) and record_id_path")
        return self

    def announces(self) -> Announces:
        """Return the value."""
        return Announces(
            events=tuple(self.events),
            resource=self.resource,
            record_path="" if self.itself else self.record_path,
            record_id_path=self.record_id_path or "",
        )


class WebhookForm(Form):
    """What a vendor posts by itself."""

    signature: SignatureForm
    events_path: Dotted | None = None
    item_path: Dotted | None = None
    id_paths: list[Dotted] = Field(default_factory=lambda: ["id"])
    id_header: Header | None = None
    kind_paths: list[Dotted] = Field(default_factory=lambda: ["type"])
    announces: list[AnnouncesForm] = Field(default_factory=list)
    status: Annotated[int, Field(ge=200, le=299)] = HTTPStatus.ACCEPTED
    text: Text | None = None

    def webhook(self) -> Webhook:
        """Return the value."""
        return Webhook(
            signature=self.signature.signature(),
            events_path=self.events_path or "",
            item_path=self.item_path or "",
            id_paths=tuple(self.id_paths),
            id_header=self.id_header or "",
            kind_paths=tuple(self.kind_paths),
            announces=tuple(form.announces() for form in self.announces),
            status=self.status,
            text=self.text or "",
        )


class WebhooksForm(Form):
    """What a system posts to us."""

    secret: Secret
    grace: Duration = timedelta(minutes=10)
    lost_below: Fraction = 0.01
    over: Duration = timedelta(hours=6)

    def webhooks(self) -> Webhooks:
        """Return the value."""
        return Webhooks(
            secret=self.secret,
            grace=self.grace,
            lost=FailureRatio(below=self.lost_below, over=self.over),
        )
