"""The status of the license as JSON, for the engine, the terminal and the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offline_license.dates import iso, valid_through
from offline_license.summary import (
    decision_json,
    error_json,
    license_json,
    match_json,
)

if TYPE_CHECKING:
    from appliance.license_proxy.view import View
    from offline_license.addons import Entitlements
    from offline_license.model import Capacity

__all__ = ["status_json"]


def status_json(view: View) -> dict[str, Any]:
    """Return everything that is known; no key and no fingerprint value is in it."""
    terms = view.active.license if view.active else None
    keyset, revocations = view.site.keyset, view.site.revocations
    return {
        "version": 1,
        **decision_json(view.decision, terms, view.time),
        "license": license_json(terms) if terms else None,
        "entitlements": _entitlements(view.entitlements),
        "addons": _add_ons(view.entitlements),
        "host": match_json(view.match),
        "keyset_version": keyset.version if keyset else None,
        "revocations_version": revocations.version if revocations else None,
        "problems": [
            {"file": name, **error_json(error)}
            for name, error in sorted(view.site.problems.items())
        ],
        "leases": [
            {"instance": one.instance, "role": one.role} for one in view.holders
        ],
        "ledger": _ledger(view),
        "drill_until": iso(view.drill_until) if view.drill_until else None,
        "storage_ok": view.storage_ok,
    }


def _ledger(view: View) -> dict[str, object] | None:
    """Return where the ledger stands; `report_due` is in seconds, negative after."""
    if view.ledger is None:
        return None
    return {**view.ledger.to_json(), "report_due": view.report_due_s}


def _entitlements(given: Entitlements | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"features": list(given.features), "limits": _limits(given.capacity)}


def _add_ons(given: Entitlements | None) -> list[dict[str, Any]]:
    """Return the add-ons in force, each with what it adds."""
    return [
        {
            "serial": one.license.serial,
            "valid_through": valid_through(one.license.exp).isoformat(),
            "exp": iso(one.license.exp),
            "term": iso(one.license.term),
            "features": list(one.license.features),
            "limits": _limits(one.license.capacity),
        }
        for one in (given.add_ons if given else ())
    ]


def _limits(capacity: Capacity) -> dict[str, int | None]:
    return {
        "streams": capacity.streams,
        "gpus": capacity.gpus,
        "audio_hours": capacity.audio_hours,
        "hosts": capacity.hosts,
    }
