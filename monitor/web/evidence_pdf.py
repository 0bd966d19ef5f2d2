"""Writes the evidence of a client's month as PDF, by ReportLab: an extra, and no browser runs for it.

The same pack gives the same bytes: nothing in it comes from a clock or a machine. What the built-in typefaces cannot
show is shown as a question mark; the JSON of the same pack, with the same digest, holds every character.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from alerts.beheld import Say
from alerts.client_view import ServiceView, summed
from monitor.web.client_page import DAYS, STAGES, Pen
from runbooks.evidence import Case, Pack, Proof, Sent
from runbooks.evidence_json import digest_of
from runbooks.evidence_words import HAPPENED, PROMISES, STATES, cause, sum_of

PLAIN, BOLD, JAPANESE = "Helvetica", "Helvetica-Bold", "HeiseiKakuGo-W5"
# Kana, CJK ideographs and full-width forms: the typeface of every PDF reader's Japanese pack has them.
WIDE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+")
INK, QUIET, LINE = HexColor("#14181f"), HexColor("#525c6a"), HexColor("#c5ccd6")
WIDTH = A4[0] - 30 * mm

TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=9, leading=12, textColor=INK)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=8, leading=10.5, textColor=QUIET)
STRONG = ParagraphStyle("strong", parent=TEXT, fontName=BOLD)
LETTER = ParagraphStyle("letter", parent=TEXT, leftIndent=4 * mm, fontSize=8.5, leading=11, spaceAfter=2 * mm)
FIRST = ParagraphStyle("first", parent=STRONG, fontSize=17, leading=21, spaceAfter=2 * mm)
SECOND = ParagraphStyle("second", parent=STRONG, fontSize=13, leading=17, spaceBefore=6 * mm, keepWithNext=1)
THIRD = ParagraphStyle("third", parent=STRONG, fontSize=10.5, leading=14, spaceBefore=4 * mm, keepWithNext=1)
FOURTH = ParagraphStyle("fourth", parent=STRONG, spaceBefore=2 * mm, keepWithNext=1)
RULED = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
)

registerFont(UnicodeCIDFont(JAPANESE))


def evidence_pdf(pack: Pack, say: Say) -> bytes:
    """Return a pack as PDF."""
    pen, paper = Pen(say=say, timezone=pack.timezone, language=pack.language), BytesIO()
    title = pen.text("Evidence of {month} for {client}", month=pack.month, client=pack.client)
    document = SimpleDocTemplate(
        paper,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        invariant=1,
        title=title,
        author=pack.title,
        lang=pack.language,
    )
    document.build([*_head(pack, title, pen), *_sums(pack, pen), *_cases(pack, pen), *_days(pack, pen)])
    return paper.getvalue()


def _said(text: object, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(_marked(str(text)), style)


def _marked(text: str) -> str:
    """Return a text as ReportLab's markup, with the typeface of what only the Japanese one has."""
    found, last = [], 0
    for run in WIDE.finditer(text):
        found += [_plain(text[last : run.start()]), f'<font name="{JAPANESE}">{escape(run.group())}</font>']
        last = run.end()
    return "".join((*found, _plain(text[last:]))).replace("\n", "<br/>")


def _plain(text: str) -> str:
    known = text.replace("\u202f", " ").replace("\u2192", "->")
    shown = known.encode("cp1252", "replace").decode("cp1252")
    return escape("".join(one for one in shown if one >= " " or one == "\n"))


def _table(rows: Iterable[tuple[str, ...]], widths: tuple[float, ...], *, headed: bool = False) -> Table:
    """Return a table; `widths` are shares of the page's."""
    cells = [[_said(cell, STRONG if headed and not place else TEXT) for cell in row] for place, row in enumerate(rows)]
    return Table(cells, colWidths=[share * WIDTH for share in widths], style=RULED, repeatRows=int(headed))


def _head(pack: Pack, title: str, pen: Pen) -> Iterator[Flowable]:
    yield _said(title, FIRST)
    yield _said(pack.title)
    span = f"{pen.text('From')} {pen.local(pack.period.start)} {pen.text('to')} {pen.local(pack.period.end)}"
    yield _said(f"{span}; {pen.text('on record until')} {pen.local(pack.until)}.", SMALL)
    yield _said(pen.text("Times are those of {zone}.", zone=pack.timezone), SMALL)
    yield _said(f"{pen.text('Digest of the record')} {digest_of(pack)}", SMALL)


