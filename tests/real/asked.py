"""Requests of Alertmanager's API, good and bad, that are put to its own server and to ours."""

from datetime import timedelta
from typing import Any

from monitor.clock import SystemClock

NOW = SystemClock().now()
HOUR = timedelta(hours=1)
X = {"labels": {"alertname": "x"}}


def silence(**said: object) -> dict[str, Any]:
    """Return a silence for an hour; what is said replaces, and None leaves out."""
    body = {
        "matchers": [{"name": "client", "value": "acme", "isRegex": False}],
        "startsAt": NOW.isoformat(),
        "endsAt": (NOW + HOUR).isoformat(),
        "createdBy": "ada",
        "comment": "we know",
        **said,
    }
    return {name: value for name, value in body.items() if value is not None}


LABELLED = [
    {"labels": {"alertname": name, "client": client}, "annotations": {"summary": "late"}, "generatorURL": "http://p/g"}
    for name in ("SyncLag", "DiskFull")
    for client in ("acme", "cobalt", "nobody")
]

POSTED: list[object] = [
    [],
    None,
    [X],
    LABELLED,
    [{"labels": {}}],
    [{"labels": {"a": ""}}],
    [{"labels": {"bad-name": "1"}}, X],
    [{"labels": {"bad-name": "1"}}, {"labels": {}}],
    [{"labels": {"é": "x"}}],
    [{"labels": {"1a": "b", "__name__": "x"}}],
    [{**X, "startsAt": "2030-01-01T00:00:00Z", "endsAt": "2029-01-01T00:00:00Z"}],
    [{**X, "annotations": {"bad-name": "x"}}],
    [{**X, "annotations": {"a": 1}}],
    [{**X, "annotations": None}],
    [{**X, "other": 1}],
    [{**X, "startsAt": "bad"}],
    [{**X, "startsAt": ""}],
    [{**X, "startsAt": "2020-01-01"}],
    [{**X, "startsAt": "2020-01-01T00:00:00"}],
    [{**X, "startsAt": "0001-01-01T00:00:00Z"}],
    [{**X, "startsAt": "2020-01-01T00:00:00+02:00"}],
    [{**X, "generatorURL": "::bad"}],
    [{**X, "generatorURL": "foo"}],
    [{**X, "generatorURL": ""}],
    {},
    [1],
    [{}],
    [{"labels": None}],
    [{"labels": {"a": 1}}],
]

ASKED = [
    "",
    "/",
    *(f"?filter={one}" for one in ("bad", "", "client%3Dacme", "client%3D~a.*%7Cc.*", "client!=acme", "client%3D~(")),
    *(
        f"?filter={one}"
        for one in ("%7Ba%3D%22b%22%7D", "client%3Dacme,alertname%3Dx", "client%3D%22a", "a-b%3Dc", "%3Db")
    ),
    *(f"?filter={one}" for one in ("client%3D", "client!%3D", "client!~a.*", "client%3D%3Db", "client%3D%22acme%22")),
    "?filter=client%3Dacme&filter=alertname%3DSyncLag",
    *(f"?receiver={one}" for one in ("first", "first-line", "second.*", "(", ".*")),
    *(f"?active={one}" for one in ("maybe", "false", "", "FALSE", "f", "0", "t", "yes")),
    "?silenced=false&inhibited=false",
    "?silenced=false",
    "?active=false",
]

SILENCED: list[dict[str, Any]] = [
    silence(id="nope"),
    silence(id="11111111-1111-4111-8111-111111111111"),
    silence(matchers=[]),
    silence(matchers=None),
    silence(matchers=[{"name": "a", "value": "", "isRegex": False}]),
    silence(matchers=[{"name": "a", "value": ".*", "isRegex": True}]),
    silence(matchers=[{"name": "a", "value": "(", "isRegex": True}]),
    silence(matchers=[{"name": "a", "value": "b"}]),
    silence(matchers=[{"value": "b", "isRegex": False}]),
    silence(matchers=[{"name": "", "value": "b", "isRegex": False}]),
    silence(matchers=[{"name": "bad-n", "value": "b", "isRegex": False}]),
    silence(matchers=[{}]),
    silence(comment=None),
    silence(createdBy=None),
    silence(startsAt=None),
    silence(endsAt=None),
    silence(endsAt=(NOW - HOUR).isoformat(), startsAt=(NOW - 2 * HOUR).isoformat()),
    silence(endsAt=(NOW - HOUR).isoformat()),
    silence(endsAt=NOW.isoformat(), startsAt=NOW.isoformat()),
    silence(startsAt="bad"),
    silence(createdBy=1),
]
