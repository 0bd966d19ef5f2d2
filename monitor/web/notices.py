"""The REST API of client notices: drafts with their previews, approvals, texts by hand, stages that people say."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from alerts.alert import IncidentId
from alerts.approving import approvers
from alerts.merging import Saying
from alerts.message import Stage
from alerts.notice_draft import NoticeDraft, OwnText
from alerts.reach import Preview, preview, preview_stage
from alerts.wording import Links
from monitor.consenting import (
    Answer,
    Decision,
    UnknownDraftError,
    approve_draft,
    draft_of,
    edit_draft,
    incident_of,
    refuse_draft,
    retract,
    tell_stage,
    upcoming,
)
from monitor.deciding import context
from monitor.web.api import MISSING, REFUSALS, WRITING, detail
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office, Refused
from monitor.web.shapes import IncidentDetailShape, Listing, Person, Reason, Shape

Wanted = Literal["all", "waiting", "sent", "dead", "refused"]
LONGEST = 20_000

router = APIRouter(
    prefix="/api/v1/notices", tags=["telling"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)]
)


class ApprovalShape(Shape):
    """Who approved it, and when."""

    by: str
    at: datetime


class DraftShape(Shape):
    """A draft of notices. `text` is the fingerprint of what would be sent; `eyes` how many people must approve it."""

    id: str
    incident: str
    tier: str
    stage: str
    cause: str
    state: str
    why: str
    clients: list[str]
    made: datetime
    due: datetime | None
    ended: datetime | None
    eyes: int
    text: str
    approvals: list[ApprovalShape]
    approvers: list[str]
    written_by_hand: list[str]
    objections: list[str]


class RecipientShape(Shape):
    """A contact that would be told; `text` counts the texts of the preview, from 0."""

    client: str
    tier: str
    contact: str
    channel: str
    address: str
    language: str
    timezone: str
    text: int


class ObjectionShape(Shape):
    """What is wrong with a text, and what to do."""

    rule: str
    grade: str
    why: str
    advice: str


class TextShape(Shape):
    """A text as some readers would get it; `refused` must not go out."""

    language: str
    subject: str
    body: str
    readers: int
    refused: bool
    objections: list[ObjectionShape]


class PreviewShape(Shape):
    """What sending would do: to whom, with which words, and how many clients of which tiers it reaches.

    `left` are clients of a draft who are to be told something else by now.
    """

    stage: str
    text: str
    clients: int
    contacts: int
    tiers: dict[str, int]
    refused: bool
    left: list[str]
    recipients: list[RecipientShape]
    texts: list[TextShape]


class ActRequest(Shape):
    """Who does it, and why."""

    by: Person
    why: Annotated[str, Field(max_length=500)] = ""


class ApproveRequest(ActRequest):
    """Who approves; `text` is the fingerprint of what was read, left out where that is whatever it is now."""

    text: Annotated[str, Field(max_length=100)] = ""


class RefuseRequest(ActRequest):
    """Who refuses, and why: somebody else has to write it."""

    why: Reason


class TextRequest(Shape):
    """A text by hand; both empty give ours back."""

    subject: Annotated[str, Field(max_length=500)] = ""
    body: Annotated[str, Field(max_length=LONGEST)] = ""


class EditRequest(ActRequest):
    """Texts by language (`de`, or empty for every language that has none of its own)."""

    texts: dict[Annotated[str, Field(max_length=20)], TextRequest]


class StageRequest(ActRequest):
    """An incident, and how far somebody says that it has come."""

    incident: Annotated[str, Field(min_length=1, max_length=200)]
    stage: Literal["identified", "monitoring"]


class RetractRequest(RefuseRequest):
    """An incident that was a false alarm."""

    incident: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("")
async def list_drafts(desk: Desk, state: Wanted = "waiting") -> Listing[DraftShape]:
    """Drafts, the soonest due first; those that ended of late, newest first."""
    found = [one for one in desk.situation.notice_drafts.values() if state in ("all", one.state)]
    now = desk.now()
    return Listing(items=[shaped(desk, one) for one in sorted(found, key=lambda one: upcoming(one, now))])


@router.get("/preview", responses={**MISSING, **WRITING})
async def read_stage_preview(desk: Desk, incident: str, stage: Stage) -> PreviewShape:
    """What telling a stage of an incident to everybody whom it concerns would do. Nothing is sent."""
    known = incident_of(desk.situation, IncidentId(incident))
    return preview_shape(preview_stage(known, stage, context(desk.situation, links(desk)), desk.masked, desk.now()))


@router.post("/stage", responses={**MISSING, **WRITING})
async def say(desk: Desk, said: StageRequest) -> IncidentDetailShape:
    """Say that an incident's cause is identified, or that it is monitored; clients are told as contracts say."""
    saying = Saying(why=said.why, at=desk.now(), by=said.by)
    return await detail(desk, await desk.decide(tell_stage(said.incident, Stage(said.stage), saying, links(desk))))


