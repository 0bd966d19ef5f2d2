"""What has to be kept up so that a system can be asked at all: credential, certificate, clock; as its answers show it.

Kept per system, and of the credential per list, because a key that may not read one list may well read the others. What
follows from it is for the room above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from probes.catalog import SystemId
from probes.certificate import Certificate
from probes.clock import Skew, skew_of, tells_more
from probes.connector import RefusalKind
from probes.detect import Evidence, Suspect, weighed
from probes.failure import FailureClass, Outcome
from probes.observation import Observation

LOOKS = Suspect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How often a list refused our credential of late, and why it last did; None where the vendor does not say."""

    kind: RefusalKind | None
    evidence: Evidence

    @property
    def certain(self) -> bool:
        """Whether it is no accident, and has not been accepted since."""
        return self.evidence.alarmed(LOOKS) and self.evidence.good_since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What is known of one system.

    `refusals` has an entry for each list ("" for the who-am-I) that refused our credential and has not taken it back,
    `off` the evidence that the clock is off by more than allowed. `expires` is when the credential ends by what it or
    the vendor says.
    """

    system: SystemId
    refusals: Mapping[str, Refusals] = field(default_factory=dict)
    certificate: Certificate | None = None
    clock: Skew | None = None
    off: Evidence = field(default_factory=Evidence)
    expires: datetime | None = None


def kept_up(known: Upkeep, look: Observation, allowed: timedelta) -> Upkeep:
    """Return what is known after one more look; a clock may be off by `allowed`. Most looks change nothing."""
    skew = skew_of(look.clock_offset, look.sent, look.answered)
    after = Upkeep(
        system=known.system,
        refusals=_refusals(known.refusals, look),
        certificate=look.certificate or known.certificate,
        clock=skew if tells_more(known.clock, skew) else known.clock,
        off=known.off if skew is None else suspected(known.off, bad=skew.least > allowed, at=look.answered),
        expires=look.expires if look.outcome is Outcome.GOOD else known.expires,
    )
    return known if after == known else after


def suspected(known: Evidence, *, bad: bool, at: datetime) -> Evidence:
    """Return the evidence after one more look; what has come to nothing, and what is over, is forgotten."""
    if not bad and known.first_bad is None:
        return known
    after = weighed(known, LOOKS, bad=bad, at=at)
    return Evidence() if after.cleared(LOOKS) or after.first_bad is None else after


def _refusals(known: Mapping[str, Refusals], look: Observation) -> Mapping[str, Refusals]:
    """A look that neither got an answer nor was refused says nothing of the credential."""
    refused = look.failure is FailureClass.AUTH
    before = known.get(look.resource)
    if not refused and (look.outcome is not Outcome.GOOD or before is None):
        return known
    evidence = suspected(before.evidence if before else Evidence(), bad=refused, at=look.sent)
    others = {name: one for name, one in known.items() if name != look.resource}
    if evidence.first_bad is None:
        return others
    kind = look.refusal if refused or before is None else before.kind
    return {**others, look.resource: Refusals(kind=kind, evidence=evidence)}
