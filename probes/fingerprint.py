"""The form of a list's answers: which paths there are and of which JSON types, and where what we read has changed.

A field that we read and that is usually there is missed once so many distinct records in a row lack it as chance would
not leave out; one whose type changes likewise. Fields that we do not read are known too, and new ones only shown. Paths
and types are kept, values never. Whether anybody is told is for the room above.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from probes.connector import Resource
from probes.detect import CHANCE
from probes.path import SEPARATOR, at

ROWS = 200
"""So many records are counted at most: more would make no rule any sharper, and each would have to be stored."""

LEARNT = 20
"""After so many records, types and paths that were not among them are news."""

USUAL = 0.9
"""A field in fewer records than this is left out at times, and nobody can say that it is missed."""

FEWEST = 3
"""Records in a row that must differ at least."""

ADOPTED = timedelta(days=1)
"""A form that has lasted for this long is the form."""

DEEPEST = 3
MOST_PATHS = 200
MARK = "unread:"
MOST_NEWS = 20

KINDS: Mapping[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One row of an answer as it came, or the answer around its rows; `key` tells records apart. Never stored."""

    key: str
    item: object = field(repr=False)
    envelope: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One path that we read: in how many records (of `rows`) it was, and as which types; null is like any of them.

    `missing` counts the latest records in a row without it, `odd` those in a row of another type; both since `since`.
    """

    rows: int = 0
    present: int = 0
    kinds: tuple[str, ...] = ()
    missing: int = 0
    odd: int = 0
    odd_kind: str = ""
    since: datetime | None = None

    @property
    def share(self) -> float:
        """The share of records in which it is there, by Laplace's rule of succession."""
        return (self.present + 1) / (self.rows + 2)

    @property
    def chance(self) -> float:
        """The chance, by the same rule, that a record is unlike all before it."""
        return 1 / (self.rows + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A path that we read is no longer what it `was`: it is another type `now`, or nothing ("").

    The latest `rows` records show that.
    """

    path: str
    was: str
    now: str
    rows: int
    since: datetime

    def __str__(self) -> str:
        """Return it in words: the path and its types."""
        return f"`{self.path}` was {self.was} and is " + (self.now or "no longer there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is known of a list's form: of the answers around the rows, of what we read in rows, and of all the rest.

    `others` has the types of every path seen, `news` when those were first seen that came after the form was learnt.
    """

    rows: int = 0
    envelope: Mapping[str, Trait] = field(default_factory=dict)
    read: Mapping[str, Trait] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    news: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether the latest records differ from the form, be it by chance."""
        traits = (*self.envelope.values(), *self.read.values())
        return any(trait.since is not None for trait in traits)


def kind_of(value: object) -> str:
    """Return the JSON type of a value."""
    return KINDS.get(type(value), "string")


def kind_at(item: object, path: str) -> str:
    """Return the JSON type of what lies at a dotted path, "" where nothing does; a member that is null is there."""
    around, name = _split(path)
    holder = at(item, around)
    if isinstance(holder, dict):
        return kind_of(holder[name]) if name in holder else ""
    found = at(item, path)
    return "" if found is None else kind_of(found)


@lru_cache(maxsize=4096)
def _split(path: str) -> tuple[str, str]:
    """What leads to the last step of a path, and that step's name."""
    *around, name = SEPARATOR.split(path)
    return ".".join(around), name.replace("\\.", ".")


def paths_read(resource: Resource, fields: Sequence[str]) -> tuple[str, ...]:
    """Return every path that is read in a row, each once."""
    conditions = (*resource.failed, *resource.settled, *(one for way in resource.failures for one in way.when))
    amount = (resource.amount.path, resource.amount.currency_path) if resource.amount else ()
    singles = (resource.id_path, *resource.key_paths, resource.created_path, resource.updated_path)
    inner = (*singles, *resource.client_paths, *amount, *fields, *(one.path for one in conditions))
    return tuple(dict.fromkeys(_joined(resource.item_path, path) for path in inner if path))


def _joined(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner


def envelope(resource: Resource, body: object) -> Sample:
    """Return what is read in an answer around its rows, as the types at its paths."""
    paging = resource.pagination
    paths = (resource.records_path, paging.more_path, paging.next_path, paging.total_path)
    return Sample(key="", item={path: kind_at(body, path) for path in paths if path}, envelope=True)


def sampled(rows: Sequence[object], keys: Sequence[str]) -> Iterator[Sample]:
    """Yield a few rows of a page: the ends, where the newest are, and the middle. One that has no key gets a mark."""
    for index in sorted({0, len(rows) // 2, len(rows) - 1} if rows else ()):
        row = rows[index]
        yield Sample(key=keys[index] or MARK + sha256(repr(row).encode(errors="replace")).hexdigest()[:16], item=row)


def shape(item: object, depth: int = DEEPEST) -> Iterator[tuple[str, str]]:
    """Yield the paths in a record with their types, not into arrays, and not deeper than anybody would look."""
    if isinstance(item, dict) and depth:
        for name, value in item.items():
            path = name.replace(".", "\\.")
            yield path, kind_of(value)
            yield from ((f"{path}.{inner}", kind) for inner, kind in shape(value, depth - 1))


def noticed(known: Trait, kind: str, at: datetime) -> Trait:
    """Return a trait after one more distinct record in which the path had a type, "" where it was not there."""
    if known.rows >= ROWS and known.since is None and kind in known.kinds:
        return known
    if not kind:
        missed = replace(known, missing=known.missing + 1, since=known.since or at)
        return _adopted(missed, at) if known.share >= USUAL else replace(known, rows=min(ROWS, known.rows + 1))
    if kind not in {"null", *known.kinds} and known.kinds and known.rows >= LEARNT:
        return _adopted(replace(known, odd=known.odd + 1, odd_kind=kind, since=known.since or at), at)
    # What differed so seldom that it is no drift was one of the forms that a record may have.
    also = {known.odd_kind} if 0 < known.odd < FEWEST else set()
    more = 0 if known.rows >= ROWS else 1 + known.odd
    return Trait(
        rows=min(ROWS, known.rows + more + known.missing),
        present=min(ROWS, known.present + more),
        kinds=tuple(sorted({*known.kinds, *({kind} - {"null"}), *also})),
    )


def _adopted(known: Trait, at: datetime) -> Trait:
    """Take another form for the form once it has lasted."""
    if known.since is None or at - known.since < ADOPTED:
        return known
    if known.odd:
        return Trait(rows=min(ROWS, known.odd), present=min(ROWS, known.odd), kinds=(known.odd_kind,))
    return Trait(rows=min(ROWS, known.missing), kinds=known.kinds)


def drifted(path: str, known: Trait) -> Drift | None:
    """Return what has changed at a path beyond chance, None where nothing has."""
    if known.since is None or known.rows < LEARNT:
        return None
    was = " or ".join(known.kinds) or "null"
    if known.odd >= FEWEST and known.chance**known.odd < CHANCE:
        return Drift(path=path, was=was, now=known.odd_kind, rows=known.odd, since=known.since)
    if known.missing >= FEWEST and (1 - known.share) ** known.missing < CHANCE:
        return Drift(path=path, was=was, now="", rows=known.missing, since=known.since)
    return None


def drifts(known: Fingerprint) -> tuple[Drift, ...]:
    """Return everything that has changed beyond chance, in the order in which it began."""
    traits = (*known.envelope.items(), *known.read.items())
    found = (drifted(path, trait) for path, trait in traits if trait.since is not None)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.since, one.path)))


def folded(known: Fingerprint, read: Sequence[str], samples: Sequence[Sample], at: datetime) -> Fingerprint:
    """Return the fingerprint after more samples; paths that are no longer read are forgotten.

    Of several rows all are held against what is read, and the first alone is searched for what else there is.
    """
    rows = [sample.item for sample in samples if not sample.envelope]
    for sample in (one for one in samples if one.envelope):
        known = _with_envelope(known, sample, at)
    for item in rows:
        known = _with_row(known, read, item, at)
    return _searched(known, rows[0], at) if rows else known


def _with_envelope(known: Fingerprint, sample: Sample, at: datetime) -> Fingerprint:
    kinds = sample.item if isinstance(sample.item, Mapping) else {}
    traits = _each(known.envelope, kinds, at)
    return known if traits == known.envelope else replace(known, envelope=traits)


def _with_row(known: Fingerprint, read: Sequence[str], item: object, at: datetime) -> Fingerprint:
    traits = _each(known.read, {path: kind_at(item, path) for path in read}, at)
    rows = min(ROWS, known.rows + 1)
    return known if rows == known.rows and traits == known.read else replace(known, rows=rows, read=traits)


def _searched(known: Fingerprint, item: object, at: datetime) -> Fingerprint:
    others = known.others
    found = {path: kind for path, kind in shape(item) if path not in others or others[path] == "null" != kind}
    if not found:
        return known
    fresh = {path: at for path in found if path not in others} if others and known.rows > LEARNT else {}
    return replace(
        known,
        others=dict([*{**others, **found}.items()][:MOST_PATHS]),
        news=dict([*{**known.news, **fresh}.items()][-MOST_NEWS:]),
    )


def _each(known: Mapping[str, Trait], kinds: Mapping[str, str], at: datetime) -> Mapping[str, Trait]:
    return {path: noticed(known.get(path, Trait()), kind, at) for path, kind in kinds.items()}
