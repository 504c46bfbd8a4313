"""The generated configuration of redis and of the edge, as text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from appliance.topology import API_PORT

if TYPE_CHECKING:
    from appliance.topology import Addresses

__all__ = ["haproxy_cfg", "redis_acl", "redis_conf"]

_MAX_CONNECTIONS = 2000
_REQUEST_S = 3700
"""A little longer than the hour that the gateway gives to one request."""


def redis_conf(memory_bytes: int) -> str:
    """Keep everything in memory, refuse rather than evict, write nothing.

    Args:
        memory_bytes: the container's limit; a quarter is left for buffers.
    """
    return f"""\
bind 0.0.0.0
protected-mode no
port 6379
aclfile /run/anechoic/redis.acl
save ""
appendonly no
dir /data
maxmemory {memory_bytes * 3 // 4}
maxmemory-policy noeviction
daemonize no
logfile ""
"""


def redis_acl(password: str) -> str:
    """Admit one user by the hash of its password; others may only ping."""
    digest = hashlib.sha256(password.encode()).hexdigest()
    return (
        "user default on nopass resetkeys resetchannels -@all +ping\n"
        f"user anechoic on #{digest} ~anechoic:* resetchannels "
        "+@all -@admin -@dangerous +info\n"
    )


def haproxy_cfg(addresses: Addresses) -> str:
    """Route ``/v1/`` and ``/health`` to the gateway, and nothing else.

    Bodies stream through in both directions; nothing is written to a disk, and
    no request is logged.
    """
    return f"""\
global
    maxconn {_MAX_CONNECTIONS}
    nbthread 1
    log stderr format raw local0 warning

defaults
    mode http
    log global
    option dontlog-normal
    option http-keep-alive
    timeout connect 5s
    timeout check 10s
    timeout client {_REQUEST_S}s
    timeout server {_REQUEST_S}s
    timeout http-request 10s
    timeout http-keep-alive 60s
    timeout tunnel {_REQUEST_S}s

frontend public
    bind {addresses.edge_public}:{API_PORT}
    acl served path_beg /v1/
    acl served path /health
    http-request deny deny_status 404 unless served
    http-request del-header X-Forwarded-For
    default_backend api

backend api
    option httpchk GET /health
    server api-1 {addresses.api}:{API_PORT} check inter 3s fall 3 rise 1
"""
