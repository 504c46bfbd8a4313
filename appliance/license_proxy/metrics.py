"""Prometheus gauges of the license; seconds go negative when a date has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from appliance.leases.wire import ROLES
from offline_license.states import Flag, State

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import View

__all__ = ["render_metrics"]


def render_metrics(view: View) -> bytes:
    """Return the text exposition of one view."""
    registry = CollectorRegistry()
    _dates(registry, view)
    _one_hot(registry, view)
    leases = Gauge(
        "anechoic_license_leases", "Leases held", ["role"], registry=registry
    )
    for role in ROLES:
        leases.labels(role).set(sum(one.role == role for one in view.holders))
    Gauge("anechoic_license_problems", "License files refused", registry=registry).set(
        len(view.site.problems)
    )
    Gauge(
        "anechoic_license_storage_ok", "State could be written", registry=registry
    ).set(view.storage_ok)
    return generate_latest(registry)


def _dates(registry: CollectorRegistry, view: View) -> None:
    if view.active is None:
        return
    until = Gauge(
        "anechoic_license_seconds_until",
        "Seconds until grace (exp) and restriction (term) begin",
        ["what"],
        registry=registry,
    )
    until.labels("exp").set(view.active.license.exp - view.time.at)
    until.labels("term").set(view.active.license.term - view.time.at)


def _one_hot(registry: CollectorRegistry, view: View) -> None:
    state = Gauge(
        "anechoic_license_state", "1 for the state shown", ["state"], registry=registry
    )
    for one in State:
        state.labels(one.name.lower()).set(one is view.decision.state)
    flag = Gauge(
        "anechoic_license_flag", "1 for a raised flag", ["flag"], registry=registry
    )
    for raised in Flag:
        flag.labels(raised.name.lower()).set(raised in view.decision.flags)
