"""Start a worker: `python -m appliance.asr`, settings from the environment."""

import asyncio
import gc
import os
import signal
import socket
import sys
import time

from appliance.asr.cores import usable_cores
from appliance.asr.engine import WhisperEngine
from appliance.asr.errors import ModelError, StalledError
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.parts import Parts
from appliance.asr.settings import AsrSettings, settings_from
from appliance.asr.state import WorkerState
from appliance.asr.web import Pages
from appliance.asr.worker import Worker
from appliance.environment import SettingError, forbid_core_dumps, read_secret
from appliance.leases import Demand, Demands
from appliance.logs import event, logger_for, set_up_logs, trouble
from appliance.permits import lease_permits
from appliance.queue import open_queue

_LOG = logger_for("asr")


async def run(settings: AsrSettings) -> None:
    """Load the model, then work until a signal says stop."""
    token = read_secret(settings.worker_token_file)
    state, metrics = WorkerState(stall_s=settings.stall_s), AsrMetrics()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    permits = lease_permits(settings.license, instance=settings.instance, role="asr")
    permits.report(lambda: Demands(jobs=_running(state)))
    queue = open_queue(
        settings.redis_url,
        username=settings.redis_username,
        password_file=settings.redis_password_file,
    )
    gateway = GatewayClient(token, settings.instance)
    pages = await Pages(state, metrics).listen(settings.host, settings.port)
    freshness = asyncio.create_task(permits.run())
    try:
        engine = await asyncio.to_thread(_load, settings, metrics)
        state.engine = engine.info
        event(_LOG, "asr.started", model=engine.info.name, device=engine.info.device)
        parts = Parts(settings, queue, gateway, engine, permits, state, metrics)
        await Worker(parts).run(stop)
    finally:
        freshness.cancel()
        pages.close()
        await gateway.close()
        await permits.aclose()
        await queue.close()
    event(_LOG, "asr.stopped")


def _running(state: WorkerState) -> Demand:
    jobs = len(state.beats)
    return Demand(jobs, jobs)


def _load(settings: AsrSettings, metrics: AsrMetrics) -> WhisperEngine:
    started_s = time.monotonic()
    engine = WhisperEngine(
        settings.model_dir,
        device=settings.device,
        compute_type=settings.compute_type,
        cpu_threads=settings.cpu_threads or usable_cores(),
        slots=settings.slots,
    )
    engine.warm_up()
    metrics.load_seconds.set(time.monotonic() - started_s)
    # Decoding ends with a collection; it need not look at what stays for good.
    gc.freeze()
    return engine


def main() -> int:
    """Run; 0 after a stop, 2 for wrong settings or model, 3 when a model call hangs."""
    forbid_core_dumps()
    set_up_logs("INFO")
    try:
        settings = settings_from(os.environ, hostname=socket.gethostname())
        set_up_logs(settings.log_level)
        asyncio.run(run(settings))
    except StalledError:
        trouble(_LOG, "asr.stalled")
        return 3
    except (SettingError, ModelError) as error:
        trouble(_LOG, "asr.cannot_start", code=error.code, why=str(error))
        return 2
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # A model call that outlived the drain time runs in a thread that cannot be stopped.
    os._exit(status)