@router.post("/retract", responses={**MISSING, **WRITING})
async def take_back(desk: Desk, said: RetractRequest) -> IncidentDetailShape:
    """End an incident as a false alarm, and tell everybody who was told of it."""
    saying = Saying(why=said.why, at=desk.now(), by=said.by)
    return await detail(desk, await desk.decide(retract(said.incident, saying, links(desk))))


@router.get("/{draft}", responses=dict(MISSING))
async def read_draft(desk: Desk, draft: str) -> DraftShape:
    """One draft."""
    return shaped(desk, known_draft(desk, draft))


@router.get("/{draft}/preview", responses={**MISSING, **WRITING})
async def read_preview(desk: Desk, draft: str) -> PreviewShape:
    """What sending a draft now would do. Nothing is sent."""
    return preview_shape(previewed(desk, known_draft(desk, draft)))


@router.post("/{draft}/approve", responses={**MISSING, **WRITING})
async def approve(desk: Desk, draft: str, said: ApproveRequest) -> DraftShape:
    """Approve a draft; with enough approvals it is sent in the same moment. One that comes too late is refused."""
    saying = Saying(why=said.why, at=desk.now(), by=said.by)
    return shaped(desk, await done(desk, approve_draft(draft, said.text, saying, links(desk))))


@router.post("/{draft}/text", responses={**MISSING, **WRITING})
async def edit(desk: Desk, draft: str, said: EditRequest) -> DraftShape:
    """Write a draft's text by hand; approvals of the text before die by it."""
    own = {language: OwnText(subject=one.subject, body=one.body) for language, one in said.texts.items()}
    saying = Saying(why=said.why, at=desk.now(), by=said.by)
    return shaped(desk, await done(desk, edit_draft(draft, own, saying, links(desk))))


@router.post("/{draft}/refuse", responses={**MISSING, **WRITING})
async def refuse(desk: Desk, draft: str, said: RefuseRequest) -> DraftShape:
    """Refuse a draft: nothing of the kind is proposed again until something changes or somebody writes it."""
    saying = Saying(why=said.why, at=desk.now(), by=said.by)
    return shaped(desk, await done(desk, refuse_draft(draft, saying, links(desk))))


async def done(desk: Office, decision: Decision[Answer]) -> NoticeDraft:
    """Return a draft once an act on it is on record. Raises NotFound, CannotBeDone, Refused or StoreUnwritable."""
    try:
        answer = await desk.decide(decision)
    except UnknownDraftError as error:
        raise NotFound(str(error)) from None
    if answer.refused:
        raise Refused(answer.refused)
    return answer.notice


def links(desk: Office) -> Links:
    """Return where our pages are."""
    return Links(external=desk.doors.address)


def known_draft(desk: Office, draft: str) -> NoticeDraft:
    """Return a draft; NotFound where there is none of this id."""
    try:
        return draft_of(desk.situation, draft)
    except UnknownDraftError as error:
        raise NotFound(str(error)) from None


def previewed(desk: Office, one: NoticeDraft) -> Preview:
    """Return what sending a draft would do; CannotBeDone where its incident is not in memory any more."""
    known = incident_of(desk.situation, one.incident)
    return preview(one, known, context(desk.situation, links(desk)), desk.masked, desk.now())


def may_approve(desk: Office, one: NoticeDraft) -> list[str]:
    """Return who may approve a draft, nobody where anybody may."""
    return sorted(approvers(one, context(desk.situation, links(desk))))


def shaped(desk: Office, one: NoticeDraft) -> DraftShape:
    """Return a draft as the API tells it."""
    return DraftShape(
        id=one.id,
        incident=one.incident,
        tier=one.tier,
        stage=one.stage,
        cause=one.cause,
        state=one.state,
        why=one.why,
        clients=list(one.clients),
        made=one.made,
        due=one.due,
        ended=one.ended,
        eyes=one.eyes,
        text=one.text,
        approvals=[ApprovalShape(by=each.by, at=each.at) for each in one.approvals],
        approvers=may_approve(desk, one),
        written_by_hand=sorted(one.own),
        objections=list(one.objections),
    )


def preview_shape(one: Preview) -> PreviewShape:
    """Return a preview as the API tells it."""
    return PreviewShape(
        stage=one.stage,
        text=one.fingerprint,
        clients=one.clients,
        contacts=len(one.recipients),
        tiers={str(tier): number for tier, number in one.tiers.items()},
        refused=one.refused,
        left=list(one.left),
        recipients=[
            RecipientShape(
                client=each.client,
                tier=each.tier,
                contact=each.contact,
                channel=each.address.kind,
                address=each.address.shown,
                language=each.language,
                timezone=each.timezone,
                text=each.text,
            )
            for each in one.recipients
        ],
        texts=[
            TextShape(
                language=each.language,
                subject=each.subject,
                body=each.body,
                readers=each.readers,
                refused=each.refused,
                objections=[
                    ObjectionShape(rule=no.rule, grade=no.grade, why=no.why, advice=no.advice) for no in each.objections
                ],
            )
            for each in one.texts
        ],
    )
