"""The settings of the gateway, from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.environment import Environment
from appliance.permits import LicenseSettings

_MIB = 1024 * 1024
_DAY_S = 86_400
_PORTS = 65_535


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Everything the gateway must be told; sizes in bytes, times in seconds."""

    instance: str
    advertise_url: str
    redis_url: str
    redis_username: str
    redis_password_file: Path | None
    worker_token_file: Path
    license: LicenseSettings
    keys_file: Path
    host: str
    port: int
    internal_host: str
    internal_port: int
    max_upload_bytes: int
    memory_bytes: int
    max_jobs: int
    request_timeout_s: int
    body_timeout_s: int
    worker_grace_s: int
    drain_s: int
    model_aliases: tuple[str, ...]
    log_level: str


def settings_from(variables: Mapping[str, str], *, hostname: str) -> ApiSettings:
    """Read the settings.

    Raises:
        SettingError: one is missing, wrong, or has our prefix and is not known.
    """
    env = Environment(variables)
    settings = ApiSettings(
        instance=env.text("ANECHOIC_INSTANCE", hostname),
        advertise_url=env.text("ANECHOIC_API_ADVERTISE_URL").rstrip("/"),
        redis_url=env.text("ANECHOIC_REDIS_URL"),
        redis_username=env.text("ANECHOIC_REDIS_USERNAME", "anechoic"),
        redis_password_file=env.path(
            "ANECHOIC_REDIS_PASSWORD_FILE", "/run/secrets/redis_password"
        ),
        worker_token_file=env.required_path(
            "ANECHOIC_WORKER_TOKEN_FILE", "/run/secrets/worker_token"
        ),
        license=LicenseSettings.from_environment(env),
        keys_file=env.required_path(
            "ANECHOIC_API_KEYS_FILE", "/run/anechoic/api-keys/keys.json"
        ),
        host=env.text("ANECHOIC_API_HOST", "0.0.0.0"),  # noqa: S104
        port=env.integer("ANECHOIC_API_PORT", 8080, least=1, most=_PORTS),
        internal_host=env.text("ANECHOIC_API_INTERNAL_HOST", "0.0.0.0"),  # noqa: S104
        internal_port=env.integer(
            "ANECHOIC_API_INTERNAL_PORT", 8081, least=1, most=_PORTS
        ),
        max_upload_bytes=env.integer(
            "ANECHOIC_API_MAX_UPLOAD_BYTES", 100 * _MIB, least=1024, most=4096 * _MIB
        ),
        memory_bytes=env.integer(
            "ANECHOIC_API_MEMORY_BYTES", 512 * _MIB, least=_MIB, most=1024 * 1024 * _MIB
        ),
        max_jobs=env.integer("ANECHOIC_API_MAX_JOBS", 256, least=1, most=100_000),
        request_timeout_s=env.integer(
            "ANECHOIC_API_REQUEST_TIMEOUT_S", 3600, least=1, most=_DAY_S
        ),
        body_timeout_s=env.integer(
            "ANECHOIC_API_BODY_TIMEOUT_S", 30, least=1, most=3600
        ),
        worker_grace_s=env.integer(
            "ANECHOIC_API_WORKER_GRACE_S", 60, least=0, most=3600
        ),
        drain_s=env.integer("ANECHOIC_API_DRAIN_S", 60, least=0, most=3600),
        model_aliases=env.names("ANECHOIC_API_MODEL_ALIASES", "whisper-1"),
        log_level=env.choice(
            "ANECHOIC_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
    )
    env.finish()
    return settings
