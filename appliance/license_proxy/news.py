"""What changed between two looks: what must be written down at once, what to log.

Logs carry codes, states and serials; never a file's name or words that people chose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logs import event, logger_for, trouble

if TYPE_CHECKING:
    from appliance.license_proxy.view import View

__all__ = ["is_news", "log_news"]

_LOG = logger_for("license")
_KINDS = frozenset({"alic", "arsp", "cbor", "json", "key"})


def is_news(before: View, after: View) -> bool:
    """Tell whether something changed that must survive a power cut."""
    same = (
        before.decision.state is after.decision.state
        and before.site.licenses == after.site.licenses
        and before.active == after.active
        and before.site.keyset_bytes == after.site.keyset_bytes
        and before.site.revocations_bytes == after.site.revocations_bytes
    )
    return not same


def log_news(before: View | None, after: View) -> None:
    """Log what an operator should find in the log afterwards."""
    if before is None or before.decision.state is not after.decision.state:
        event(
            _LOG,
            "state.changed",
            before=_state(before) if before else None,
            after=_state(after),
            license=after.active.license.serial if after.active else None,
        )
    raised = after.decision.flags - (before.decision.flags if before else frozenset())
    for flag in sorted(raised):
        event(_LOG, "flag.raised", flag=flag.name.lower())
    known = before.site.problems if before else {}
    for name, error in after.site.problems.items():
        if known.get(name) is not error:
            trouble(_LOG, "file.refused", code=error.code, kind=_kind(name))


def _state(view: View) -> str:
    return view.decision.state.name.lower()


def _kind(name: str) -> str:
    """Name the kind of a file by its ending, where it is one of ours."""
    ending = name.rpartition(".")[2]
    return ending if ending in _KINDS else "other"
