"""What one reader may see in the shapes of Statuspage's public API v2, so that its consumers read it unchanged.

Whatever has no place in those shapes stands under a key that begins with `x_`. Nothing is decided here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from whenever import Instant

from alerts.client_view import ClientView, Episode, Post, ServiceState, ServiceView, Work, summed
from alerts.message import Stage

Document = Mapping[str, Any]

MOST = 50
"""So many incidents and maintenances stand in a list, as at Statuspage."""

COMPONENT = {
    ServiceState.OUTAGE: "major_outage",
    ServiceState.PARTIAL_OUTAGE: "partial_outage",
    ServiceState.DEGRADED: "degraded_performance",
    ServiceState.MAINTENANCE: "under_maintenance",
    ServiceState.UNKNOWN: "operational",
    ServiceState.OPERATIONAL: "operational",
}
IMPACT = {
    ServiceState.OUTAGE: "critical",
    ServiceState.PARTIAL_OUTAGE: "major",
    ServiceState.DEGRADED: "minor",
}
INDICATOR = {
    ServiceState.OUTAGE: ("critical", "Major Service Outage"),
    ServiceState.PARTIAL_OUTAGE: ("major", "Partial System Outage"),
    ServiceState.DEGRADED: ("minor", "Minor Service Outage"),
    ServiceState.MAINTENANCE: ("maintenance", "Service Under Maintenance"),
    ServiceState.UNKNOWN: ("none", "All Systems Operational"),
    ServiceState.OPERATIONAL: ("none", "All Systems Operational"),
}
INCIDENT = {
    Stage.INVESTIGATING: "investigating",
    Stage.IDENTIFIED: "identified",
    Stage.MONITORING: "monitoring",
    Stage.RESOLVED: "resolved",
    Stage.RETRACTED: "resolved",
}
MAINTENANCE = {
    Stage.SCHEDULED: "scheduled",
    Stage.REMINDER: "scheduled",
    Stage.MOVED: "scheduled",
    Stage.IN_PROGRESS: "in_progress",
    Stage.COMPLETED: "completed",
    Stage.CANCELLED: "completed",
}


def summary(view: ClientView, address: str) -> Document:
    """Return `summary.json`: how everything is, with what is not over."""
    return {
        "page": page(view, address),
        "components": [_component(view, place, one) for place, one in enumerate(view.services, 1)],
        "incidents": [_incident(view, one, address) for one in view.open_episodes],
        "scheduled_maintenances": [_maintenance(view, one, address) for one in view.works if not one.over],
        "status": _status(view),
    }


def status(view: ClientView, address: str) -> Document:
    """Return `status.json`."""
    return {"page": page(view, address), "status": _status(view)}


def components(view: ClientView, address: str) -> Document:
    """Return `components.json`."""
    listed = [_component(view, place, one) for place, one in enumerate(view.services, 1)]
    return {"page": page(view, address), "components": listed}


def incidents(view: ClientView, address: str) -> Document:
    """Return `incidents.json`."""
    return _incidents(view, address, view.episodes)


def unresolved(view: ClientView, address: str) -> Document:
    """Return `incidents/unresolved.json`."""
    return _incidents(view, address, view.open_episodes)


def maintenances(view: ClientView, address: str) -> Document:
    """Return `scheduled-maintenances.json`."""
    return _maintenances(view, address, view.works)


def upcoming(view: ClientView, address: str) -> Document:
    """Return `scheduled-maintenances/upcoming.json`."""
    return _maintenances(view, address, (one for one in view.works if one.stage is Stage.SCHEDULED))


def active(view: ClientView, address: str) -> Document:
    """Return `scheduled-maintenances/active.json`."""
    return _maintenances(view, address, (one for one in view.works if one.stage is Stage.IN_PROGRESS))


DOCUMENTS = {
    "summary": summary,
    "status": status,
    "components": components,
    "incidents": incidents,
    "incidents/unresolved": unresolved,
    "scheduled-maintenances": maintenances,
    "scheduled-maintenances/upcoming": upcoming,
    "scheduled-maintenances/active": active,
}
"""Every document by its path below `/api/v2/`, without `.json`."""


def page(view: ClientView, address: str) -> Document:
    """Return what every document carries."""
    return {
        "id": view.id,
        "name": view.title,
        "url": address,
        "time_zone": view.timezone,
        "updated_at": _at(view, view.changed),
    }


def _at(view: ClientView, at: datetime) -> str:
    """Return an instant as RFC 3339, with the offset of the reader's zone."""
    there = Instant(at).to_tz(view.timezone).to_stdlib()
    return there.isoformat(timespec="milliseconds")


