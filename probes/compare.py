"""Whether both ends of a flow say the same of a record: exact decimals of one currency unit, words with one meaning.

Nothing is rounded and nothing guessed: what one end does not say, or says in a word that is not declared, differs from
nothing.
"""

from collections.abc import Sequence

from probes.catalog import Flow
from probes.comparison import Compared, Comparison
from probes.observation import Record
from probes.tracked import Facts, Tracked


def source_facts(flow: Flow, record: Record) -> Facts:
    """Return what is compared of a record at the source of a flow."""
    return tuple(_fact(one, one.source, record) for one in flow.compare)


def destination_facts(flow: Flow, record: Record) -> Facts:
    """Return what is compared of a record at the destination of a flow."""
    return tuple(_fact(one, one.destination, record) for one in flow.compare)


def differ(facts: Facts, found: Facts) -> bool:
    """Return whether two ends contradict each other in anything that both say."""
    return facts != found and any(
        ours != theirs for ours, theirs in zip(facts, found, strict=False) if ours is not None and theirs is not None
    )


def differences(compared: Sequence[Comparison], one: Tracked) -> tuple[tuple[str, str, str], ...]:
    """Return what the ends contradict each other in: its name, and what the source and the destination say."""
    said = zip(compared, one.facts, one.found, strict=False)
    return tuple(
        (comparison.name, ours, theirs)
        for comparison, ours, theirs in said
        if ours is not None and theirs is not None and ours != theirs
    )


def _fact(comparison: Comparison, path: str, record: Record) -> str | None:
    if comparison.compared is Compared.FIELD:
        said = record.fields.get(path)
        return comparison.words.get(said) if comparison.words and said is not None else said
    if record.money is None:
        return None
    if comparison.compared is Compared.CURRENCY:
        return record.money.currency
    # 12.5 and 12.50 are one amount, and 1E+2 is written 100.
    return f"{record.money.amount.normalize():f}"
