"""The settings of a worker, from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.environment import Environment
from appliance.permits import LicenseSettings


@dataclass(frozen=True, slots=True)
class AsrSettings:
    """Everything a worker must be told; times in seconds."""

    instance: str
    redis_url: str
    redis_username: str
    redis_password_file: Path | None
    worker_token_file: Path
    license: LicenseSettings
    model_dir: Path
    device: str
    compute_type: str
    cpu_threads: int
    slots: int
    max_audio_s: int
    lease_s: int
    drain_s: int
    stall_s: int
    host: str
    port: int
    log_level: str


def settings_from(variables: Mapping[str, str], *, hostname: str) -> AsrSettings:
    """Read the settings.

    Raises:
        SettingError: one is missing, wrong, or has our prefix and is not known.
    """
    env = Environment(variables)
    settings = AsrSettings(
        instance=env.text("ANECHOIC_INSTANCE", hostname),
        redis_url=env.text("ANECHOIC_REDIS_URL"),
        redis_username=env.text("ANECHOIC_REDIS_USERNAME", "anechoic"),
        redis_password_file=env.path(
            "ANECHOIC_REDIS_PASSWORD_FILE", "/run/secrets/redis_password"
        ),
        worker_token_file=env.required_path(
            "ANECHOIC_WORKER_TOKEN_FILE", "/run/secrets/worker_token"
        ),
        license=LicenseSettings.from_environment(env),
        model_dir=env.required_path("ANECHOIC_ASR_MODEL_DIR", "/models/active"),
        device=env.choice("ANECHOIC_ASR_DEVICE", "auto", ("auto", "cpu", "cuda")),
        compute_type=env.text("ANECHOIC_ASR_COMPUTE_TYPE", "auto"),
        cpu_threads=env.integer("ANECHOIC_ASR_CPU_THREADS", 0, least=0, most=256),
        slots=env.integer("ANECHOIC_ASR_SLOTS", 1, least=1, most=64),
        max_audio_s=env.integer("ANECHOIC_ASR_MAX_AUDIO_S", 7200, least=1, most=86_400),
        lease_s=env.integer("ANECHOIC_ASR_LEASE_S", 30, least=3, most=3600),
        drain_s=env.integer("ANECHOIC_ASR_DRAIN_S", 60, least=0, most=3600),
        stall_s=env.integer("ANECHOIC_ASR_STALL_S", 300, least=10, most=86_400),
        host=env.text("ANECHOIC_ASR_HOST", "0.0.0.0"),  # noqa: S104
        port=env.integer("ANECHOIC_ASR_PORT", 9000, least=1, most=65_535),
        log_level=env.choice(
            "ANECHOIC_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
    )
    env.finish()
    return settings
