"""Puts view values into templates: the Jinja environment with its filters, and what every page is given.

Everything is escaped, an undefined name is an error, and no template computes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import HTMLResponse

from monitor.web import measure
from monitor.web.access import Visitor
from monitor.web.guard import Caller, Desk
from monitor.web.office import Office
from monitor.web.view.present import eyes
from runbooks import runbook
from runbooks.runbook import Runbook

# Our own runbooks may hold HTML (their <details>); no other text is ever rendered as Markdown.
MARKDOWN = MarkdownIt("commonmark", {"html": True})

NAVIGATION = (
    ("/", "Now"),
    ("/incidents", "Incidents"),
    ("/clients", "Clients"),
    ("/systems", "Systems"),
    ("/flows", "Flows"),
    ("/oncall", "On call"),
    ("/silences", "Silences"),
    ("/maintenance", "Maintenance"),
    ("/notices", "Notices"),
    ("/runbooks", "Runbooks"),
    ("/reports", "Reports"),
    ("/configuration", "Configuration"),
)


def when(at: datetime, now: datetime) -> Markup:
    """Return an instant as a `time` element: UTC until the script writes it in the reader's zone, UTC on hover."""
    iso = measure.instant(at)
    title = iso.replace("T", " ").replace("Z", " UTC")
    text = measure.clock_time(at, now)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, title, text)


def ago(at: datetime, now: datetime) -> Markup:
    """Return how long ago an instant was, kept running by the script."""
    iso = measure.instant(at)
    text = f"{measure.whole(now - at)} ago"
    return Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(iso, iso.replace("T", " "), text)


def lasting(since: datetime, now: datetime) -> Markup:
    """Return how long something has lasted, kept running by the script."""
    iso = measure.instant(since)
    return Markup('<time datetime="{}" data-for>{}</time>').format(iso, measure.whole(now - since))


def countdown(due: datetime, now: datetime) -> Markup:
    """Return how far off a due instant is, kept running by the script."""
    iso = measure.instant(due)
    title = "due " + iso.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}" title="{}" data-due>{}</time>').format(iso, title, measure.left(due, now))


def bar(part: float, label: str) -> Markup:
    """Return a share as a small bar; the number stands beside it in words, so the bar itself is not read out."""
    width = round(max(0.0, min(1.0, part)) * 100)
    tone = "bad" if part >= 0.9 else "warn" if part >= 0.7 else "calm"  # noqa: PLR2004 - where a reader should look up
    return Markup(
        '<svg class="bar {}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<title>{}</title><rect class="whole" width="100" height="6" rx="3"/>'
        '<rect class="part" width="{}" height="6" rx="3"/></svg>'
    ).format(tone, label, width)


def runbook_html(text: str) -> Markup:
    """Return a section of one of our runbooks as HTML."""
    return Markup(MARKDOWN.render(text))  # noqa: S704 - our own files, shipped with the package


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": measure.duration,
        "whole": measure.whole,
        "number": measure.number,
        "target": measure.target,
        "share": measure.share,
        "rate": measure.rate,
        "per_second": measure.per_second,
        "reference": measure.reference,
        "runbook_html": runbook_html,
    }
    environment.globals |= {
        "count": measure.count,
        "bar": bar,
        "navigation": NAVIGATION,
        "nothing": timedelta(),
    }
    return environment


ENVIRONMENT = _environment()


def runbook_named(name: str) -> Runbook:
    """Return a runbook that ships with us; KeyError where there is none of this name."""
    if name not in runbook.NAMES:
        raise KeyError(name)
    return runbook.read(name, (files("runbooks") / f"{name}.md").read_text(encoding="utf-8"))


class Sheet:
    """A page about to be written: who asks for it, and when."""

    def __init__(self, request: Request, desk: Office, visitor: Visitor) -> None:
        self.request = request
        self.desk = desk
        self.visitor = visitor
        self.now = desk.now()

    @property
    def csrf(self) -> str:
        """The token for this session's forms, empty where nobody is signed in."""
        return self.desk.keys.csrf(self.visitor.session) if self.visitor.session else ""

    def show(self, template: str, context: Mapping[str, object], status: int = 200) -> HTMLResponse:
        """Return the page that a template makes of these values."""
        return HTMLResponse(ENVIRONMENT.get_template(template).render(**self._shared(), **context), status)

    def _shared(self) -> dict[str, object]:
        now, situation = self.now, self.desk.situation
        return {
            "now": now,
            "version": self.desk.version,
            "now_iso": measure.instant(now),
            "csrf": self.csrf,
            "path": self.request.url.path,
            "here": here(self.request),
            "open_count": len(situation.open_incidents),
            "eyes": eyes(situation, now),
            "demo": self.desk.sandbox is not None,
            "when": lambda at: when(at, now),
            "ago": lambda at: ago(at, now),
            "lasting": lambda at: lasting(at, now),
            "countdown": lambda at: countdown(at, now),
        }


def here(request: Request) -> str:
    """Return the address that was asked for, on this host, without the part of the page that its reader went to.

    A browser without script loads it again from time to time; told no address, it would only go to that part again.
    """
    path, query = quote(request.url.path), request.url.query
    return f"{path}?{query}" if query else path


def sheet(request: Request, desk: Desk, visitor: Caller) -> Sheet:
    """Return the page that a request asks for, still empty."""
    return Sheet(request, desk, visitor)


Page = Annotated[Sheet, Depends(sheet)]
