"""Our routes written as a configuration of Alertmanager, for clients that read one: amtool, Grafana, karma."""

import json
import re
from collections.abc import Iterator

from alerts.intake import Intake
from alerts.receivers import Line, Route
from monitor.units import spelled

SPECIAL = re.compile(r"[.+*?()|\[\]{}^$\\]")


def original(route: Route, intake: Intake) -> str:
    """Return the configuration: the same receivers, and a route that leads where ours leads."""
    return "\n".join(_written(route, spelled(intake.resolve_timeout))) + "\n"


def _written(route: Route, timeout: str) -> Iterator[str]:
    yield from ("global:", f"  resolve_timeout: {timeout}", "route:")
    yield from (f"  receiver: {json.dumps(route.default)}", "  group_by: [alertname]")
    if route.lines:
        yield "  routes:"
    for line in route.lines:
        yield f"  - receiver: {json.dumps(line.receiver)}"
        yield f"    matchers: [{json.dumps(_matcher(line))}]"
    yield "receivers:"
    yield from (f"- name: {json.dumps(name)}" for name in route.receivers)


def _matcher(line: Line) -> str:
    values = sorted(line.values)
    if len(values) == 1:
        return f"{line.label}={_quoted(values[0])}"
    return f"{line.label}=~{_quoted('|'.join(SPECIAL.sub(_escaped, value) for value in values))}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found.group()}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
