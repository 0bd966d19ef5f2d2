"""The evidence of a client's month as JSON, with a digest over all of it: the same pack gives the same bytes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from json import dumps
from typing import Any

from alerts.client_view import ServiceView, summed
from runbooks.evidence import Case, Held, Pack, Part, Proof, Sent

FORM = "tierwatch evidence 1"


def document(pack: Pack) -> Mapping[str, Any]:
    """Return the whole pack as a document; lengths are in seconds, instants in UTC."""
    made = {
        "form": FORM,
        "client": pack.client,
        "by": pack.title,
        "month": pack.month,
        "timezone": pack.timezone,
        "begins": _at(pack.period.start),
        "ends": _at(pack.period.end),
        "recorded_until": _at(pack.until),
        "sums": _sums(pack),
        "services": [_service(one) for one in pack.services],
        "uptime_method": list(pack.method),
        "incidents": [_case(one) for one in pack.cases],
        "other_notices": [_sent(one) for one in pack.notices],
        "payment_failures_held": [_held(one) for one in pack.held],
    }
    return {**made, "digest": _digest(made)}


def digest_of(pack: Pack) -> str:
    """Return the digest that every form of a pack carries."""
    return str(document(pack)["digest"])


def written(pack: Pack) -> bytes:
    """Return a pack as JSON text."""
    return (dumps(document(pack), ensure_ascii=False, indent=2) + "\n").encode()


def is_whole(made: Mapping[str, Any]) -> bool:
    """Return whether a document is as it was made: its digest fits the rest of it."""
    return made.get("digest") == _digest({key: value for key, value in made.items() if key != "digest"})


def _digest(made: Mapping[str, Any]) -> str:
    text = dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sums(pack: Pack) -> Mapping[str, Any]:
    sums = pack.sums
    return {
        "tier": sums.tier,
        "hurt_seconds": sums.hurt.total_seconds(),
        "month_seconds": sums.period.length.total_seconds(),
        "availability": sums.availability,
        "availability_method": "1 - hurt_seconds / month_seconds; time counts once, agreed time does not count",
        "promises_broken": sums.breaches,
        "promises_broken_seconds": sums.breach_time.total_seconds(),
        "breach_budget_seconds": sums.budget.total_seconds() if sums.budget is not None else None,
        "credit": sums.given.credit if sums.given is not None else 0.0,
        "credit_because": _step(pack),
    }


def _step(pack: Pack) -> Mapping[str, Any] | None:
    step = pack.sums.given
    if step is None:
        return None
    seconds = step.breach_time.total_seconds() if step.breach_time is not None else None
    return {"availability_below": step.below, "promises_broken": step.breaches, "promises_broken_seconds": seconds}


def _service(one: ServiceView) -> Mapping[str, Any]:
    return {
        "name": one.name,
        "measured_since": one.measured.isoformat() if one.measured is not None else None,
        "total": summed(one.days).numbers if one.days else None,
        "days": [{"day": day.day.isoformat(), "state": day.state, **day.numbers} for day in one.days],
    }


def _case(one: Case) -> Mapping[str, Any]:
    return {
        "reference": one.reference,
        "title": one.title,
        "began": _at(one.began),
        "ended": _at(one.ended),
        "hurt_seconds": one.hurt.total_seconds(),
        "timeline": [{"at": _at(line.at), "what": line.what, "stage": line.stage} for line in one.timeline],
        "promises": [_proof(proof) for proof in one.promises],
        "notices": [_sent(sent) for sent in one.notices],
    }


def _held(one: Held) -> Mapping[str, Any]:
    return {
        "from": _at(one.since),
        "to": _at(one.released),
        "incidents": list(one.incidents),
        "failed": one.failed,
        "payments": [{"at": _at(at), "id": payment} for at, payment in one.payments],
    }


def _proof(one: Proof) -> Mapping[str, Any]:
    return {
        "promise": one.promise,
        "state": one.state,
        "target_seconds": one.target.total_seconds(),
        "took_seconds": one.took.total_seconds(),
        "started": _at(one.start),
        "due": _at(one.due),
        "stopped": _at(one.stopped),
        "parts": [_part(part) for part in one.parts],
    }


def _part(one: Part) -> Mapping[str, Any]:
    return {
        "kind": one.kind,
        "from": _at(one.start),
        "to": _at(one.end),
        "seconds": one.lasted.total_seconds(),
        "causes": list(one.causes),
    }


def _sent(one: Sent) -> Mapping[str, Any]:
    return {
        "to": one.recipient,
        "stage": one.stage,
        "written": _at(one.written),
        "accepted": _at(one.accepted),
        "attempts": one.attempts,
        "failed_attempts": [{"at": _at(at), "state": state} for at, state in one.failures],
        "subject": one.subject,
        "body": one.body,
    }
