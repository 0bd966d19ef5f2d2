"""Statuspage's public API v2 as its consumers read it: which fields a shape has, of what kind, and every enumeration.

Written from its published reference; what begins with `x_` is ours and is passed over by who does not know it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

INDICATORS = {"none", "minor", "major", "critical", "maintenance"}
COMPONENT_STATES = {"operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"}
INCIDENT_STATES = {"investigating", "identified", "monitoring", "resolved", "postmortem"}
MAINTENANCE_STATES = {"scheduled", "in_progress", "verifying", "completed"}
IMPACTS = {"none", "minor", "major", "critical"}

Text, Maybe, Flag, Number, Moment, MaybeMoment, List = "text", "text?", "flag", "number", "moment", "moment?", "list"

PAGE = {"id": Text, "name": Text, "url": Text, "time_zone": Text, "updated_at": Moment}
STATUS = {"indicator": INDICATORS, "description": Text}
COMPONENT = {
    "id": Text,
    "name": Text,
    "status": COMPONENT_STATES,
    "created_at": Moment,
    "updated_at": Moment,
    "position": Number,
    "description": Maybe,
    "showcase": Flag,
    "start_date": Maybe,
    "group_id": Maybe,
    "page_id": Text,
    "group": Flag,
    "only_show_if_degraded": Flag,
}
UPDATE = {
    "id": Text,
    "status": INCIDENT_STATES | MAINTENANCE_STATES,
    "body": Text,
    "incident_id": Text,
    "created_at": Moment,
    "updated_at": Moment,
    "display_at": Moment,
    "affected_components": "list?",
    "deliver_notifications": Flag,
    "custom_tweet": Maybe,
    "tweet_id": Maybe,
}
INCIDENT = {
    "id": Text,
    "name": Text,
    "status": INCIDENT_STATES,
    "impact": IMPACTS,
    "created_at": Moment,
    "updated_at": Moment,
    "started_at": Moment,
    "monitoring_at": MaybeMoment,
    "resolved_at": MaybeMoment,
    "shortlink": Text,
    "page_id": Text,
    "incident_updates": List,
    "components": List,
    "reminder_intervals": Maybe,
}
MAINTENANCE = {
    **INCIDENT,
    "status": MAINTENANCE_STATES,
    "impact": {"maintenance"},
    "scheduled_for": Moment,
    "scheduled_until": Moment,
}
DOCUMENTS = {
    "summary": {"page", "status", "components", "incidents", "scheduled_maintenances"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
}
KINDS: Mapping[str, tuple[type, ...]] = {
    Text: (str,),
    Maybe: (str, type(None)),
    Flag: (bool,),
    Number: (int,),
    Moment: (str,),
    MaybeMoment: (str, type(None)),
    List: (list,),
    "list?": (list, type(None)),
}


def misfits(document: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield everything in which a document is not what is published, with its place."""
    yield from _keys(document, DOCUMENTS[name], name)
    yield from _fields(document["page"], PAGE, "page")
    if "status" in document:
        yield from _fields(document["status"], STATUS, "status")
    for one in document.get("components", ()):
        yield from _fields(one, COMPONENT, "component")
    for one in document.get("incidents", ()):
        yield from _incident(one, INCIDENT)
    for one in document.get("scheduled_maintenances", ()):
        yield from _incident(one, MAINTENANCE)


def _incident(one: Mapping[str, Any], shape: Mapping[str, Any]) -> Iterator[str]:
    yield from _fields(one, shape, "incident")
    for component in one["components"]:
        yield from _fields(component, COMPONENT, "incident.component")
    moments = [update["created_at"] for update in one["incident_updates"]]
    if moments != sorted(moments, reverse=True):
        yield "incident_updates are not the newest first"
    for update in one["incident_updates"]:
        yield from _fields(update, UPDATE, "update")
        if update["incident_id"] != one["id"]:
            yield "update.incident_id is another incident's"


def _keys(found: Mapping[str, Any], wanted: set[str], place: str) -> Iterator[str]:
    plain = {key for key in found if not key.startswith("x_")}
    if plain != wanted:
        yield f"{place} has {sorted(plain)} and not {sorted(wanted)}"


def _fields(found: Mapping[str, Any], shape: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from _keys(found, set(shape), place)
    for name, kind in shape.items():
        value = found.get(name)
        if isinstance(kind, set):
            if value not in kind:
                yield f"{place}.{name} is {value!r}"
        elif type(value) not in KINDS[kind]:
            yield f"{place}.{name} is {value!r}"
        elif kind in {Moment, MaybeMoment} and isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None:
            yield f"{place}.{name} has no offset"
