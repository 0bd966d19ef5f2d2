"""Every sentence that clients' pages, feeds, calendars and evidence are made of, as it is written in English.

Found in the templates and in the tables and calls of the code, so that none is forgotten in a catalogue.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from alerts.public_view import SENTENCES
from alerts.syndication import STAGES as FEED_STAGES
from alerts.uptime import METHOD
from monitor.showing import UNNAMED
from monitor.web.client_page import DAYS, HEADLINES, STAGES, STATES
from runbooks import evidence_words

TEMPLATES = ("status_frame", "status", "status_item", "status_parts", "evidence")
CODE = (
    "alerts/beheld.py",
    "alerts/works.py",
    "alerts/works_ical.py",
    "alerts/syndication.py",
    "monitor/web/client_page.py",
    "monitor/web/evidence_pdf.py",
)
IN_TEMPLATES = re.compile(r'_\("([^"]+)"')
IN_CODE = re.compile(r"(?:say|pen\.text)\(\s*[\"']([^\"']+)[\"']")
IN_A_ROW = re.compile(r"map\(pen\.text, \(([^)]*)\)\)")


def sentences(repository: Path) -> Iterator[str]:
    """Yield every sentence, each once or more often."""
    for name in TEMPLATES:
        yield from IN_TEMPLATES.findall((files("monitor.web") / "templates" / f"{name}.html").read_text("utf-8"))
    for path in CODE:
        text = (repository / path).read_text("utf-8")
        yield from IN_CODE.findall(text)
        yield from (word for row in IN_A_ROW.findall(text) for word in re.findall(r'"([^"]+)"', row))
    yield from (*HEADLINES.values(), *SENTENCES.values(), *FEED_STAGES.values(), *METHOD, UNNAMED)
    yield from (word for table in (STATES, STAGES, DAYS, evidence_words.STATES) for *_, word in table.values())
    yield from (*evidence_words.HAPPENED.values(), *evidence_words.PROMISES.values(), *evidence_words.every_cause())
