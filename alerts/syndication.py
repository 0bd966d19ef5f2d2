"""What one reader may see as feeds: Atom (RFC 4287) and RSS 2.0, of incidents and maintenance, or of every update.

Ids are the same for good, `updated` moves with every notice and `published` never does. The bytes follow from the view
alone: the same facts make the same feed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from alerts.beheld import Say
from alerts.client_view import ClientView, Episode, Post, Work
from alerts.message import Stage

ATOM = "http://www.w3.org/2005/Atom"
SINCE = "2026-01-01"
"""The day that every `tag:` id names: any on which the host was ours will do, as long as it stays (RFC 4151)."""
MOST = 50
ILLEGAL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, or should not."""

STAGES = {
    Stage.INVESTIGATING: "Investigating",
    Stage.IDENTIFIED: "Identified",
    Stage.MONITORING: "Monitoring",
    Stage.UPDATE: "Update",
    Stage.RESOLVED: "Resolved",
    Stage.RETRACTED: "Retracted",
    Stage.SCHEDULED: "Scheduled",
    Stage.REMINDER: "Reminder",
    Stage.MOVED: "Moved",
    Stage.IN_PROGRESS: "In progress",
    Stage.COMPLETED: "Completed",
    Stage.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed. `content` is HTML."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its entries, the newest first. `place` is its own name below the page's address."""

    id: str
    title: str
    place: str
    address: str
    updated: datetime
    language: str
    entries: tuple[Entry, ...]


def history(view: ClientView, address: str, say: Say) -> Feed:
    """Return the feed with an entry for each incident and each maintenance, whole and up to date."""
    return _feed(view, address, "history", say("Incidents and maintenance"), _whole(view, address, say))


def updates(view: ClientView, address: str, say: Say) -> Feed:
    """Return the feed with an entry for each notice: for readers that show an entry once only."""
    return _feed(view, address, "updates", say("Every update"), _single(view, address, say))


def _feed(view: ClientView, address: str, place: str, title: str, entries: Iterable[Entry]) -> Feed:
    newest = sorted(entries, key=lambda one: (one.updated, one.id), reverse=True)[:MOST]
    return Feed(
        id=tag(address, view, place),
        title=f"{view.title}: {title}",
        place=place,
        address=address,
        updated=max((one.updated for one in newest), default=view.begun),
        language=view.language,
        entries=tuple(newest),
    )


def tag(address: str, view: ClientView, *names: str) -> str:
    """Return a `tag:` URI for something of a view: the same for good, whatever key the address holds."""
    host = urlsplit(address).hostname or "tierwatch.invalid"
    return f"tag:{host},{SINCE}:{'/'.join((view.id, *names))}"


def _whole(view: ClientView, address: str, say: Say) -> Iterator[Entry]:
    for one in view.episodes:
        yield _entry(view, one, ("incidents", one.id), address, _paragraphs(one.posts, say))
    for work in view.works:
        times = f"{_time(work.starts)} {_time(work.ends)}"
        text = "\n".join(filter(None, (times, work.text)))
        said = _paragraph(work.changed, say(STAGES[work.stage]), text) + _paragraphs(work.posts, say)
        yield _entry(view, work, ("maintenance", work.id), address, said)


def _entry(view: ClientView, one: Episode | Work, place: tuple[str, str], address: str, content: str) -> Entry:
    return Entry(
        id=tag(address, view, *place),
        title=one.title,
        link=f"{address}{'/'.join(place)}",
        published=one.told,
        updated=max(one.changed, one.told),
        content=content,
    )


def _single(view: ClientView, address: str, say: Say) -> Iterator[Entry]:
    for about, post in view.posts():
        place = "incidents" if isinstance(about, Episode) else "maintenance"
        yield Entry(
            id=tag(address, view, place, about.id, post.id),
            title=f"{say(STAGES[post.stage])}: {about.title}",
            link=f"{address}{place}/{about.id}#post-{post.id}",
            published=post.at,
            updated=post.at,
            content=_paragraph(post.at, say(STAGES[post.stage]), post.body),
        )


def _paragraphs(posts: tuple[Post, ...], say: Say) -> str:
    return "".join(_paragraph(post.at, say(STAGES[post.stage]), post.body) for post in posts)


def _paragraph(at: datetime, state: str, text: str) -> str:
    """Return an update in Statuspage's form."""
    lines = "<br>".join(escape(legal(text)).splitlines())
    return f"<p><small>{_time(at)}</small><br><strong>{escape(legal(state))}</strong> - {lines}</p>"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def legal(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return ILLEGAL.sub("", text)


def atom(feed: Feed) -> bytes:
    """Return a feed as Atom."""
    return _document(
        f'<feed xmlns="{ATOM}" xml:lang="{_text(feed.language)}">',
        _element("title", feed.title),
        _element("id", feed.id),
        _element("updated", _rfc3339(feed.updated)),
        f'<link rel="self" type="application/atom+xml" href="{_text(feed.address)}{feed.place}.atom"/>',
        f'<link rel="alternate" type="text/html" href="{_text(feed.address)}"/>',
        f"<author>{_element('name', feed.title)}</author>",
        *map(_atom_entry, feed.entries),
        "</feed>",
    )


def _atom_entry(one: Entry) -> str:
    return "".join(
        (
            "<entry>",
            _element("title", one.title),
            _element("id", one.id),
            f'<link rel="alternate" type="text/html" href="{_text(one.link)}"/>',
            _element("published", _rfc3339(one.published)),
            _element("updated", _rfc3339(one.updated)),
            f'<content type="html">{_text(one.content)}</content>',
            "</entry>",
        )
    )


def rss(feed: Feed) -> bytes:
    """Return a feed as RSS 2.0, with the link to itself that its readers expect."""
    return _document(
        f'<rss version="2.0" xmlns:atom="{ATOM}"><channel>',
        _element("title", feed.title),
        _element("link", feed.address),
        _element("description", feed.title),
        _element("language", feed.language),
        _element("lastBuildDate", _rfc822(feed.updated)),
        _element("ttl", "15"),
        f'<atom:link rel="self" type="application/rss+xml" href="{_text(feed.address)}{feed.place}.rss"/>',
        *map(_rss_item, feed.entries),
        "</channel></rss>",
    )


def _rss_item(one: Entry) -> str:
    return "".join(
        (
            "<item>",
            _element("title", one.title),
            _element("link", one.link),
            f'<guid isPermaLink="false">{_text(one.id)}</guid>',
            _element("pubDate", _rfc822(one.published)),
            _element("description", one.content),
            "</item>",
        )
    )


def _document(*parts: str) -> bytes:
    return "\n".join(('<?xml version="1.0" encoding="utf-8"?>', *parts, "")).encode("utf-8")


def _element(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return escape(legal(text), quote=True)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)
