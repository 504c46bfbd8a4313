"""A license service in memory for the screens: its answers, and what it is asked.

Time stands still at `NOW`. What is given is recognized by a word in it, so that a test
can name the case it means: ``foreign``, ``smaller``, ``frames``, ``later``, ``same``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from installer.findings import Finding, Severity
from installer.protocol import (
    LicenseRequestBody,
    LicenseSummary,
    SimulateBody,
    SimulatedChange,
    SimulatedService,
    SimulationBody,
)
from offline_license.extension import make_chain

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LID = bytes(range(16))
CODES = make_chain(LID, bytes(range(13)), count=2, days=14).codes
EXP = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
TERM = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)
MINI = "ANX:" + "6BFOXN*TS0BI$ZDYOQ*3" * 9 + "ABCDEF"
FRAMES = tuple(f"ANX{n}/3:" + "K7Q2 MX0TB4WDCHJ5N8RVA" * 8 for n in (1, 2, 3))
WHOLE = "ANX:" + "K7Q2 MX0TB4WDCHJ5N8RVA" * 24
ARMORED = (
    "-----BEGIN ANECHOIC REQUEST-----\nInstallation: 7C1E-90AB\n\n"
    + "\n".join("hEShATEEWB" * 6 for _ in range(7))
    + "\n-----END ANECHOIC REQUEST-----\n"
)
FOREIGN = Finding(
    "ANX-LIC-15",
    "The license belongs to another installation",
    Severity.ERROR,
    "expected install key 7C1E-90AB, found 02D4-5E6F",
    "This host would stay without a license.",
    "Make a request here and have the vendor answer it.",
)
INCOMPLETE = Finding(
    "ANX-LIC-27",
    "Part of the text is missing",
    Severity.ERROR,
    "expected frames 1 to 3, found 1 and 3; frame 2 is missing",
    "Nothing was used.",
    "Scan frame 2 as well; the order does not matter.",
)


_FULL, _TRICKLE, _STOP = ("licensed",) * 2, ("one",) * 2, ("none",) * 2
_SERVED = {
    "UNLICENSED": ("none", "demo"),
    "PENDING": ("none", "demo"),
    "VALID": _FULL,
    "EXPIRING": _FULL,
    "GRACE": _FULL,
    "RESTRICTED": _TRICKLE,
    "REVOKED": _STOP,
}


def license_json(
    state: str = "VALID",
    *,
    exp: datetime = EXP,
    term: datetime = TERM,
    **changes: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Build the answer of the license service."""
    through = (exp - timedelta(hours=36)).date().isoformat()
    answer: dict[str, Any] = {
        "state": state,
        "flags": [],
        "banner": "",
        "held_back": False,
        "service": dict(zip(("batch", "streams"), _SERVED[state], strict=True)),
        "license": {
            "serial": "1F2E-3D4C/2",
            "licensee": "Harbor Control, Site North",
            "kind": "production",
            "starts": "2026-01-31T12:00:00Z",
            "valid_through": through,
            "exp": f"{exp:%Y-%m-%dT%H:%M:%SZ}",
            "term": f"{term:%Y-%m-%dT%H:%M:%SZ}",
            "after_term": "trickle",
            "features": [1, 2],
            "limits": {"streams": 8, "gpus": 2, "audio_hours": None, "hosts": None},
        },
        "host": {
            "verdict": "match",
            "matched_weight": 11,
            "enrolled_weight": 11,
            "changed": [],
            "unreadable": [],
        },
        "time": {
            "wall": "2026-11-22T12:00:00Z",
            "proved": "2026-11-22T11:58:00Z",
            "effective": "2026-11-22T12:00:00Z",
        },
        "ledger": {
            "records": 4711,
            "report_due": 12 * 86_400,
            "lossy": False,
            "since_ack": {"audio_ms": 148_320_000, "requests": 512},
        },
        "addons": [],
        "drill_until": None,
    }
    return answer | changes


def troubled() -> dict[str, Any]:
    """A license in grace with flags, an add-on, a refused file, a late report."""
    addon = {
        "serial": "0A1B-2C3D/1",
        "valid_through": "2026-12-30",
        "exp": "2026-12-31T12:00:00Z",
        "features": [],
        "limits": {"streams": 4},
    }
    problem = {
        "code": "ANX-LIC-10",
        "title": "The signature does not match the content",
        "evidence": "next.alic: expected a signature by 4f1a77c2",
        "meaning": "The file was changed after it was signed.",
        "remedy": "Get the file once more from the vendor.",
    }
    host = {
        "verdict": "mismatch",
        "matched_weight": 3,
        "enrolled_weight": 11,
        "changed": ["product_uuid", "serial", "nics"],
        "unreadable": [],
    }
    return license_json(
        "GRACE",
        exp=datetime(2026, 11, 10, 12, 0, tzinfo=UTC),
        term=datetime(2026, 12, 10, 12, 0, tzinfo=UTC),
        flags=["BIND_MISMATCH", "CLOCK_BEHIND", "REPORT_DUE"],
        addons=[addon],
        problems=[problem],
        host=host,
        held_back=True,
        banner="The license was valid through 2026-11-09.",
    )


