"""The Grafana dashboard that ships with Tierwatch, read as Grafana would: panels, queries, variables filled in."""

import importlib.resources
import json
from collections.abc import Iterator
from typing import Any

BOARD: dict[str, Any] = json.loads(
    (importlib.resources.files("monitor") / "grafana" / "tierwatch.json").read_text("utf-8")
)
FILLED = {"$__rate_interval": "1m", "$__range": "10m", "$tier": ".*", "$flow": ".*", "$system": ".*"}


def filled(expression: str) -> str:
    """Return a query with every variable replaced by a value; AssertionError for a variable that is not known."""
    for name, value in FILLED.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


def panels() -> list[dict[str, Any]]:
    """Return the panels that show something."""
    return [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def variables() -> dict[str, dict[str, Any]]:
    """Return the board's variables by name."""
    return {one["name"]: one for one in BOARD["templating"]["list"]}


def queries() -> Iterator[tuple[str, str]]:
    """Yield every query with the place where it stands: of panels and of annotations."""
    for panel in panels():
        for target in panel["targets"]:
            yield f"{panel['id']} {panel['title']} {target['refId']}", target["expr"]
    for annotation in BOARD["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["expr"]
