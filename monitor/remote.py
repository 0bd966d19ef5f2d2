"""Commands that speak to the running process: over its API, with the token that lies beside its database."""

from collections.abc import Mapping

import httpx

from monitor.app import doors_of, token_file
from monitor.demo import FOLDER
from monitor.problem import ConfigError
from monitor.settings import Settings

ANSWER_WITHIN = 10.0


def _token(settings: Settings) -> str:
    path = token_file(settings)
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"{path}: no access token here ({error.strerror}); set TIERWATCH_DATA as the running process has it, "
            f"or to {settings.data / FOLDER} for the demo"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: holds no access token; start Tierwatch, which says what to do") from None


def text_of(settings: Settings, path: str) -> str:
    """Read a text of the running process.

    Raises:
        ConfigError: there is no token, nobody answers, or the process refuses; the text says which.
    """
    answer = _answer(settings, path, None)
    if answer.is_error:
        raise ConfigError(f"refused with status {answer.status_code}")
    return answer.text


def bytes_of(settings: Settings, path: str) -> bytes:
    """Read a file of the running process.

    Raises:
        ConfigError: there is no token, nobody answers, or the process refuses; the text says which.
    """
    answer = _answer(settings, path, None)
    if answer.is_error:
        raise _refused(answer)
    return answer.content


def _answer(settings: Settings, path: str, form: Mapping[str, object] | None) -> httpx.Response:
    address = doors_of(settings).address
    headers = {"Authorization": f"Bearer {_token(settings)}"}
    try:
        return httpx.request(
            "GET" if form is None else "POST",
            f"{address}{path}",
            json=None if form is None else dict(form),
            headers=headers,
            timeout=ANSWER_WITHIN,
            trust_env=False,
        )
    except httpx.HTTPError:
        raise ConfigError(f"no Tierwatch answers at {address}; is it running, and is TIERWATCH_LISTEN right?") from None


def asked(settings: Settings, path: str, form: Mapping[str, object] | None = None) -> Mapping[str, object]:
    """Post a form to the running process, or read of it what a path names, and return its answer.

    Raises:
        ConfigError: there is no token, nobody answers, or the process refuses; the text says which.
    """
    answer = _answer(settings, path, form)
    if answer.is_error:
        raise _refused(answer)
    body = _body(answer)
    return body if isinstance(body, dict) else {}


def _body(answer: httpx.Response) -> object:
    return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}


def _refused(answer: httpx.Response) -> ConfigError:
    body = _body(answer)
    told = body.get("error", {}) if isinstance(body, dict) else {}
    message = told.get("message") if isinstance(told, dict) else None
    return ConfigError(f"refused with status {answer.status_code}: {message or 'no reason given'}")
