"""How many examples a property is tried with: few in every run, many in the long seeded trials."""

import os

from hypothesis import settings

FULL = os.environ.get("TIERWATCH_TRIALS") == "full"


def examples(usual: int, full: int) -> settings:
    """Return the settings of a property that is tried so often, and so often in full trials."""
    return settings(max_examples=full if FULL else usual)
