"""The shape of what a client is worth as it is written in YAML."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.load.form import Form
from probes.worth import Revenue

_CURRENCY = re.compile(r"[A-Z]{3}")


def _currency(value: object) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise ValueError("must be a currency by its three letters; write it like EUR")
    return value


def _amount(value: object) -> object:
    # A whole number is a number of units, too.
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RevenueForm(Form):
    """What a client pays in a year."""

    yearly: Annotated[float, BeforeValidator(_amount), Field(ge=0, le=1e12)]
    currency: Annotated[str, BeforeValidator(_currency)]

    def revenue(self) -> Revenue:
        """Return the revenue."""
        return Revenue(yearly=self.yearly, currency=self.currency)
