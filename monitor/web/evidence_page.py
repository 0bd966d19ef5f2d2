"""Writes the evidence of a client's month as HTML that can be printed. It is handed a pack, and words."""

from importlib.resources import files

from markupsafe import Markup

from alerts.beheld import Say
from alerts.client_view import summed
from monitor.web.client_page import DAYS, STAGES, Pen
from monitor.web.render import ENVIRONMENT
from runbooks.evidence import Pack
from runbooks.evidence_json import digest_of
from runbooks.evidence_words import HAPPENED, PROMISES, STATES, cause, sum_of

STYLE = "evidence.css"


def evidence_html(pack: Pack, say: Say, *, alone: bool) -> str:
    """Return a pack as an HTML document; one that stands `alone` brings its style with it."""
    pen = Pen(say=say, timezone=pack.timezone, language=pack.language)
    context = {
        "pack": pack,
        "pen": pen,
        "_": pen.text,
        "digest": digest_of(pack),
        "style": _style() if alone else "",
        "stages": STAGES,
        "day_states": DAYS,
        "happened": HAPPENED,
        "promises": PROMISES,
        "proof_states": STATES,
        "cause": cause,
        "sum_of": sum_of,
        "total": summed,
    }
    return ENVIRONMENT.get_template("evidence.html").render(**context)


def _style() -> Markup:
    return Markup((files("monitor.web") / "static" / STYLE).read_text(encoding="utf-8"))  # noqa: S704 - our own file
