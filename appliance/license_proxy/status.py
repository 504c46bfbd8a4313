"""The status of the license as JSON, for the engine, the terminal and the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offline_license.summary import (
    decision_json,
    error_json,
    license_json,
    match_json,
)

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import View

__all__ = ["status_json"]


def status_json(view: View) -> dict[str, Any]:
    """Return everything that is known; no key and no fingerprint value is in it."""
    terms = view.active.license if view.active else None
    keyset = view.site.keyset
    return {
        "version": 1,
        **decision_json(view.decision, terms, view.time),
        "license": license_json(terms) if terms else None,
        "host": match_json(view.match),
        "keyset_version": keyset.version if keyset else None,
        "problems": [
            {"file": name, **error_json(error)}
            for name, error in sorted(view.site.problems.items())
        ],
        "leases": [
            {"instance": one.instance, "role": one.role} for one in view.holders
        ],
        "storage_ok": view.storage_ok,
    }
