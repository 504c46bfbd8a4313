"""Start the gateway: `python -m appliance.api`, settings from the environment."""

import asyncio
import os
import socket
import sys

from appliance.api.gateway import Gateway
from appliance.api.server import listen, serve, stop_on_signals
from appliance.api.settings import ApiSettings, settings_from
from appliance.api.usage_poster import UsagePoster
from appliance.environment import SettingError, forbid_core_dumps, read_secret
from appliance.logs import logger_for, set_up_logs, trouble
from appliance.permits import lease_permits
from appliance.queue import end_tasks, open_queue


async def run(settings: ApiSettings) -> None:
    """Serve until a signal says stop."""
    token = read_secret(settings.worker_token_file)
    queue = open_queue(
        settings.redis_url,
        username=settings.redis_username,
        password_file=settings.redis_password_file,
    )
    stop = asyncio.Event()
    stop_on_signals(stop)
    permits = lease_permits(settings.license, instance=settings.instance, role="api")
    gateway = Gateway(settings, queue, permits)
    permits.report(gateway.demands)
    freshness = asyncio.create_task(permits.run())
    poster = UsagePoster(
        gateway.usage, url=settings.license.url, instance=settings.instance
    )
    gateway.metrics.usage_waiting.set_function(lambda: poster.waiting)
    posting = asyncio.create_task(poster.run())
    try:
        await serve(
            gateway,
            worker_token=token,
            public=listen(settings.host, settings.port),
            internal=listen(settings.internal_host, settings.internal_port),
            stop=stop,
        )
    finally:
        await poster.drain()
        await end_tasks(posting)
        freshness.cancel()
        await permits.aclose()
        await queue.close()


def main() -> int:
    """Read the settings, forbid core dumps and run."""
    forbid_core_dumps()
    set_up_logs("INFO")
    try:
        settings = settings_from(os.environ, hostname=socket.gethostname())
        set_up_logs(settings.log_level)
        asyncio.run(run(settings))
    except SettingError as error:
        trouble(logger_for("api"), "settings.wrong", code=error.code, why=str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
