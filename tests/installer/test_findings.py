"""Findings and exit codes: one shape, one table."""

import pytest

from appliance.engines.errors import PortTakenError
from bundles.errors import NotAMediumError
from installer.errors import BUSY, ERROR_KINDS, UNEXPECTED, InstallerError
from installer.exit_codes import ExitCode, exit_code_for
from installer.findings import Finding, Severity, worst
from offline_license.errors import LicenseError


def _finding(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, "title", severity, "evidence", "meaning", "remedy")


def test_a_coded_error_becomes_a_finding_with_its_remedy() -> None:
    error = PortTakenError("expected port 8080", evidence="already in use")

    finding = Finding.from_error(error)

    assert finding.code == "ANX-ENG-07"
    assert finding.evidence == "expected port 8080: already in use"
    assert finding.remedy == PortTakenError.remedy


@pytest.mark.parametrize(
    "error",
    [InstallerError(BUSY, "x"), NotAMediumError("x"), LicenseError("x")],
)
def test_every_package_speaks_in_findings(error: Exception) -> None:
    finding = Finding.from_error(error)

    assert finding.evidence == "x"
    assert finding.title
    assert finding.meaning
    assert finding.remedy


def test_the_text_of_an_unexpected_error_is_kept_out() -> None:
    finding = Finding.from_error(RuntimeError("spoken words"))

    assert finding.code == UNEXPECTED.code
    assert "spoken words" not in str(finding)


@pytest.mark.parametrize("code", ["ANX-OP-1", "ANX-FOO-01", "", "anx-op-01"])
def test_a_malformed_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="expected a code"):
        _finding(code)


def test_the_worst_severity_decides() -> None:
    findings = (
        _finding("ANX-OP-01", Severity.INFO),
        _finding("ANX-OP-02", Severity.WARNING),
    )

    assert worst(findings) is Severity.WARNING
    assert worst(()) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ANX-HOST-09", ExitCode.PREFLIGHT),
        ("ANX-GPU-01", ExitCode.PREFLIGHT),
        ("ANX-MED-01", ExitCode.MEDIUM),
        ("ANX-LIC-05", ExitCode.LICENSE),
        ("ANX-ENG-12", ExitCode.CONTAINER_ENGINE),
        ("ANX-API-01", ExitCode.OPERATION),
        ("ANX-OP-01", ExitCode.USAGE),
        ("ANX-OP-04", ExitCode.BUSY),
        ("ANX-OP-05", ExitCode.OPERATION),
        ("ANX-OP-08", ExitCode.NOT_READY),
        ("ANX-OP-17", ExitCode.MEDIUM),
        ("ANX-OP-19", ExitCode.LICENSE),
        ("ANX-OP-99", ExitCode.INTERNAL),
    ],
)
def test_each_finding_has_one_exit_code(code: str, expected: ExitCode) -> None:
    assert exit_code_for(_finding(code)) is expected


def test_codes_of_the_operator_program_are_unique() -> None:
    codes = [kind.code for kind in ERROR_KINDS]

    assert len(set(codes)) == len(codes)
