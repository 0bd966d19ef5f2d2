"""What must not stand in a notice because it is somebody else's: names, identifiers, hosts; made once of a catalog.

It is an index by first word, so that a text is looked through once, however many clients there are. What is only a
name and also a common word (or the name of a system) cannot be told from that word: it warns, and the client is judged
by its identifiers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from alerts.phrase import Phrases
from alerts.tokens import Token, words
from probes.catalog import Catalog, Client, ClientId

SHORTEST_NUMBER = 5
"""A number with fewer digits stands in too many dates and counts to be anybody's identifier."""

SEVERAL_SIGNS = 3
"""So many signs of a script in which each may be a word are a name, however common they are by themselves."""

# What comes behind a company's name and is often left out.
LEGAL_FORMS = frozenset(
    [
        *("ab", "ag", "as", "asa", "aps", "bv", "co", "corp", "corporation", "company", "gmbh", "inc", "incorporated"),
        *("kg", "kk", "limited", "llc", "llp", "ltd", "nv", "oy", "oyj", "plc", "pte", "pty", "sa", "sarl", "sas"),
        *("se", "sl", "slu", "spa", "srl"),
    ]
)


class MarkKind(StrEnum):
    """What kind of name it is."""

    NAME = "name"
    IDENTIFIER = "identifier"
    HOST = "host"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name in the words that it is recognised by, and whose it is: nobody's client, if it has no owners.

    One that is `common` cannot be told from what it also means.
    """

    kind: MarkKind
    owners: frozenset[ClientId] = frozenset()
    common: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A mark that stands in a text, from the first to behind the last of its characters."""

    mark: Mark
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """The marks by the words that make them up, and how many words those have that begin with a word."""

    marks: Mapping[tuple[str, ...], Mark] = field(default_factory=dict)
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    phrases: Phrases = field(default_factory=Phrases)

    def hits(self, text: Sequence[Token], reader: ClientId | None) -> Iterator[Hit]:
        """Yield what stands in a text and is not the reader's own, nor a part of something that is."""
        found = [*self._found(text)]
        certain = [hit for hit in found if not hit.mark.common or reader in hit.mark.owners]
        for hit in found:
            if reader not in hit.mark.owners and not any(_covers(other, hit, reader) for other in certain):
                yield hit

    def own(self, text: Sequence[Token], reader: ClientId) -> tuple[Hit, ...]:
        """Return what stands in a text and is the reader's own: its name and its identifiers."""
        return tuple(hit for hit in self._found(text) if reader in hit.mark.owners)

    def _found(self, text: Sequence[Token]) -> Iterator[Hit]:
        for place, token in enumerate(text):
            for length in self.lengths.get(token.word, ()):
                run = text[place : place + length]
                mark = self.marks.get(tuple(one.word for one in run))
                if mark is not None and len(run) == length:
                    yield Hit(mark, token.start, run[-1].end)


NOTHING_FORBIDDEN = Forbidden()


def _covers(outer: Hit, inner: Hit, reader: ClientId | None) -> bool:
    """Whether a hit is only a part of another one: of the reader's own name, or of a longer one that says it all."""
    if not (outer.start <= inner.start and inner.end <= outer.end):
        return False
    return reader in outer.mark.owners or (outer.end - outer.start > inner.end - inner.start)


def forbidden_of(catalog: Catalog, phrases: Phrases, common: Collection[str]) -> Forbidden:
    """Return what a configuration's notices must not say. `common` are words that say nothing by themselves."""
    systems = frozenset(words(name) for name in (*catalog.systems, *_vendors(catalog)))
    marks: dict[tuple[str, ...], Mark] = {}
    for kind, name, owner in _named(catalog):
        run = words(name)
        if run:
            common_here = kind is not MarkKind.HOST and (run in systems or _says_nothing(run, common))
            marks[run] = _merged(marks.get(run), kind, owner, common=common_here)
    lengths: dict[str, set[int]] = {}
    for run in marks:
        lengths.setdefault(run[0], set()).add(len(run))
    return Forbidden(
        marks=marks, lengths={word: tuple(sorted(found)) for word, found in lengths.items()}, phrases=phrases
    )


def _merged(known: Mark | None, kind: MarkKind, owner: ClientId | None, *, common: bool) -> Mark:
    """What two of them are called by is a client's before it is a system's."""
    owners = frozenset((owner,)) if owner is not None else frozenset()
    if known is None:
        return Mark(kind=kind, owners=owners, common=common)
    first = known.kind if known.owners or not owners else kind
    return Mark(kind=first, owners=known.owners | owners, common=common)


def _says_nothing(run: tuple[str, ...], ordinary: Collection[str]) -> bool:
    if len(run) >= SEVERAL_SIGNS and not any(word.isascii() or len(word) > 1 for word in run):
        return False
    return all(word in ordinary or (word.isdigit() and len(word) < SHORTEST_NUMBER) or len(word) == 1 for word in run)


def _named(catalog: Catalog) -> Iterator[tuple[MarkKind, str, ClientId | None]]:
    for system in catalog.systems.values():
        yield MarkKind.SYSTEM, system.id, None
        host = urlsplit(system.base_url).hostname
        if host:
            yield MarkKind.HOST, host, None
    yield from ((MarkKind.SYSTEM, vendor, None) for vendor in _vendors(catalog))
    for client in catalog.clients.values():
        yield from ((kind, name, client.id) for kind, name in _names_of(client))


def _vendors(catalog: Catalog) -> Iterable[str]:
    return dict.fromkeys(system.vendor_name for system in catalog.systems.values())


def _names_of(client: Client) -> Iterator[tuple[MarkKind, str]]:
    yield MarkKind.IDENTIFIER, client.id
    yield from ((MarkKind.IDENTIFIER, name) for names in client.identifiers.values() for name in names)
    yield MarkKind.NAME, client.name
    bare = _bare(words(client.name))
    if bare:
        yield MarkKind.NAME, " ".join(bare)


def _bare(run: tuple[str, ...]) -> tuple[str, ...]:
    """Return a company's name without its legal form, () where it has none."""
    short = run
    while short and short[-1] in LEGAL_FORMS:
        short = short[:-1]
    return short if len(short) < len(run) else ()
