"""The first page: what is broken, whom it hurts, which promise breaks first, who is on it; in the demo, the buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from monitor.web.guard import Desk
from monitor.web.lookup import NotFound
from monitor.web.office import Refused, SandboxLink
from monitor.web.render import Page
from monitor.web.view.present import present

router = APIRouter(include_in_schema=False)

SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A fault of the sandbox; `since` is when it was switched on, None while it is off."""

    name: str
    title: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that arrived in the sandbox's inbox."""

    number: int
    received: datetime
    box: str
    kind: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The sandbox as the first page shows it; unreachable where it does not answer. `older` letters are not shown."""

    reachable: bool
    buttons: tuple[Button, ...] = ()
    letters: tuple[Letter, ...] = ()
    older: int = 0


@router.get("/")
async def now(page: Page) -> Response:
    """Show the picture of this moment."""
    panel = await panel_of(page.desk.sandbox) if page.desk.sandbox else None
    view = present(page.desk.situation, page.now)
    return page.show("present.html", {"view": view, "panel": panel})


@router.post("/sandbox/faults/{fault}")
async def toggle(desk: Desk, fault: str) -> Response:
    """Switch a fault of the sandbox on or off, then show the first page."""
    if desk.sandbox is None:
        raise NotFound("there is no sandbox here; it comes with the demo only")
    if fault not in {button.name for button in (await panel_of(desk.sandbox)).buttons}:
        raise NotFound(f"the sandbox has no fault {fault}")
    await desk.sandbox.toggle(fault)
    return RedirectResponse("/#sandbox", 303)


async def panel_of(link: SandboxLink) -> Panel:
    """Return the sandbox's buttons and the newest messages in its inbox."""
    try:
        state, inbox = await link.state(), await link.inbox()
    except Refused:
        return Panel(reachable=False)
    faults = state.get("faults", ())
    buttons = tuple(_button(fault) for fault in faults) if isinstance(faults, list | tuple) else ()
    letters = tuple(_letter(one) for one in inbox[:SHOWN])
    return Panel(reachable=True, buttons=buttons, letters=letters, older=len(inbox) - len(letters))


def _button(fault: Mapping[str, object]) -> Button:
    spells = fault.get("spells")
    last = spells[-1] if fault.get("on") and isinstance(spells, list | tuple) and spells else None
    since = datetime.fromisoformat(str(last["start"])) if isinstance(last, Mapping) else None
    return Button(name=str(fault["name"]), title=str(fault["title"]), since=since)


def _letter(one: Mapping[str, object]) -> Letter:
    return Letter(
        number=int(str(one["number"])),
        received=datetime.fromisoformat(str(one["received"])),
        box=str(one["box"]),
        kind=str(one["kind"]),
        subject=str(one["subject"]),
        body=str(one["body"]),
    )
