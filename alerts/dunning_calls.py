"""The calls to billing systems: `dunning.hold` and `dunning.release`, in order for each client, until they are taken.

A target is told the next thing of a client only once what came before it has been taken or given up; so no release
comes before its hold. A call that nobody took is made again under the same id. The calls leave through the outbox.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.dunning import Call, DunningHold, DunningRules, Said, Target
from alerts.message import Lane, Message, MessageKind, MessageSeverity, MessageState, Stage
from alerts.settlement import Settlement
from probes.catalog import Catalog, ClientId

AGAIN = timedelta(minutes=10)
"""A call that was given up is made again so much later, while there is still a point in it."""

LOST = timedelta(hours=6)
"""A call of which nothing was heard for so long is taken to be given up."""

ROUND = "#"
"""In a message's key: what follows it tells rounds of one call apart, and is no part of the call's id."""

STAGES = {Call.HOLD: Stage.INVESTIGATING, Call.RELEASE: Stage.RESOLVED}


def calls_due(
    holds: Iterable[DunningHold], rules: DunningRules, catalog: Catalog, now: datetime
) -> Iterator[tuple[DunningHold, Message]]:
    """Yield each call that is due now, with its hold as it is once all of its calls are written."""
    own: dict[ClientId, list[DunningHold]] = {}
    for hold in sorted(holds, key=lambda one: (one.client, one.number)):
        own.setdefault(hold.client, []).append(hold)
    for those in own.values():
        yield from _of_client(those, {one.name: one for one in rules.targets}, catalog, rules, now)


def _of_client(
    holds: list[DunningHold], targets: Mapping[str, Target], catalog: Catalog, rules: DunningRules, now: datetime
) -> Iterator[tuple[DunningHold, Message]]:
    told = {name: said.target for hold in holds for name, said in hold.said.items()}
    latest = {hold.key: hold for hold in holds}
    messages: list[tuple[str, Message]] = []
    for name, target in {**told, **targets}.items():
        present = name in targets
        hold = next((one for one in holds if not _done(one, one.said.get(name), now, present=present)), None)
        said = _next(hold, target, now, present=present) if hold is not None else None
        if hold is not None and said is not None:
            after = replace(latest[hold.key], said={**latest[hold.key].said, name: said})
            latest[hold.key] = after
            messages.append((hold.key, _message(after, said, catalog, rules)))
    yield from ((latest[key], message) for key, message in messages)


def _done(hold: DunningHold, said: Said | None, now: datetime, *, present: bool) -> bool:
    """Whether a target need be told nothing more of a hold: also where a release failed and it has expired there.

    One that is no longer present is told that it is released.
    """
    if said is None:
        return not (hold.open and present)
    if (hold.open and present) or said.pending:
        return False
    return said.call is Call.RELEASE and (said.accepted is not None or now >= hold.expires)


def _next(hold: DunningHold, target: Target, now: datetime, *, present: bool) -> Said | None:
    """Return what a target is to be told next of a hold, None where that waits, or nothing is new."""
    said = hold.said.get(target.name)
    call = Call.HOLD if hold.open and present else Call.RELEASE
    if said is not None:
        if said.pending and now - said.at < LOST:
            return None
        same = (said.call, said.sequence) == (call, hold.sequence)
        if same and (said.accepted is not None or now < said.at + AGAIN):
            return None
    tries = said.tries + 1 if said is not None else 1
    key = f"dunning/{hold.key}/{hold.sequence}/{call}/{target.name}{ROUND}{tries}"
    return Said(target=target, call=call, sequence=hold.sequence, at=now, pending=key, tries=tries)


def call_id(key: str) -> str:
    """Return the id of the call that a message carries: the same in every round, so that a receiver takes it once."""
    return key.partition(ROUND)[0]


def _message(hold: DunningHold, said: Said, catalog: Catalog, rules: DunningRules) -> Message:
    return Message(
        key=said.pending,
        kind=MessageKind.WEBHOOK,
        lane=Lane.NORMAL,
        stage=STAGES[said.call],
        recipient=said.target.name,
        channels=(said.target.url,),
        subject=str(said.call),
        body=json.dumps(payload(hold, said, catalog, rules), sort_keys=True),
        created=said.at,
        severity=MessageSeverity.INFO,
        weight=catalog.tier_of(hold.client).weight if hold.client in catalog.clients else 0,
        client=hold.client,
        signed_with=said.target.secrets,
    )


def payload(hold: DunningHold, said: Said, catalog: Catalog, rules: DunningRules) -> Mapping[str, object]:
    """Return what a call says: the client, by which names payment systems know it, and for how long it is held."""
    client = catalog.clients.get(hold.client)
    known = client.identifiers if client is not None else {}
    return {
        "type": str(said.call),
        "timestamp": said.at.isoformat(),
        "data": {
            "hold": hold.key,
            "sequence": hold.sequence,
            "client": hold.client,
            "identifiers": {system: list(known[system]) for system in sorted(rules.systems) if system in known},
            "incidents": list(hold.incidents),
            "affected_since": hold.affected.isoformat(),
            "held_since": hold.since.isoformat(),
            "expires": hold.expires.isoformat(),
            "released": hold.released.isoformat() if hold.released is not None else None,
            "why": str(hold.why) if hold.why is not None else None,
        },
    }


def calls_settled(holds: Mapping[str, DunningHold], settlements: Iterable[Settlement]) -> dict[str, DunningHold]:
    """Return the holds whose calls have been taken, or given up; a call that is to be tried again moves nothing."""
    moved: dict[str, DunningHold] = {}
    for one in settlements:
        message = one.message
        if message is not None and message.kind is MessageKind.WEBHOOK and one.state is not MessageState.QUEUED:
            key = "/".join(message.key.split("/")[1:3])
            hold = moved.get(key) or holds.get(key)
            accepted = one.delivery.ended if one.state is MessageState.ACCEPTED else None
            after = _settled(hold, message, accepted) if hold is not None else None
            if after is not None:
                moved[key] = after
    return moved


def _settled(hold: DunningHold, message: Message, accepted: datetime | None) -> DunningHold | None:
    said = hold.said.get(message.recipient)
    if said is None or said.pending != message.key:
        return None
    return replace(hold, said={**hold.said, message.recipient: replace(said, pending="", accepted=accepted)})


def next_change(holds: Iterable[DunningHold], rules: DunningRules, now: datetime) -> datetime | None:
    """Return when time alone next changes a hold or makes a call due, None where it does not."""
    instants: list[datetime] = []
    for hold in holds:
        if hold.open:
            instants += [hold.expires - rules.lasts / 2, hold.since + rules.longest]
        for said in hold.said.values():
            if said.accepted is None:
                instants.append(said.at + (LOST if said.pending else AGAIN))
    return min((at for at in instants if at > now), default=None)


def in_month(holds: Iterable[DunningHold], client: ClientId, begin: datetime, end: datetime) -> Sequence[DunningHold]:
    """Return a client's holds that touch a time, in their order: what is reckoned of late fees."""
    own = (one for one in holds if one.client == client)
    return sorted(
        (one for one in own if one.since < end and (one.released is None or one.released > begin)),
        key=lambda one: one.number,
    )
