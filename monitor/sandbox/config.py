"""The demo's configuration: YAML files as a user would have written them, and the secrets that they refer to.

The files lie in `configuration/`, except for the clients, who come from `clients`. What they mean is for the loader;
nothing here reads them back.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from monitor.sandbox.addresses import Addresses
from monitor.sandbox.clients import COMPANIES, Company
from monitor.sandbox.dialects.webhooks import secret
from monitor.sandbox.vendor import credential

WRITTEN = Path(__file__).parent / "configuration"
PEOPLE = ("madrid-1", "madrid-2", "new-york-1", "duty-manager")
COMMUNICATIONS = "communications-mail"
NOTIFIED = {"platinum": ("desk", "mail"), "gold": ("desk",), "silver": ("desk",)}
MAIL_ONLY = frozenset({"calder-health", "olivar-sur", "westgate-media"})
CONTACTS = {"desk": "Service desk", "mail": "Operations"}

CLIENTS_HEAD = """\
# The sandbox's clients, made up: four platinum, eight gold, twelve silver, in five time zones. Their contracts, in
# tiers.yaml, are deliberately short.
clients:
"""
CLIENT = """\
  - id: {id}
    name: {name}
    tier: {tier}
    timezone: {timezone}
    locale: {locale}
    identifiers: {{billing: {customer}, gateway: {merchant}, erp: "{account}"}}
    contacts: {contacts}
    revenue: {{yearly: {yearly}, currency: {currency}}}
"""
YEARLY = {"platinum": 480_000, "gold": 120_000, "silver": 18_000}


def write(folder: Path, addresses: Addresses) -> Mapping[str, str]:
    """Write the demo's configuration into a folder; return the environment variables that it refers to.

    The folder is made where it is missing; files of these names in it are replaced.
    """
    for source in sorted(WRITTEN.rglob("*.yaml")):
        target = folder / source.relative_to(WRITTEN)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace("{http}", addresses.http), encoding="utf-8")
    (folder / "clients.yaml").write_text(CLIENTS_HEAD + "".join(map(_client, COMPANIES)), encoding="utf-8")
    return environment(addresses)


def environment(addresses: Addresses) -> Mapping[str, str]:
    """Return the secrets of the demo by name: credentials of the vendors, and where people and clients are told."""
    boxes = {f"{person}-pager": _post(addresses, f"{person}-pager") for person in PEOPLE}
    boxes |= {f"{person}-mail": _mail(addresses, f"{person}-mail") for person in PEOPLE}
    boxes[COMMUNICATIONS] = _mail(addresses, COMMUNICATIONS)
    for company in COMPANIES:
        boxes |= {f"{company.id}-{way}": ADDRESSED[way](addresses, f"{company.id}-{way}") for way in _ways(company)}
    return {
        "SANDBOX_BILLING_KEY": credential("billing"),
        "SANDBOX_BILLING_WEBHOOKS": secret(),
        "SANDBOX_GATEWAY_TOKEN": credential("gateway"),
        "SANDBOX_ERP_KEY": credential("erp"),
        **{_variable(box): address for box, address in boxes.items()},
    }


def _ways(company: Company) -> tuple[str, ...]:
    return ("mail",) if company.id in MAIL_ONLY else NOTIFIED[company.tier]


def _variable(box: str) -> str:
    return f"SANDBOX_{box.upper().replace('-', '_')}"


def _post(addresses: Addresses, box: str) -> str:
    return f"json://{urlsplit(addresses.http).netloc}/inbox/{box}"


def _mail(addresses: Addresses, box: str) -> str:
    who = {"from": "tierwatch@sandbox.example", "to": f"{box}@sandbox.example"}
    return f"mailto://{addresses.smtp}?{urlencode(who)}"


ADDRESSED = {"desk": _post, "mail": _mail}


def _client(company: Company) -> str:
    contacts = ", ".join(_contact(company, way) for way in _ways(company))
    return CLIENT.format(
        id=company.id,
        name=json.dumps(company.name, ensure_ascii=False),
        tier=company.tier,
        timezone=company.timezone,
        locale=company.locale,
        customer=company.customer,
        merchant=company.merchant,
        account=company.account,
        contacts=f"[{contacts}]",
        yearly=YEARLY[company.tier],
        currency=company.currency.upper(),
    )


def _contact(company: Company, way: str) -> str:
    return f"{{name: {CONTACTS[way]}, channel: env:{_variable(f'{company.id}-{way}')}}}"
