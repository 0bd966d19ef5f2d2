"""Makes a message's words fit to be shown anywhere: no control characters, no mass mentions, no more than fits. Pure.

What is said is decided by `wording`; here it is only made harmless and short enough.
"""

import re
from dataclasses import dataclass

_WIDTHLESS = "\u200b"
_MENTION = re.compile(r"@(?=[*_~`]*(?:all|channel|everyone|here|online|room|topic)\b)", re.IGNORECASE)
_BRACKET = re.compile(r"<(?=[!@#])")
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_LINK = re.compile(r"https?://\S+")
# They reorder what stands beside them, so that a name could disguise the rest of its line.
_REORDERING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# All control characters but the tab and the line break.
_HIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_REORDERING}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ELLIPSIS = " […]"
# Apprise keeps these for a counter where title and body share one limit, and two for the line break between them.
_COUNTER, _BETWEEN = 12, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many characters a service shows. `title` 0: the title stands in the body; `shared`: one limit for both."""

    title: int
    body: int
    shared: bool = False


def harmless(text: str) -> str:
    """Return the text without control characters and lone surrogates, and with mentions of whole groups broken."""
    broken = _BREAK.sub("\n", text)
    shown = _SURROGATE.sub("\ufffd", _HIDDEN.sub("", broken))
    return _BRACKET.sub(f"<{_WIDTHLESS}", _MENTION.sub(f"@{_WIDTHLESS}", shown))


def one_line(text: str) -> str:
    """Return harmless text on one line, as a subject must be."""
    return " ".join(harmless(text).split())


def first_link(text: str) -> str:
    """Return the first web address in a text, empty where there is none."""
    found = _LINK.search(text)
    return found[0].rstrip(").,;") if found else ""


def fitted(subject: str, body: str, room: Room) -> tuple[str, str]:
    """Return subject and body cut to the room, with a mark where something was cut, and with the body's last link."""
    title = _cut(subject, room.title if room.title > 0 else room.body // 4)
    return title, _cut_keeping_link(body, room.body - _taken(title, room))


def _taken(title: str, room: Room) -> int:
    if room.title <= 0:
        return len(title) + _BETWEEN
    return min(len(title) + _COUNTER, room.title, room.body) + _BETWEEN if room.shared else 0


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, most - len(_ELLIPSIS))].rstrip() + _ELLIPSIS


def _cut_keeping_link(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    links = _LINK.findall(text)
    ending = f"\n{links[-1]}" if links else ""
    if len(ending) + len(_ELLIPSIS) >= most:
        return _cut(text, most)
    return _cut(text, most - len(ending)) + ending
