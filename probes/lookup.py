"""One record, asked for by the value that both ends of a flow share: what is said, and what the answer means.

Pure, as `ask` and `answer` are for lists. A value that could mean something else in a vendor's query is not asked for.
"""

import json
import re
from dataclasses import replace
from urllib.parse import quote

from probes.answer import Answer, Failure, Page, read
from probes.ask import Ask, marked
from probes.connector import Connector, Lookup, Pagination, Resource
from probes.failure import FailureClass

KEY = "{key}"
"""The mark that gives way to the value."""

PLAIN = re.compile(r"[\w.:@/#+=~|-][\w .:@/#+=~|-]{0,199}", re.ASCII)
"""What may be asked for: no quote, bracket, backslash, comma or percent sign, which a query could take for its own."""


def lookup_by(resource: Resource, path: str) -> Lookup | None:
    """Return how a record is asked for by the value at a path, None where the definition does not say."""
    return next((one for one in resource.lookups if one.by == path), None)


def lookup_ask(resource: Resource, lookup: Lookup, key: str) -> Ask | None:
    """Return the request for one record, None for a value that cannot be asked for safely."""
    if PLAIN.fullmatch(key) is None or key in (".", ".."):
        return None
    return Ask(
        path=lookup.path.replace(KEY, quote(key, safe="")),
        query=marked(lookup.query, KEY, key),
        headers=resource.headers,
        body=marked(lookup.body, KEY, key),
    )


def read_lookup(connector: Connector, resource: Resource, lookup: Lookup, key: str, answer: Answer) -> Page | Failure:
    """Return a page with the record that was asked for, an empty one where there is none, or why nobody knows.

    A record counts only if it carries the value: some vendors take no notice of a filter that they do not know.
    """
    if answer.status in lookup.absent_statuses:
        return Page()
    found = _rows(connector, resource, lookup, answer)
    if isinstance(found, Failure):
        return found
    meant = tuple(one for one in found.records if one.fields.get(lookup.by) == key)
    if meant or (lookup.records_path is not None and not found.flaws):
        return replace(found, records=meant)
    reason = found.flaws[0] if found.flaws else f"another record came, by `{lookup.by}`"
    return Failure(failure=FailureClass.SCHEMA, reason=reason, news=found.news, clock_offset=found.clock_offset)


def _rows(connector: Connector, resource: Resource, lookup: Lookup, answer: Answer) -> Page | Failure:
    """A record that is the whole answer is read as a list of one."""
    shape = replace(resource, pagination=Pagination(), records_path=lookup.records_path or "")
    if lookup.item_path is not None:
        shape = replace(shape, item_path=lookup.item_path)
    if lookup.records_path is None:
        plain = read(connector, None, (), Ask(path=lookup.path), answer)
        if isinstance(plain, Failure):
            return plain
        answer = replace(answer, body=json.dumps([json.loads(answer.body)]).encode())
    return read(connector, shape, (lookup.by,), Ask(path=lookup.path), answer)
