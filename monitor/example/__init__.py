"""A complete configuration to begin with: the files that `tierwatch init` writes, explained by their comments.

Only files and their copying. What they mean is for `load`.
"""

import importlib.resources
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from monitor.problem import ConfigError


def write_example(folder: Path) -> tuple[Path, ...]:
    """Write the example into a folder, which is made where it is missing; return the files written.

    Raises:
        ConfigError: a file of the example is there already, and nothing was written; or the folder takes no files.
    """
    example = {folder / name: content for name, content in _files(importlib.resources.files(__name__) / "files", "")}
    try:
        there = [str(file) for file in example if file.exists()]
        if there:
            raise ConfigError(
                f"nothing was written, since this is there already: {', '.join(there)}; name a new directory"
            )
        for file, content in example.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            # "x" fails rather than overwrite what has appeared in the meantime.
            with file.open("x", encoding="utf-8") as written:
                written.write(content)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written to ({error.strerror}); name a directory that can") from None
    return tuple(example)


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".yaml", ".csv", ".txt")):
            yield prefix + entry.name, entry.read_text(encoding="utf-8")
