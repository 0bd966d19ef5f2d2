"""The shape of clients' status pages as it is written in YAML, and its value.

Whether the names in it are defined is for `shown_services`.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from alerts.services import WHOLE, PublicPage, Service, StatusPages
from monitor.load.fields import Identity, LocaleTag, Text, Zone
from monitor.load.form import Form
from probes.catalog import FlowId, SystemId


class ServiceForm(Form):
    """What clients call some flows and systems."""

    name: Text
    description: Annotated[str, Field(max_length=500)] = ""
    flows: list[Identity] = Field(default_factory=list)
    systems: list[Identity] = Field(default_factory=list)

    @model_validator(mode="after")
    def _made_of_something(self) -> Self:
        if not (self.flows or self.systems):
            raise ValueError("is made of nothing; name its flows, its systems or both")
        return self

    def service(self, name: str) -> Service:
        """Return the service."""
        return Service(
            id=name,
            name=self.name,
            description=self.description,
            flows=frozenset(map(FlowId, self.flows)),
            systems=frozenset(map(SystemId, self.systems)),
        )


class PublicPageForm(Form):
    """A page for everybody."""

    name: Text
    services: list[Identity] = Field(default_factory=list)
    timezone: Zone = "UTC"
    language: LocaleTag = "en"
    clients: Annotated[int, Field(ge=2)] = 2

    def page(self) -> PublicPage:
        """Return the page."""
        return PublicPage(
            name=self.name,
            services=tuple(self.services),
            timezone=self.timezone,
            language=self.language,
            clients=self.clients,
        )


class StatusPagesForm(Form):
    """Clients' status pages: who speaks there, how what is watched is called, and whether everybody may read one."""

    name: Annotated[str, Field(max_length=200)] = ""
    services: dict[Identity, ServiceForm] = Field(default_factory=dict)
    public: PublicPageForm | None = None

    @model_validator(mode="after")
    def _public_services(self) -> Self:
        if self.public is not None and not self.services:
            raise ValueError("has a public page without services; name some under services")
        if WHOLE in self.services:
            raise ValueError(f"has a service {WHOLE}, which is what has no name of its own; call it otherwise")
        return self

    def pages(self) -> StatusPages:
        """Return what is written as a value."""
        return StatusPages(
            name=self.name,
            services=tuple(form.service(name) for name, form in self.services.items()),
            public=self.public.page() if self.public is not None else None,
        )
