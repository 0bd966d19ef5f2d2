"""How many examples of a property are played where each of them is dear."""

from hypothesis import settings

QUICK = 25
"""So many the quick check plays of any property."""


def examples(most: int, quick: int = QUICK) -> int:
    """Return how many to play: `most`, or as few as `quick` in the quick check."""
    played = settings().max_examples
    return min(most, played, quick if played <= QUICK else most)
