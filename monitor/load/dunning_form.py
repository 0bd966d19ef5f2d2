"""The shape of the dunning guard as it is written in YAML, its value, and what is wrong with its secrets.

Whether its systems are defined is for `references`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from alerts.alert import AlertKind
from alerts.channels.network import names_private
from alerts.dunning import PAYMENT_ALERTS, DunningRules, Target, payment_systems
from alerts.signing import HOW_TO_MAKE_ONE, signing_key
from monitor.load.fields import Duration, Identity, Secret, one_of
from monitor.load.form import Form
from monitor.load.node import Loc, Node
from monitor.problem import ConfigError, Grade, Problem
from monitor.secrets import Secrets
from probes.catalog import Catalog, SystemId

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=30)


class DunningTargetForm(Form):
    """A billing system that is told of holds."""

    url: Secret
    secrets: Annotated[list[Secret], Field(min_length=1)]


class DunningForm(Form):
    """Whom to tell that a client's payment failures are to be held, when, and for how long."""

    webhooks_to: dict[Identity, DunningTargetForm] = Field(default_factory=dict)
    alerts: list[Annotated[AlertKind, one_of(AlertKind)]] = Field(default_factory=lambda: sorted(PAYMENT_ALERTS))
    systems: list[Identity] | None = None
    lasts: Duration = DunningRules().lasts
    longest: Duration = DunningRules().longest

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not SHORTEST <= self.lasts <= self.longest <= LONGEST:
            raise ValueError("is held for too short or too long; write lasts from 10m on, and longest up to 30d")
        return self

    def rules(self, catalog: Catalog) -> DunningRules:
        """Return the rules; payments go through the systems whose lists tell of failed ones unless others are named."""
        named = frozenset(map(SystemId, self.systems)) if self.systems is not None else payment_systems(catalog)
        targets = (Target(name=name, url=one.url, secrets=tuple(one.secrets)) for name, one in self.webhooks_to.items())
        return DunningRules(
            targets=tuple(targets),
            kinds=frozenset(self.alerts),
            systems=named,
            lasts=self.lasts,
            longest=self.longest,
        )


def unsigned(rules: DunningRules, node: Node, secrets: Secrets, *, allow_private: bool) -> Iterator[Problem]:
    """Yield the secrets of the guard that are not there, sign nothing, or lead nowhere; no part of one is said."""
    for target in rules.targets:
        where: Loc = ("webhooks_to", target.name)
        for loc, reference in (
            ((*where, "url"), target.url),
            *(((*where, "secrets", place), one) for place, one in enumerate(target.secrets)),
        ):
            try:
                secret = secrets.resolve(reference)
            except ConfigError as error:
                yield node.problem(str(error), loc, Grade.SEVERE)
                continue
            objection = _address(secret, allow_private=allow_private) if loc[-1] == "url" else _key(secret)
            if objection:
                yield node.problem(objection, loc, Grade.SEVERE)


def _key(secret: str) -> str:
    return "" if signing_key(secret) is not None else f"holds no key that signs; make one: {HOW_TO_MAKE_ONE}"


def _address(secret: str, *, allow_private: bool) -> str:
    parts = urlsplit(secret)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "holds no web address; write one like https://billing.example.com/hooks"
    if not allow_private and (parts.hostname == "localhost" or names_private(parts.hostname)):
        return "leads to a private address; set settings: {allow_private_destinations: true} or name a public one"
    return ""
