"""The sandbox's twenty-four clients: made-up companies in three tiers and five time zones.

What a tier promises them stands in the demo's configuration, not here.
"""

from dataclasses import dataclass
from functools import lru_cache

from monitor.sandbox.chance import chance, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One client as the vendors know it: a customer in billing, a merchant at the gateway, an account in the ERP."""

    id: str
    name: str
    tier: str
    timezone: str
    locale: str
    currency: str
    account: str

    @property
    def customer(self) -> str:
        """Return the client's id in the billing API."""
        return f"cus_{_drawn(14, 'customer', self.id)}"

    @property
    def merchant(self) -> str:
        """Return the client's id at the gateway."""
        return f"mrc-{_drawn(8, 'merchant', self.id).lower()}"


@lru_cache(maxsize=1024)
def _drawn(length: int, *question: str) -> str:
    """What is asked of every row that a vendor lists is drawn once."""
    return label(length, chance(*question))


NEW_YORK = ("America/New_York", "en-US", "usd")
MADRID = ("Europe/Madrid", "es-ES", "eur")
LONDON = ("Europe/London", "en-GB", "gbp")
TOKYO = ("Asia/Tokyo", "ja-JP", "jpy")
SYDNEY = ("Australia/Sydney", "en-AU", "aud")

TABLE = (
    ("harbour-line", "Harbour Line Shipping", "platinum", NEW_YORK),
    ("norte-energia", "Norte Energía", "platinum", MADRID),
    ("kitano-rail", "Kitano Rail", "platinum", TOKYO),
    ("pemberton-bank", "Pemberton & Vale Bank", "platinum", LONDON),
    ("bluegum-foods", "Bluegum Foods", "gold", SYDNEY),
    ("calder-health", "Calder Health", "gold", LONDON),
    ("delmar-travel", "Delmar Travel", "gold", NEW_YORK),
    ("hinode-games", "Hinode Games", "gold", TOKYO),
    ("laurel-press", "Laurel Press", "gold", NEW_YORK),
    ("olivar-sur", "Olivar del Sur", "gold", MADRID),
    ("southern-tram", "Southern Tramways", "gold", SYDNEY),
    ("westgate-media", "Westgate Media", "gold", LONDON),
    ("aurora-yoga", "Aurora Yoga Studios", "silver", NEW_YORK),
    ("banksia-vets", "Banksia Vets", "silver", SYDNEY),
    ("cala-moda", "Cala Moda", "silver", MADRID),
    ("dovetail-joinery", "Dovetail Joinery", "silver", LONDON),
    ("elm-street-books", "Elm Street Books", "silver", NEW_YORK),
    ("fujimi-cameras", "Fujimi Camera Hire", "silver", TOKYO),
    ("granja-alta", "Granja Alta", "silver", MADRID),
    ("hudson-cycles", "Hudson Cycles", "silver", NEW_YORK),
    ("inkwell-print", "Inkwell Print", "silver", LONDON),
    ("kiri-tea", "Kiri Tea House", "silver", TOKYO),
    ("lighthouse-dental", "Lighthouse Dental", "silver", SYDNEY),
    ("molino-blanco", "Molino Blanco", "silver", MADRID),
)

COMPANIES = tuple(
    Company(
        id=id_,
        name=name,
        tier=tier,
        timezone=timezone,
        locale=locale,
        currency=currency,
        account=str(10_001 + 37 * place),
    )
    for place, (id_, name, tier, (timezone, locale, currency)) in enumerate(TABLE)
)
