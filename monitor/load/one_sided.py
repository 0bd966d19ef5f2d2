"""Clients that are known at one end of a flow only: what they are promised of it cannot be seen whole.

Findings, never errors: a client may really have nothing to send.
"""

from collections.abc import Iterator

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem


def one_sided(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the clients that one end of a flow knows and the other does not."""
    for flow in config.catalog.flows.values():
        for client, missing in config.catalog.one_sided(flow):
            known = flow.source.system if missing == flow.destination.system else flow.destination.system
            message = (
                f"is missing, and flow {flow.id} needs it: {client.id} is known in {known} only; "
                f"add its identifier in {missing}, or take the one in {known} away"
            )
            node = sections.parts["clients"][client.id]
            yield node.problem(message, ("identifiers", missing), Grade.MINOR)