def _sums(pack: Pack, pen: Pen) -> Iterator[Flowable]:
    sums, given = pack.sums, pack.sums.given
    hurt, whole = pen.exact(sums.hurt), pen.exact(sums.period.length)
    rows = (
        (pen.text("You were affected for"), hurt),
        (pen.text("Availability by the contract"), f"{pen.share(sums.availability)} = 1 - {hurt} / {whole}"),
        (pen.text("Promises broken"), f"{sums.breaches}, {pen.exact(sums.breach_time)}"),
        (pen.text("Credit"), pen.text("none") if given is None else pen.share(given.credit)),
    )
    yield _said(pen.text("What the month came to"), SECOND)
    yield _table(rows, (0.35, 0.65))


def _cases(pack: Pack, pen: Pen) -> Iterator[Flowable]:
    yield _said(pen.text("Incidents"), SECOND)
    if not pack.cases:
        yield _said(pen.text("None affected you."))
    for case in pack.cases:
        yield from _case(case, pen)
    yield from _held(pack, pen)
    if pack.notices:
        yield _said(pen.text("Other notices"), SECOND)
        yield from _sent(pack.notices, pen)


def _held(pack: Pack, pen: Pen) -> Iterator[Flowable]:
    if pack.held:
        yield _said(pen.text("Payment failures held"), SECOND)
        why = "While a disturbance of ours touched your payments, no late fee was to follow from those that failed."
        yield _said(pen.text(why), SMALL)
    for one in pack.held:
        ended = f" {pen.text('to')} {pen.second(one.released)}" if one.released is not None else ""
        span = f"{pen.text('From')} {pen.second(one.since)}{ended} ({', '.join(one.incidents)})"
        yield _said(f"{span}: {pen.text('payments that failed: {number}', number=pen.number(one.failed))}")
        yield from (_said(f"{pen.second(at)}: {payment}", SMALL) for at, payment in one.payments)


def _case(case: Case, pen: Pen) -> Iterator[Flowable]:
    yield _said(f"{case.reference} - {case.title}", THIRD)
    ended = f", {pen.text('ended')} {pen.local(case.ended)}" if case.ended is not None else ""
    yield _said(f"{pen.text('began')} {pen.local(case.began)}{ended}")
    yield _said(pen.text("you were affected for {time}", time=pen.exact(case.hurt)))
    yield _said(pen.text("Timeline"), FOURTH)
    lines = [(line.at, pen.text(HAPPENED[line.what]), line.stage) for line in case.timeline]
    rows = ((pen.second(at), f"{what}: {pen.text(STAGES[stage][2])}" if stage else what) for at, what, stage in lines)
    yield _table(rows, (0.35, 0.65))
    if case.promises:
        yield _said(pen.text("Promises"), FOURTH)
        yield _table((_proof(proof, pen) for proof in case.promises), (0.3, 0.15, 0.55))
    yield _said(pen.text("Notices"), FOURTH)
    yield from _sent(case.notices, pen)


def _proof(proof: Proof, pen: Pen) -> tuple[str, str, str]:
    parts = (f"{pen.second(one.start)}: {pen.exact(one.lasted)}, {cause(one, pen.say)}" for one in proof.parts)
    promised = f"{pen.text(PROMISES[proof.promise])} {pen.exact(proof.target)}"
    return promised, pen.text(STATES[proof.state][2]), "\n".join((sum_of(proof, pen.say), *parts))


def _sent(listed: Iterable[Sent], pen: Pen) -> Iterator[Flowable]:
    none = True
    for one in listed:
        none = False
        came = f"{pen.text('delivered')} {pen.second(one.accepted)}" if one.accepted else pen.text("not delivered")
        head = f"{pen.text(STAGES[one.stage][2])}, {one.recipient}: {pen.text('written')} {pen.second(one.written)}"
        yield _said(f"{head}, {came}")
        yield _said(f"{one.subject}\n{one.body}", LETTER)
    if none:
        yield _said(pen.text("None were sent."), SMALL)


def _days(pack: Pack, pen: Pen) -> Iterator[Flowable]:
    yield _said(pen.text("Measured day by day"), SECOND)
    for one in pack.services:
        if one.days:
            yield _said(one.name, THIRD)
            yield _table(_measured(one, pen), (0.2, 0.2, 0.12, 0.12, 0.09, 0.09, 0.09, 0.09), headed=True)
    yield _said(pen.text("How this is measured"), THIRD)
    for line in pack.method:
        yield _said(pen.text(line), SMALL)
    yield Spacer(1, 2 * mm)


def _measured(one: ServiceView, pen: Pen) -> Iterator[tuple[str, ...]]:
    yield tuple(map(pen.text, ("Day", "State", "Share", "Good", "Bad", "Unknown", "Excluded", "Disturbed")))
    for name, day in (*((pen.day(day.day), day) for day in one.days), (pen.text("Together"), summed(one.days))):
        counts = (pen.number(count) for count in (day.good, day.bad, day.unknown, day.excluded))
        yield name, pen.text(DAYS[day.state][2]), pen.share(day.share), *counts, pen.length(day.disturbed)
