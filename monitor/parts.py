"""What the application touches the world with: the parts that `app` chooses; a story chooses others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alerts.channels import Channel
from monitor.clock import Clock
from monitor.load import Config
from monitor.loops.inspecting import Shown
from monitor.secrets import Secrets
from monitor.store import Retention, Store, StoreThread
from monitor.web.access import Doors, Keys
from monitor.web.office import SandboxLink
from probes.adapters.http import Transport
from probes.adapters.look import Looks, look
from probes.adapters.reach import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the application touches the world with. A story hands in other ones than the command line.

    Without `reach` our own network is never doubted; without `shown` no certificate is read that is not trusted.
    `configured` hears of each configuration that comes into force, the first one included. A rehearsal has other looks
    than those over `transport`, and a store that needs no threads.
    """

    clock: Clock
    store: Store
    transport: Transport
    channel: Channel
    secrets: Secrets
    doors: Doors
    keys: Keys
    config_path: Path
    retention: Retention
    sandbox: SandboxLink | None = None
    reach: Reach | None = None
    shown: Shown | None = None
    configured: Callable[[Config], None] = lambda _: None
    look: Looks = look
    thread: Callable[[Store], StoreThread] = StoreThread
