"""Write the generated configuration and tell its revision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.configs import haproxy_cfg, redis_acl, redis_conf
from appliance.firewall import render
from appliance.limits import limits_for
from appliance.topology import UID_PYTHON, UID_REDIS, networks
from installer.engine.durable import (
    PRIVATE_FILE,
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    Access,
)
from installer.engine.journal import Record, RecordKind
from installer.engine.keys import EMPTY_KEYS, KEYS_ACCESS
from installer.engine.secrets import ensure_secrets
from installer.settings import dump_answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.topology import Addresses
    from installer.engine.site import Site
    from installer.settings import Settings

__all__ = ["Configuration", "write_configuration"]

_KEYS_FOLDER = Access(0o750, 0, UID_PYTHON)
_STATE_FOLDER = Access(0o700, UID_PYTHON, UID_PYTHON)
_LICENSE_FOLDER = Access(0o750, 0, UID_PYTHON)
_REDIS_FILE = Access(0o400, UID_REDIS, UID_REDIS)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is written, file by file.

    Attributes:
        files: path, bytes and access.
        revisions: digest by service; a changed file recreates its container.
    """

    files: tuple[tuple[Path, bytes, Access], ...]
    revisions: tuple[tuple[str, str], ...]


def _folders(site: Site) -> tuple[tuple[Path, Access], ...]:
    paths = site.paths
    return (
        (paths.etc, PUBLIC_FOLDER),
        (paths.config, PUBLIC_FOLDER),
        (paths.models, PUBLIC_FOLDER),
        (paths.receipts, PUBLIC_FOLDER),
        (paths.license, _LICENSE_FOLDER),
        (paths.license_state, _STATE_FOLDER),
        (paths.api_keys.parent, _KEYS_FOLDER),
    )


def _configuration(
    site: Site, settings: Settings, addresses: Addresses, password: str
) -> Configuration:
    paths = site.paths
    memory = limits_for("redis", site.host.size(), settings.asr_workers).memory_bytes
    conf = redis_conf(memory).encode()
    acl = redis_acl(password).encode()
    edge = haproxy_cfg(addresses).encode()
    rules = render(networks(settings.edge_subnet, settings.core_subnet)).encode()
    return Configuration(
        files=(
            (paths.config / "redis.conf", conf, PUBLIC_FILE),
            (paths.config / "redis.acl", acl, _REDIS_FILE),
            (paths.config / "haproxy.cfg", edge, PUBLIC_FILE),
            (paths.config / "firewall.nft", rules, PRIVATE_FILE),
            (paths.settings, dump_answers(settings).encode(), PRIVATE_FILE),
        ),
        revisions=(("redis", _digest(conf, acl)), ("edge", _digest(edge))),
    )


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def write_configuration(
    site: Site,
    settings: Settings,
    addresses: Addresses,
    record: Callable[[Record], None],
) -> Configuration:
    """Write folders, secrets and files, each named in the journal before."""
    for folder, access in _folders(site):
        record(Record(RecordKind.DIRECTORY, str(folder)))
        site.files.directory(folder, access)
    record(Record(RecordKind.DIRECTORY, str(site.paths.secrets)))
    password = ensure_secrets(site.paths, site.files)
    configuration = _configuration(site, settings, addresses, password)
    for path, data, access in configuration.files:
        record(Record(RecordKind.FILE, str(path)))
        site.files.write(path, data, access)
    if not site.paths.api_keys.exists():
        site.files.write(site.paths.api_keys, EMPTY_KEYS, KEYS_ACCESS)
    return configuration


def read_configuration(
    site: Site, settings: Settings, addresses: Addresses
) -> Configuration:
    """Tell what is written, without writing; the secrets must exist."""
    password = site.paths.redis_password.read_text(encoding="ascii").strip()
    return _configuration(site, settings, addresses, password)
