"""How many examples of a property are played where each of them is dear."""

from hypothesis import settings


def examples(most: int) -> int:
    """Return how many to play: `most`, or as few as the quick check plays of any property."""
    return min(most, settings().max_examples)
