"""Judges what has to be kept up per system: that our credential is taken and lasts, the certificate, the clock.

An end ahead is a ticket, and close to it an alert of another kind that pages; both have places of their own in the
dependency graph, so that an incident that is open for days draws no outage into it. What is known is `probes.upkeep`'s.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, judge_credential, span
from alerts.weigh import LOOKS_OVER, Assessment
from probes.catalog import System, SystemId
from probes.certificate import Certificate
from probes.clock import Skew
from probes.connector import RefusalKind
from probes.observation import Observation
from probes.sli import IndicatorKind
from probes.upkeep import LOOKS, Refusals, Upkeep, kept_up

DAY = timedelta(days=1)
PAGED_BEFORE = DAY
"""How long before its end a credential is a page."""

CERTIFICATE_PAGED_BEFORE = timedelta(days=3)

RENEWED = Verdict(move=Move.CLEAR)

LAST_THIRD, LAST_TENTH = 3, 10
"""Certificates that live for days are renewed late in their life: sooner than that nothing is said of one."""

WHY = {
    RefusalKind.REVOKED: "it was revoked or replaced; put a valid one{where}",
    RefusalKind.EXPIRED: "it has expired; put a new one{where}",
    RefusalKind.MISSING_SCOPE: "it may not read {what}; give it that right at the vendor",
    RefusalKind.WRONG_ENVIRONMENT: "it is for another environment than {address}; put one of that environment{where}",
    None: "the vendor does not say why; look whether the one{where} is whole, valid and may read {what}",
}


def weigh_upkeep(assessment: Assessment, observation: Observation) -> None:
    """Add a look to what is known of its system's upkeep; most looks change nothing."""
    system = assessment.before.catalog.systems[observation.system]
    known = _known(assessment, system.id)
    after = kept_up(known, observation, system.clock_skew)
    if after is not known:
        assessment.upkeep[system.id] = after


def _known(assessment: Assessment, system: SystemId) -> Upkeep:
    known = assessment.upkeep.get(system) or assessment.before.upkeep.get(system)
    return known or Upkeep(system=system)


def judge_upkeep(assessment: Assessment, name: SystemId, now: datetime) -> None:
    """Judge a system's certificate and clock, and how long our credential lasts."""
    system, known = assessment.before.catalog.systems[name], _known(assessment, name)
    end, ours = credential_end(system, known), f"our credential for {name}"
    _settle(assessment, AlertKind.CREDENTIAL_EXPIRY, name, _judge_end(ours, end, system.renewal.credential, now), now)
    _settle(assessment, AlertKind.CREDENTIAL_ENDS, name, _judge_end(ours, end, PAGED_BEFORE, now), now)
    if known.certificate is not None:
        for kind in (AlertKind.CERTIFICATE_EXPIRY, AlertKind.CERTIFICATE_ENDS):
            _settle(assessment, kind, name, _judge_certificate(kind, system, known.certificate, now), now)
    if known.clock is not None:
        _settle(assessment, AlertKind.CLOCK_SKEW, name, _judge_clock(assessment, system, known), now)


WHAT = {
    AlertKind.CREDENTIAL_EXPIRY: "credential",
    AlertKind.CREDENTIAL_ENDS: "credential",
    AlertKind.CERTIFICATE_EXPIRY: "certificate",
    AlertKind.CERTIFICATE_ENDS: "certificate",
    AlertKind.CLOCK_SKEW: "clock",
}
"""What each is about: its place in the dependency graph."""


def _settle(assessment: Assessment, kind: AlertKind, system: SystemId, verdict: Verdict, now: datetime) -> None:
    """Move an alert; that nothing is wrong is told to one that is there only, for most looks find nothing."""
    if verdict.move in (Move.CONFIRM, Move.SUSPECT) or f"{kind.value}/{system}" in assessment.before.alerts:
        assessment.move(_about(kind, system), verdict, now)


@lru_cache(maxsize=4096)
def _about(kind: AlertKind, system: SystemId) -> About:
    key = AlertKey(kind=kind, subject=system)
    return About(key=key, nodes=frozenset({f"{WHAT[kind]}:{system}"}), system=system)


def credential_end(system: System, known: Upkeep) -> datetime | None:
    """Return when our credential ends, by whoever says so first; None where nobody does."""
    ends = (system.renewal.credential_expires, known.expires)
    return min((end for end in ends if end is not None), default=None)


def _judge_end(what: str, end: datetime | None, before: timedelta, now: datetime) -> Verdict:
    if end is None or end - now > before:
        return RENEWED
    ends = f"ends at {_clock(end)}" if end > now else f"has ended at {_clock(end)}"
    text = f"{what} {ends}; it should have been renewed {_days(before)} before"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=min(now, end - before))


def _days(length: timedelta) -> str:
    return span(length) if length < 2 * DAY else f"{length / DAY:.3g} days"


