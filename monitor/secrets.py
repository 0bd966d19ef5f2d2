"""Looks up secrets by their references, `env:NAME` and `file:PATH`, when they are needed and never before.

Nothing is kept: a secret that is changed while the process runs is used at the next call.
"""

import hmac
import os
from collections.abc import Mapping
from pathlib import Path

from monitor.problem import ConfigError
from probes.catalog import SecretRef, System

LARGEST_SECRET = 65_536


class Secrets:
    """Where secrets are found: the environment and the file system."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment

    def resolve(self, reference: SecretRef) -> str:
        """Return the secret that a reference stands for, without white space around it.

        Raises:
            ConfigError: there is none. The text names the reference alone.
        """
        kind, _, name = reference.partition(":")
        if kind == "env":
            secret = self._environment.get(name, "")
        elif kind == "file":
            secret = _read(reference, Path(name))
        else:
            raise ConfigError("a secret is referred to as env:NAME or file:PATH")
        if not secret.strip():
            raise ConfigError(f"{reference} is not set; {ADVICE[kind]}")
        return secret.strip()

    def matches(self, reference: SecretRef, offered: str) -> bool:
        """Return whether somebody knows a secret, in the same time whatever is wrong; nobody knows one that is not."""
        try:
            secret = self.resolve(reference)
        except ConfigError:
            return False
        return hmac.compare_digest(offered.encode("utf-8", "replace"), secret.encode())

    def of(self, system: System) -> tuple[str | None, Mapping[str, str]]:
        """Return the credential of a system: the one secret that it is, or the parts that it has.

        Raises:
            ConfigError: one of them is not there. The text names the reference alone.
        """
        whole = self.resolve(system.credential) if system.credential is not None else None
        return whole, {name: self.resolve(part) for name, part in system.credential_parts.items()}


ADVICE = {
    "env": "set this variable in the environment of the process",
    "file": "write the secret into this file",
}


def _read(reference: SecretRef, file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_SECRET:
            raise ConfigError(f"{reference} is too large for a secret; write the secret alone into this file")
        return file.read_bytes().decode()
    except OSError as error:
        raise ConfigError(f"{reference} cannot be read ({error.strerror}); {ADVICE['file']}") from None
    except ValueError:
        raise ConfigError(f"{reference} is not UTF-8 text; {ADVICE['file']}") from None
