"""How something is: a word, a sign and a tone together, so that no state is ever told by colour alone."""

from enum import StrEnum


class Tone(StrEnum):
    """The colour that goes with a state; the style sheet knows these five."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    BLIND = "blind"
    CALM = "calm"


class Health(StrEnum):
    """How a client, a system, a flow or a look is. The value is the word that people read."""

    HURT = "hurt"
    FAILING = "failing"
    BLIND = "blind"
    STALE = "stale"
    THROTTLED = "throttled"
    OWN_ERROR = "own error"
    SUSPECT = "suspect"
    WARNED = "worth a look"
    STRETCHED = "stretched"
    UNSEEN = "not seen yet"
    OK = "OK"

    @property
    def tone(self) -> Tone:
        """The colour."""
        return TONES[self]

    @property
    def sign(self) -> str:
        """The sign: one character, different for each tone."""
        return SIGNS[self.tone]


TONES = {
    Health.HURT: Tone.BAD,
    Health.FAILING: Tone.BAD,
    Health.BLIND: Tone.BLIND,
    Health.STALE: Tone.BLIND,
    Health.THROTTLED: Tone.WARN,
    Health.OWN_ERROR: Tone.WARN,
    Health.SUSPECT: Tone.WARN,
    Health.WARNED: Tone.WARN,
    Health.STRETCHED: Tone.WARN,
    Health.UNSEEN: Tone.CALM,
    Health.OK: Tone.GOOD,
}
SIGNS = {Tone.BAD: "✕", Tone.BLIND: "?", Tone.WARN: "!", Tone.CALM: "…", Tone.GOOD: "✓"}
WORST_FIRST = tuple(Health)


def worst(*healths: Health) -> Health:
    """Return the worst of some states; not seen yet where there is none."""
    return min(healths, key=WORST_FIRST.index, default=Health.UNSEEN)
