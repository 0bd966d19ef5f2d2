"""What a client is worth to us, where somebody has written it down: to say what is at stake, and for nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """What a client pays in a year, in the units of a currency (ISO 4217)."""

    yearly: float
    currency: str
