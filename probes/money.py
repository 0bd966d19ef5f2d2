"""Amounts of money as vendors write them: reading each :class:`Unit` into the currency itself.

How many decimals a currency has is CLDR's knowledge, by way of Babel. Whether two amounts agree is decided elsewhere.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from probes.connector import Amount, Unit
from probes.path import at

LONGEST = 40
"""Characters that an amount may have, and digits before its point or zeros behind it: 1e999999999 is no amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency (its ISO 4217 code in capitals); 12.5 EUR are twelve and a half euros."""

    amount: Decimal
    currency: str


def read_money(how: Amount, row: object) -> Money | None:
    """Return the money that a record is about, None where it cannot be read."""
    currency = at(row, how.currency_path) if how.currency_path else how.currency
    number = _number(at(row, how.path), how.unit)
    if number is None or not isinstance(currency, str) or not (currency.isascii() and currency.isalpha()):
        return None
    code = currency.upper()
    decimals = get_currency_precision(code) if how.unit is Unit.MINOR else 0
    return Money(amount=number.scaleb(-decimals), currency=code)


def _number(value: object, unit: Unit) -> Decimal | None:
    """The number as it is written; a float by its shortest spelling, for that is what the vendor sent."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and unit is not Unit.STRING:
        return None
    written = str(value).strip()
    try:
        number = Decimal(written) if len(written) <= LONGEST else Decimal("nan")
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= LONGEST else None
