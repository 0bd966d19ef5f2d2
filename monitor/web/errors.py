"""What is answered when something cannot be: one JSON form for programs, one page for people.

The texts are ours; nothing of an exception that we did not write reaches a reader.
"""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, Response

from alerts.merging import CannotBeDone
from monitor.receipt import Unprepared
from monitor.stepping import CannotStepError
from monitor.store import StoreUnreadable, StoreUnwritable
from monitor.web.guard import FOR_CLIENTS, HEADERS, STATUS, CameFromElsewhere, arrived
from monitor.web.lookup import NotFound
from monitor.web.office import Refused
from monitor.web.render import ENVIRONMENT
from monitor.web.shapes import ErrorShape, ErrorText

FOR_PROGRAMS = ("/api/", "/in/", "/-/", "/healthz", "/readyz", "/metrics", "/live")
STATUSES: dict[type[Exception], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Refused: HTTPStatus.CONFLICT,
    CannotStepError: HTTPStatus.CONFLICT,
    CannotBeDone: HTTPStatus.CONFLICT,
    StoreUnreadable: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnwritable: HTTPStatus.SERVICE_UNAVAILABLE,
    Unprepared: HTTPStatus.SERVICE_UNAVAILABLE,
}


def install(app: FastAPI) -> None:
    """Let the application answer every error in these forms."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misformed)
    app.add_exception_handler(CameFromElsewhere, _bounced)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _failed)
    for kind in STATUSES:
        app.add_exception_handler(kind, _expected)


def answer(request: Request, status: int, message: str, field: str | None = None) -> Response:
    """Return an error in the form that the asker reads."""
    if request.url.path.startswith(FOR_PROGRAMS):
        body = ErrorShape(error=ErrorText(message=message, field=field))
        return JSONResponse(body.model_dump(), status)
    context = {"status": status, "phrase": HTTPStatus(status).phrase, "message": message, "field": field}
    context["inside"] = not request.url.path.startswith(STATUS)
    return HTMLResponse(ENVIRONMENT.get_template("error.html").render(**context), status)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    ours = error.detail != HTTPStatus(error.status_code).phrase
    message = error.detail if ours else PLAIN.get(error.status_code, error.detail)
    response = answer(request, error.status_code, message)
    response.headers.update(error.headers or {})
    return response


PLAIN = {
    404: "there is nothing at this address",
    405: "this address does not take this method",
}


async def _misformed(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path"})
    return answer(request, 422, str(first["msg"]), field or None)


async def _expected(request: Request, error: Exception) -> Response:
    return answer(request, STATUSES[type(error)], str(error))


async def _bounced(request: Request, error: Exception) -> Response:
    del error
    return HTMLResponse(ENVIRONMENT.get_template("arrival.html").render(here=arrived(request)))


async def _left(request: Request, error: Exception) -> Response:
    """Who hung up before the end of what they sent reads no answer, and is no fault of ours."""
    del request, error
    return Response(status_code=400)


async def _failed(request: Request, error: Exception) -> Response:
    del error
    response = answer(request, 500, "something went wrong on our side; the log says what")
    # Starlette answers this one outside of all middleware, so the guard does not see it.
    response.headers.update(FOR_CLIENTS if request.url.path.startswith(STATUS) else HEADERS)
    return response