def _maybe(view: ClientView, at: datetime | None) -> str | None:
    return None if at is None else _at(view, at)


def _status(view: ClientView) -> Document:
    indicator, description = INDICATOR[view.worst]
    return {"indicator": indicator, "description": description}


def _component(view: ClientView, place: int, one: ServiceView) -> Document:
    return {
        "id": one.id,
        "name": one.name,
        "status": COMPONENT[one.state],
        "created_at": _at(view, view.begun),
        "updated_at": _at(view, one.since or view.begun),
        "position": place,
        "description": one.description or None,
        "showcase": True,
        "start_date": one.measured.isoformat() if one.measured is not None else None,
        "group_id": None,
        "page_id": view.id,
        "group": False,
        "only_show_if_degraded": False,
        "x_service": _uptime(view, one),
    }


def _uptime(view: ClientView, one: ServiceView) -> Document:
    """Return what the exact shape has no place for: the state in our words, and the days with their raw numbers."""
    return {
        "state": one.state,
        "uptime": summed(one.days).numbers if one.days else None,
        "uptime_days": [{"day": day.day.isoformat(), "state": day.state, **day.numbers} for day in one.days],
        "uptime_method": list(view.method),
        "uptime_since": one.measured.isoformat() if one.measured is not None else None,
    }


def _incidents(view: ClientView, address: str, wanted: Iterable[Episode]) -> Document:
    return {"page": page(view, address), "incidents": [_incident(view, one, address) for one in wanted][:MOST]}


def _incident(view: ClientView, one: Episode, address: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.title,
        "status": INCIDENT[one.stage],
        "impact": IMPACT.get(one.worst, "none"),
        "created_at": _at(view, one.told),
        "updated_at": _at(view, one.changed),
        "started_at": _at(view, one.began),
        "monitoring_at": _maybe(view, one.monitored),
        "resolved_at": _maybe(view, one.ended),
        "shortlink": f"{address}incidents/{one.id}",
        "page_id": view.id,
        "incident_updates": _updates(view, one.id, one.posts, INCIDENT),
        "components": _affected(view, one.services),
        "reminder_intervals": None,
        "x_incident": {"reference": one.reference, "retracted": one.stage is Stage.RETRACTED},
    }


def _affected(view: ClientView, services: tuple[str, ...]) -> list[Document]:
    named = enumerate(view.services, 1)
    plain = (_component(view, place, one) for place, one in named if one.id in services)
    return [{key: value for key, value in one.items() if not key.startswith("x_")} for one in plain]


def _updates(view: ClientView, about: str, posts: tuple[Post, ...], words: Mapping[Stage, str]) -> list[Document]:
    """Return notices, the newest first; one that only brings news has the status of the one before it."""
    status, found = next(iter(words.values())), list[Document]()
    for post in reversed(posts):
        status = words.get(post.stage, status)
        found.append(_update(view, about, post, status))
    return found[::-1]


def _update(view: ClientView, about: str, post: Post, status: str) -> Document:
    at = _at(view, post.at)
    return {
        "id": post.id,
        "status": status,
        "body": post.body,
        "incident_id": about,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
        "x_subject": post.subject,
        "x_stage": post.stage,
    }


def _maintenances(view: ClientView, address: str, wanted: Iterable[Work]) -> Document:
    listed = [_maintenance(view, one, address) for one in wanted]
    return {"page": page(view, address), "scheduled_maintenances": listed[:MOST]}


def _maintenance(view: ClientView, one: Work, address: str) -> Document:
    begun, over = one.stage not in (Stage.SCHEDULED, Stage.CANCELLED), one.over
    ended = one.changed if one.cancelled else one.ends
    return {
        "id": one.id,
        "name": one.title,
        "status": MAINTENANCE[one.stage],
        "impact": "maintenance",
        "created_at": _at(view, one.told),
        "updated_at": _at(view, one.changed),
        "started_at": _at(view, one.starts if begun else one.told),
        "monitoring_at": None,
        "resolved_at": _at(view, ended) if over else None,
        "shortlink": f"{address}maintenance/{one.id}",
        "page_id": view.id,
        "incident_updates": _updates(view, one.id, one.posts, MAINTENANCE),
        "components": _affected(view, one.services),
        "reminder_intervals": None,
        "scheduled_for": _at(view, one.starts),
        "scheduled_until": _at(view, one.ends),
        "x_maintenance": {
            "reference": one.reference,
            "text": one.text,
            "cancelled": one.cancelled,
            "sequence": one.sequence,
        },
    }
