"""The shape of rate-limit headers as a connector's definition declares them: one group, or a list of groups.

What their values mean at run time is read in `probes.headers`.
"""

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from monitor.load.fields import Duration, Header, one_of
from monitor.load.form import Form
from probes.quota_headers import QuotaHeaders, ResetFormat

GROUPS = {"limit", "remaining", "used", "reset"}


def _pattern(value: object) -> str:
    message = "must be a regular expression with the groups remaining, or used and limit, such as (?P<used>[0-9]+)"
    try:
        groups = set(re.compile(value).groupindex) if isinstance(value, str) else set()
    except re.error:
        raise ValueError(message) from None
    if not groups <= GROUPS or not ("remaining" in groups or {"used", "limit"} <= groups):
        raise ValueError(message)
    return str(value)


class QuotaHeadersForm(Form):
    """The headers that tell of one limit."""

    limit: Header | None = None
    remaining: Header | None = None
    reset: Header | None = None
    reset_format: Annotated[ResetFormat, one_of(ResetFormat)] = ResetFormat.DELTA_S
    combined: Header | None = None
    pattern: Annotated[str, BeforeValidator(_pattern)] | None = None
    window: Duration | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.combined is None) != (self.pattern is None):
            raise ValueError("must have combined and pattern together: the header, and how its numbers are found in it")
        return self

    def headers(self) -> QuotaHeaders:
        """Return the headers, empty where there is none."""
        return QuotaHeaders(
            limit=self.limit or "",
            remaining=self.remaining or "",
            reset=self.reset or "",
            reset_format=self.reset_format,
            combined=self.combined or "",
            pattern=self.pattern or "",
            window=self.window,
        )


def _way(value: object) -> str:
    return "[several]" if isinstance(value, list) else "[one]"


QuotaHeadersList = Annotated[
    Annotated[QuotaHeadersForm, Tag("[one]")] | Annotated[list[QuotaHeadersForm], Tag("[several]")],
    Discriminator(_way),
]
"""One group of headers, or a list of them."""


def declared(written: QuotaHeadersForm | list[QuotaHeadersForm]) -> tuple[QuotaHeaders, ...]:
    """Return the groups, however they were written."""
    return tuple(form.headers() for form in (written if isinstance(written, list) else [written]))
