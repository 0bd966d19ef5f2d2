"""The sandbox's buttons: what is wrong at the moment, and how to change it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.dialects.webhooks import Webhooks
from monitor.sandbox.faults import TITLES, Fault, Spell
from monitor.sandbox.vendor import without, written
from monitor.sandbox.world import World

SWITCH = {"": None, "on": True, "off": False}


def _spell(spell: Spell) -> dict[str, str | None]:
    return {"start": written(spell.start), "end": None if spell.end is None else written(spell.end)}


def _fault(world: World, fault: Fault) -> dict[str, object]:
    spells = [_spell(spell) for spell in world.faults.spells(fault)]
    return {"name": fault, "title": TITLES[fault], "on": world.on(fault), "spells": spells}


def _state(world: World) -> dict[str, object]:
    return {
        "now": written(world.now()),
        "started": written(world.started),
        "waiting_for_erp": world.waiting(),
        "faults": [_fault(world, fault) for fault in Fault],
    }


def _switch(world: World, request: Request) -> Response:
    name, wanted = request.path_params["name"], request.query_params.get("to", "")
    if name not in set(Fault):
        return JSONResponse({"error": f"no fault {name}; there are {', '.join(Fault)}"}, status_code=404)
    if wanted not in SWITCH:
        return JSONResponse({"error": "to is on or off; without it the fault is toggled"}, status_code=400)
    world.switch(Fault(name), on=SWITCH[wanted])
    return JSONResponse(_fault(world, Fault(name)))


def _ask(webhooks: Webhooks, request: Request) -> Response:
    try:
        webhooks.ask(request.query_params.get("to", ""))
    except ValueError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse({"to": webhooks.to})


def control_routes(world: World, token: str = "", webhooks: Webhooks | None = None) -> tuple[Route, ...]:
    """Return the buttons over HTTP; with a token, only who has it may look or press."""

    async def show(request: Request) -> Response:
        return without(token, request) or JSONResponse(_state(world))

    async def press(request: Request) -> Response:
        return without(token, request) or _switch(world, request)

    async def ask(request: Request) -> Response:
        return without(token, request) or _ask(webhooks or Webhooks(world), request)

    buttons = (Route("/control", show), Route("/control/faults/{name}", press, methods=["POST"]))
    return buttons if webhooks is None else (*buttons, Route("/control/webhooks", ask, methods=["POST"]))
