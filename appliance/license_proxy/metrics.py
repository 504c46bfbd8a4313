"""Prometheus gauges of the license; seconds go negative when a date has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from appliance.leases.wire import ROLES
from offline_license.states import Flag, State

if TYPE_CHECKING:
    from appliance.license_proxy.view import View

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
    _ledger(registry, view)
    return generate_latest(registry)


def _dates(registry: CollectorRegistry, view: View) -> None:
    dates = {
        "exp": _left(view.decision.exp, view),
        "term": _left(view.decision.term, view),
        "report_due": view.report_due_s,
    }
    known = {what: left for what, left in dates.items() if left is not None}
    if not known:
        return
    until = Gauge(
        "anechoic_license_seconds_until",
        "Seconds until grace (exp) or restriction (term) begins or a report is due",
        ["what"],
        registry=registry,
    )
    for what, left in known.items():
        until.labels(what).set(left)


def _left(end: int | None, view: View) -> int | None:
    return None if end is None else end - view.time.at


def _ledger(registry: CollectorRegistry, view: View) -> None:
    if view.ledger is None:
        return
    gauges = {
        "records": ("Records in the usage ledger", view.ledger.records),
        "bytes": ("Bytes of the usage ledger", view.ledger.size_bytes),
        "lossy_seconds": ("Time counted in memory only", view.ledger.lossy_s),
        "unreported_requests": (
            "Requests the vendor has not acknowledged",
            view.ledger.since_ack.requests,
        ),
        "unreported_audio_seconds": (
            "Audio the vendor has not acknowledged",
            view.ledger.since_ack.audio_ms / 1000,
        ),
    }
    for name, (text, value) in gauges.items():
        full = f"anechoic_license_ledger_{name}"
        Gauge(full, text, registry=registry).set(value)


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
