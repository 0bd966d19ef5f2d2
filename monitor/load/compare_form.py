"""The shape of what both ends of a flow are to say alike, as it is written in YAML, and its values."""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from monitor.load.fields import DOTTED
from probes.comparison import Compared, Comparison

MONEY = {Compared.AMOUNT, Compared.CURRENCY}
WORDS = "words"
ADVICE = "write it like [amount, currency, {status: state, words: {paid: settled, posted: settled}}]"


def _comparisons(value: object) -> tuple[Comparison, ...]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list; {ADVICE}")  # noqa: TRY004 - pydantic hears of ValueError
    found = tuple(_comparison(one) for one in value)
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ValueError("compares something twice; write each once")
    return found


def _comparison(value: object) -> Comparison:
    if isinstance(value, str):
        if value not in MONEY:
            raise ValueError(f"{value} is not compared by its name alone; {ADVICE}")
        return Comparison(name=value, compared=Compared(value))
    pairs = dict(value) if isinstance(value, dict) else {}
    words: Any = pairs.pop(WORDS, {})
    if len(pairs) != 1 or not isinstance(words, dict):
        raise ValueError(f"must be amount, currency, or one pair of fields with or without words; {ADVICE}")
    ((source, destination),) = pairs.items()
    texts = (source, destination, *words, *words.values())
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"must name fields and words as text; {ADVICE}")
    if not all(DOTTED.fullmatch(path) for path in (source, destination)):
        raise ValueError(f"must name the source's field and the destination's; {ADVICE}")
    return Comparison(name=source.rpartition(".")[2], source=source, destination=destination, words=words)


PAIR = {"type": "object", "properties": {WORDS: {"type": "object"}}, "additionalProperties": {"type": "string"}}
Comparisons = Annotated[
    tuple[Comparison, ...],
    BeforeValidator(_comparisons),
    WithJsonSchema({"type": "array", "items": {"anyOf": [{"enum": sorted(MONEY)}, PAIR]}}),
]
