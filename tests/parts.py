"""Makes the real parts present that the tests need: `python -m tests.parts`.

As root on Debian it installs the missing packages and leaves no daemon running; elsewhere it says what is missing and
which tests that costs. It never removes anything.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.real_parts import PARTS, locate, root_on_debian

APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
INSTALL = (*APT, "--yes", "--no-install-recommends", "install")
NO_DAEMONS = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/tierwatch-tests.conf")


def main() -> int:
    """Return 0 when every part is present or can only be skipped, 1 when installing one failed."""
    missing = sorted(name for name in PARTS if locate(name) is None)
    if not missing:
        return 0
    packages = sorted({PARTS[name].package for name in missing})
    if not root_on_debian():
        print(f"Missing, so their tests are skipped: {', '.join(missing)}. On Debian: apt install {' '.join(packages)}")
        return 0
    print(f"Installing for the tests: {' '.join(packages)}", flush=True)
    return 0 if install(packages) else 1


def install(packages: list[str]) -> bool:
    """Install Debian packages without starting what they bring; return whether that worked, having said why not."""
    with ExitStack() as stack:
        stack.enter_context(written_for_now(NO_DAEMONS, "#!/bin/sh\nexit 101\n", mode=0o755))
        stack.enter_context(written_for_now(NO_CLUSTER, "create_main_cluster = false\n", mode=0o644))
        if _succeeds(*INSTALL, *packages):
            return True
        complaint = _complaint(*APT, "update") or _complaint(*INSTALL, *packages)
    print(complaint, end="", file=sys.stderr)
    return not complaint


@contextmanager
def written_for_now(path: Path, text: str, *, mode: int) -> Iterator[None]:
    """Have `path` say `text` inside the block, and afterwards be as it was before."""
    before = (path.read_bytes(), path.stat().st_mode) if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before[0])
            path.chmod(before[1])


def _succeeds(*command: str) -> bool:
    return not _complaint(*command)


def _complaint(*command: str) -> str:
    """Run a command; return nothing when it went well, else all that it said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}\n"


if __name__ == "__main__":
    sys.exit(main())