def license_summary(**changes: Any) -> LicenseSummary:  # noqa: ANN401
    """Build a verified license."""
    fields: dict[str, Any] = {
        "license_id": "1F2E-3D4C/3",
        "customer": "Harbor Control, Site North",
        "state": "valid",
        "exp": EXP,
        "term": TERM,
        "valid_through": date(2027, 1, 30),
        "entitlements": {
            "kind": "production",
            "features": [1, 2],
            "limits": {"streams": 8},
        },
    }
    return LicenseSummary(**(fields | changes))


RENEWED = {
    "exp": EXP.replace(year=2028),
    "term": TERM.replace(year=2028),
    "valid_through": date(2028, 1, 30),
    "form": "response",
    "replaces": "1F2E-3D4C/2",
    "updates": ("key set 3",),
    "gains": ("valid 365 days longer", "4 more streams"),
}
SMALLER = RENEWED | {"losses": ("feature 2", "1 GPU")}


def judge(data: bytes, *, installed: bool) -> LicenseSummary | Finding:
    """Recognize what was given by a word in it."""
    outcome = "installed" if installed else "checked"
    if b"foreign" in data:
        return FOREIGN
    if b"frames" in data:
        return INCOMPLETE
    if b"smaller" in data:
        return license_summary(**SMALLER, outcome=outcome)
    if b"same" in data:
        return license_summary(outcome="same")
    if b"later" in data:
        starts = EXP - timedelta(days=1)
        return license_summary(**RENEWED, slot="next", starts=starts, outcome="waiting")
    return license_summary(**RENEWED, outcome=outcome)


def request(*, known: bool) -> LicenseRequestBody:
    """Build a request of a site that has a license, or has none yet."""
    return LicenseRequestBody(
        armored=ARMORED,
        filename="anechoic-7C1E-90AB.areq",
        installation="7C1E-90AB",
        serial="1F2E-3D4C/2" if known else None,
        whole=WHOLE,
        frames=FRAMES,
        mini=(MINI,) if known else (),
    )


def simulation(body: SimulateBody) -> SimulationBody:
    """Rehearse: grace at the end, a trickle after it, a mismatch with a new board."""
    at = body.at or NOW
    state = "restricted" if at >= TERM else "grace" if at >= EXP else "valid"
    words = "one task at a time" if state == "restricted" else "as licensed"
    swapped = "product-uuid" in body.swaps
    return SimulationBody(
        at=at,
        state=state,
        flags=("BIND_MISMATCH",) if swapped else (),
        banner="" if state == "valid" else "The license was valid through 2027-01-30.",
        exp=EXP,
        term=TERM,
        service=(
            SimulatedService(name="new transcriptions", words=words, open=True),
            SimulatedService(name="new live sessions", words=words, open=True),
            SimulatedService(
                name="status, renewal, reports", words="always", open=True
            ),
        ),
        timeline=(
            SimulatedChange(at=EXP, state="grace", words="full service, with a banner"),
            SimulatedChange(at=TERM, state="restricted", words="one task at a time"),
        ),
        binding="not recognized, 8 of 11 points" if swapped else "recognized",
    )


@dataclass(slots=True)
class FakeLicense:
    """The license service: its answer, and whether the site has a license.

    Attributes:
        answer: what GET /v1/license says; None is silence.
        accepted: what losses were accepted with.
    """

    answer: dict[str, Any] | None = field(default_factory=license_json)
    accepted: list[bool] = field(default_factory=list)

    def drill(self, minutes: int) -> Mapping[str, Any]:
        assert self.answer is not None
        if minutes:
            until = f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
            self.answer = license_json("GRACE", flags=["DRILL"], drill_until=until)
        else:
            self.answer = license_json()
        return self.answer

    def extend(self) -> Mapping[str, Any]:
        term = TERM + timedelta(days=14)
        self.answer = license_json("GRACE", term=term)
        return self.answer

    def renew(self) -> None:
        self.answer = license_json(
            exp=EXP.replace(year=2028), term=TERM.replace(year=2028)
        )
