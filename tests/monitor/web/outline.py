"""A page as a browser reads it, for tests: its tags, its words, and whether all is closed."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img"}


class Outline(HTMLParser):
    """Reads a page as a browser does: which tags it opens, what text it shows, and whether all is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.broken: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens and closes at once."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes what is not open."""
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """The page's words, in order."""
        return re.sub(r"\s+", " ", " ".join(self.words))


def whole(text: str) -> None:
    """Assert that a page closes what it opens, names each part once, and loads our own three files only."""
    page = Outline(text)
    assert (page.broken, page.open) == ([], [])
    loaded = [
        attributes.get("src") or attributes.get("href") for tag, attributes in page.tags if tag in {"link", "script"}
    ]
    assert set(loaded) == {"/static/style.css", "/static/icon.svg", "/static/live.js"}
    assert not [attributes for _, attributes in page.tags if "style" in attributes or "onclick" in attributes]
    named = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(named) == len(set(named))
