"""Templates of a configuration: what a client's notices say in its own words, and which of them is whose.

Values only; what a template may hold, and what becomes of it, is for `templating`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from alerts.audience import Audience
from alerts.message import Stage

ANY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text of notices for some clients, or for all of some tiers, or for everybody, at some stages.

    Without `stages` it is for every one, without `language` for readers of every language. What it leaves out is as it
    is in the standard text.
    """

    name: str
    clients: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    language: str = ANY
    subject: str = ""
    body: str = ""
    html: str = ""

    @property
    def at(self) -> tuple[Stage, ...]:
        """The stages that it is for."""
        return self.stages or tuple(Stage)

    def keys_of(self) -> Iterator["Key"]:
        """Yield what it is looked up by."""
        scopes = [("client", client) for client in self.clients] + [("tier", tier) for tier in self.tiers]
        for scope in scopes or [("", "")]:
            yield from ((*scope, stage, self.language.lower()) for stage in self.at)


Key = tuple[str, str, Stage, str]
"""Whom a template is for (a client, a tier or everybody), at which stage, in which language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of a configuration as they are looked up."""

    index: Mapping[Key, Template] = field(default_factory=dict)

    def of(self, audience: Audience) -> Template | None:
        """Return the template for a reader: the client's before its tier's before everybody's, None without any.

        Of one client's or tier's, that in the reader's language counts before one for every language.
        """
        if not self.index:
            return None
        tag = audience.language.lower()
        for scope in (("client", audience.client), ("tier", audience.tier), ("", "")):
            for language in dict.fromkeys((tag, tag.partition("-")[0], ANY)):
                found = self.index.get((*scope, audience.stage, language))
                if found is not None:
                    return found
        return None


NO_TEMPLATES = Templates()


def looked_up(templates: Iterable[Template]) -> Templates:
    """Return templates by what they are looked up by; of two for the same the first counts."""
    index: dict[Key, Template] = {}
    for template in templates:
        for key in template.keys_of():
            index.setdefault(key, template)
    return Templates(index=index)
