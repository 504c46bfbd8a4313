"""anechoicd: the process that does the work, in a session of its own.

It listens on a socket for root only, carries on with an operation that a crash
cut short, keeps the firewall in force, and serves the local dashboard. Without
systemd it is started by the first viewer, and it leaves when nothing is installed
and nobody asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING

from appliance.engines import EngineError
from appliance.errors import ApplianceError
from appliance.paths import HostPaths
from appliance.topology import networks
from installer.engine.api import build_api
from installer.engine.assembly import assemble
from installer.engine.durable import PRIVATE_FOLDER, exclusive
from installer.engine.installed import installed_settings, read_installed
from installer.engine.operations import Operations
from installer.engine.serving import Activity, Dashboard, listen, serving
from installer.engine.status import StatusCollector
from installer.errors import InstallerError
from installer.exit_codes import ExitCode
from installer.gpu import GpuPoller
from offline_license.errors import LicenseError

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from installer.engine.site import Site

__all__ = ["Daemon", "idle_limit_s", "main", "serve_site"]

_LOG = logging.getLogger("anechoicd")
_IDLE_S = 60.0
_IDLE_AFTER_REMOVAL_S = 2.0
_IDLE_IN_WIZARD_S = 3600.0
_WATCH_S = 0.5
_PROGRAMS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
"""Where nft and systemctl are, also when a plain `su` left them out of PATH."""
_CHORES_S = 10.0
_FACTS_EVERY = 360


class Daemon:
    """One engine over one site."""

    def __init__(self, site: Site, *, idle_s: float = _IDLE_S) -> None:
        self._site = site
        self._idle_s = idle_s
        self._operations = Operations(site)
        self._collector = StatusCollector(site, self._operations.current)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End at the next safe point."""
        self._stop.set()

    async def run(self, listener: socket.socket) -> None:
        """Serve until told to stop, or until nobody needs this engine."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await asyncio.to_thread(keep_walls, self._site)
        if self._operations.unfinished and await asyncio.to_thread(self._engine_up):
            await asyncio.to_thread(self._operations.carry_on)
        activity = Activity(build_api(self._site, self._operations, self._collector))
        dashboard = Dashboard(self._site.paths, self._collector)
        async with self._following_gpus(), serving(activity, listener):
            chores = asyncio.create_task(self._chores())
            try:
                await self._watch(activity, dashboard)
            finally:
                chores.cancel()
                await dashboard.close()
                await asyncio.to_thread(self._operations.leave)

    def _engine_up(self) -> bool:
        try:
            self._site.engine.info()
        except EngineError:
            return False
        return True

    async def _chores(self) -> None:
        """Keep the walls up and the host facts true.

        After a reboot this engine may be up before the container engine: what was
        cut short is taken up as soon as that answers.
        """
        for turn in itertools.count():
            if turn % _FACTS_EVERY == 0:
                await asyncio.to_thread(refresh_facts, self._site)
            if self._operations.unfinished and await asyncio.to_thread(self._engine_up):
                await asyncio.to_thread(self._operations.carry_on)
            await asyncio.sleep(_CHORES_S)
            await asyncio.to_thread(keep_walls, self._site)

    async def _watch(self, activity: Activity, dashboard: Dashboard) -> None:
        while not self._stop.is_set():
            await dashboard.follow()
            self._site.host.own_ports.clear()
            self._site.host.own_ports.update(dashboard.ports)
            if self._unused(activity):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _WATCH_S)

    def _unused(self, activity: Activity) -> bool:
        if self._operations.running:
            return False
        if read_installed(self._site.paths) is not None:
            return False
        limit_s = idle_limit_s(
            self._idle_s, removed=self._operations.removed, wizard=activity.wizard
        )
        return activity.idle_s > limit_s

    @contextlib.asynccontextmanager
    async def _following_gpus(self) -> AsyncIterator[None]:
        poller = GpuPoller()
        await poller.start()
        self._collector.gpus = poller.view
        try:
            yield
        finally:
            await poller.stop()


def idle_limit_s(usual_s: float, *, removed: bool, wizard: bool) -> float:
    """Return how long an engine stays on a host where nothing is installed.

    Args:
        usual_s: while nothing else is known.
        removed: nothing is left after a removal.
        wizard: an operator is on the way to an installation.
    """
    if removed:
        return _IDLE_AFTER_REMOVAL_S
    return _IDLE_IN_WIZARD_S if wizard else usual_s


def keep_walls(site: Site) -> None:
    """Put the firewall table in force when it is gone.

    It does not survive a reboot, nor a reload of the host's own nftables rules.
    """
    if read_installed(site.paths) is None or site.firewall.is_applied():
        return
    try:
        settings = installed_settings(site.paths)
        site.firewall.apply(networks(settings.edge_subnet, settings.core_subnet))
        _LOG.info("the firewall table was missing and is in force again")
    except (ApplianceError, InstallerError, OSError):
        _LOG.exception("the firewall could not be restored")


def refresh_facts(site: Site) -> None:
    """Write what the license recognizes this host by."""
    if read_installed(site.paths) is None:
        return
    try:
        site.licenses.refresh()
    except (InstallerError, LicenseError, OSError):
        _LOG.exception("the host facts could not be refreshed")


def main() -> None:
    """Run anechoicd in the foreground; its log goes to standard error."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    os.chdir("/")
    os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", ""), *_PROGRAMS))
    os.umask(0o022)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    site = assemble(HostPaths.from_environment())
    try:
        site.files.directory(site.paths.run, PRIVATE_FOLDER)
        with exclusive(site.paths.run / "anechoicd.lock"):
            asyncio.run(serve_site(site))
    except PermissionError:
        _LOG.error("anechoicd needs root")
        raise SystemExit(ExitCode.NOT_READY) from None
    except InstallerError:
        _LOG.info("another anechoicd is running")
        raise SystemExit(ExitCode.BUSY) from None


async def serve_site(site: Site) -> None:
    """Serve one site to its end, and leave nothing in the run folder."""
    listener = listen(site.paths, site.files)
    _LOG.info("listening on %s", site.paths.socket)
    try:
        await Daemon(site).run(listener)
    finally:
        for name in ("anechoicd.sock", "anechoicd.lock"):
            (site.paths.run / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            site.paths.run.rmdir()
    _LOG.info("ended")
    if not site.paths.state.exists():
        shutil.rmtree(site.paths.daemon_log.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
