"""Reads a file of clients: a CSV whose rows say which client a system knows by which identifier.

Its first line names the columns; of those only two are read. Whether a row can be believed is for `claims`.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.load.identity_form import ColumnsForm
from monitor.problem import Problem

LARGEST_ROLL = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, and the line where it ends. Both texts are empty where it has too few columns."""

    line: int
    identifier: str
    client: str


def read_roll(file: Path, columns: ColumnsForm) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    """Return a file's rows; a problem instead of an exception whatever its bytes are."""
    try:
        if file.stat().st_size > LARGEST_ROLL:
            return _failed(file, 0, f"is larger than {LARGEST_ROLL // 1_000_000} MB; leave other columns out of it")
        content = file.read_bytes()
    except OSError as error:
        return _failed(file, 0, f"cannot be read ({error.strerror}); check that it exists and its permissions")
    try:
        return _read(file, content.decode("utf-8-sig"), columns)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _failed(file, line, "is not UTF-8; save it in this encoding")


def _read(file: Path, text: str, columns: ColumnsForm) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in (columns.identifier, columns.client) if header.count(name) != 1]
        if missing:
            return _failed(file, 1, f"must name the column {missing[0]} once, between commas; or name yours: columns")
        places = header.index(columns.identifier), header.index(columns.client)
        return tuple(_rows(reader, places)), ()
    except csv.Error as error:
        return _failed(file, reader.line_num, f"is not CSV: {error}; mend this line")


def _rows(reader: Iterator[list[str]], places: tuple[int, int]) -> Iterator[Row]:
    for row in reader:
        if any(cell.strip() for cell in row):
            whole = len(row) > max(places)
            identifier, client = (row[places[0]], row[places[1]]) if whole else ("", "")
            yield Row(line=getattr(reader, "line_num", 0), identifier=identifier, client=client.strip())


def _failed(file: Path, line: int, message: str) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    return (), (Problem(file=file, line=line, path="", message=message),)