def _judge_certificate(kind: AlertKind, system: System, shown: Certificate, now: datetime) -> Verdict:
    if kind is AlertKind.CERTIFICATE_EXPIRY:
        before = min(system.renewal.certificate, shown.life / LAST_THIRD)
        whose = "the certificate of" if shown.earliest == shown.leaf else "a certificate above that of"
        return _judge_end(f"{whose} {system.id}", shown.earliest, before, now)
    # What ends above the system's own certificate may never be missed; where it is, the peer is not trusted.
    end = shown.leaf if shown.trusted else shown.earliest
    return _judge_end(
        f"the certificate of {system.id}", end, min(CERTIFICATE_PAGED_BEFORE, shown.life / LAST_TENTH), now
    )


def _judge_clock(assessment: Assessment, system: System, known: Upkeep) -> Verdict:
    evidence, skew = known.off, known.clock
    if evidence.first_bad is None or skew is None:
        return RENEWED
    text = f"the clock of {system.id} is {_off(skew)}, {span(system.clock_skew)} is allowed"
    move = Move.CONFIRM if evidence.alarmed(LOOKS) and evidence.good_since is None else Move.SUSPECT
    text = f"{text}; {_beside(assessment, system.id)}"
    return Verdict(move=move, explanation=text, onset=evidence.first_bad)


def _off(skew: Skew) -> str:
    side = "ahead of ours" if skew.offset > timedelta() else "behind ours"
    return f"{span(abs(skew.offset))} {side} (give or take {skew.bound.total_seconds():.1f} s)"


def _beside(assessment: Assessment, system: SystemId) -> str:
    """Whose clock it is, by those of the other systems."""
    others = {**assessment.before.upkeep, **assessment.upkeep}
    known = [one for name, one in others.items() if name != system and one.clock is not None]
    if not known:
        return "no other system tells its time"
    off = sum(one.off.first_bad is not None for one in known)
    if off == len(known):
        return f"so are those of all the others ({len(known)}): ours is probably wrong"
    return f"those of {len(known) - off} of {len(known)} others agree with ours"


def judge_access(assessment: Assessment, name: SystemId, now: datetime) -> bool:
    """Judge whether a system takes our credential; return whether it takes it nowhere, so that nothing can be seen."""
    system, known = assessment.before.catalog.systems[name], _known(assessment, name)
    looks = assessment.indicator(IndicatorKind.CREDENTIAL, name, None, LOOKS_OVER)
    about = _access(name)
    verdict = judge_credential(looks, name)
    if known.refusals:
        lists = {want.probe.resource for want in assessment.before.wants.get(name, ())} or set(known.refusals)
        verdict = judge_refusals(verdict, known, system, lists)
    assessment.judge(about, verdict, looks, now)
    refused = assessment.known(about)
    return refused is not None and refused.active and looks.evidence.good_since is None


@lru_cache(maxsize=4096)
def _access(system: SystemId) -> About:
    return About(key=AlertKey(kind=AlertKind.CREDENTIAL, subject=system), nodes=system_nodes(system), system=system)


def judge_refusals(verdict: Verdict, known: Upkeep, system: System, lists: Collection[str]) -> Verdict:
    """Return the verdict on all looks at a system together, with what its lists (of those watched) say one by one.

    A credential that may not read one list is refused there alone, however well the others answer.
    """
    refusals = {name: one for name, one in known.refusals.items() if name in lists}
    refused = {name: one for name, one in refusals.items() if one.certain}
    by_list = len(refusals) < len(lists) and {one.kind for one in refused.values()} == {RefusalKind.MISSING_SCOPE}
    if verdict.move is Move.CONFIRM and verdict.onset is not None and not by_list:
        text = f"{system.id} refuses our credential since {_clock(verdict.onset)}: {_why(system, refusals)}"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=verdict.onset)
    onset = min((one.evidence.first_bad for one in refused.values() if one.evidence.first_bad), default=None)
    if onset is not None:
        others = ", ".join(sorted(_list(name) for name in lists if name not in refusals))
        partly = f", and not for {others}" if others else ""
        where = ", ".join(sorted(map(_list, refused)))
        text = f"{system.id} refuses our credential for {where} since {_clock(onset)}{partly}: {_why(system, refused)}"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=onset)
    return STAY if refusals and verdict.move is Move.CLEAR else verdict


def _why(system: System, refusals: dict[str, Refusals]) -> str:
    kinds = {one.kind for one in refusals.values() if one.kind is not None}
    kind = next((kind for kind in RefusalKind if kind in kinds), None)
    told = ", ".join(sorted(_list(name) for name, one in refusals.items() if one.kind is kind)) or "this"
    where = ", ".join(system.secrets)
    return WHY[kind].format(where=f" under {where}" if where else "", what=told, address=system.base_url)


def _list(name: str) -> str:
    return name or "who am I"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
