"""Debian's parts of the Prometheus stack as processes, for the benches that measure them beside us."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.real.process import STOP
from tests.real_parts import located


def write_down(path: Path, said: Mapping[str, Any]) -> None:
    """Write a configuration."""
    path.write_text(json.dumps(said), encoding="utf-8")  # JSON is YAML too


@contextmanager
def running(part: str, options: Mapping[str, str], folder: Path) -> Iterator[int]:
    """Run a part until the end of the block; yield its process."""
    command = (str(located(part)), *(f"--{name}={value}" for name, value in options.items()))
    with (
        (folder / f"{part}.log").open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(STOP)


def relabelled(blackbox: str) -> Sequence[Mapping[str, Any]]:
    """Return how Prometheus has blackbox_exporter ask each address, as its manual has it."""
    return [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"source_labels": ["__param_target"], "target_label": "instance"},
        {"target_label": "__address__", "replacement": blackbox},
    ]
