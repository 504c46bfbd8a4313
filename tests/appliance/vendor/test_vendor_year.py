"""A vendor's year, as typed: issue, inspect, renew, extend, revoke, report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import zxingcpp

from appliance.vendor.license_keys import load_anchor, load_keyset
from bundles.trust.anchor import TrustAnchor
from offline_license.armor import Label, unarmor
from offline_license.cose import ObjectType
from offline_license.errors import LintError
from offline_license.extension import find_index
from offline_license.frames import whole
from offline_license.intake import SignedObject, recognize
from offline_license.keys import public_bytes
from offline_license.license import peek_license, verify_license
from offline_license.mini import mini_request
from offline_license.model import Kind, Post, ReportMode
from offline_license.report import countersign
from offline_license.response import VerifiedResponse, verify_response
from tests.support.ledger_site import LedgerSite
from tests.support.licensing import IAT, test_key
from tests.support.vendor_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(IAT))
    return Desk.made(tmp_path)


def opened(desk: Desk, path: Path) -> VerifiedResponse:
    """Verify an answer as a site does."""
    data = unarmor(path.read_bytes(), Label.RESPONSE)
    return verify_response(data, load_anchor(desk.keys.license))


def test_every_term_can_be_given(desk: Desk) -> None:
    old = desk.issue()

    license_ = desk.issue(
        *("--streams", 4, "--gpus", 1, "--hours", 1000, "--hosts", 2),
        *("--overdraft", 25, "--feature", 3, "--feature", 7, "--post", "stop"),
        *("--warn-days", 30, "--warn-days", 7, "--grace-days", 20),
        *("--extension-codes", 2, "--extension-days", 7),
        *("--report", "condition", "--report-days", 90),
        *("--max-build-date", "2027-06-30", "--not-before", "2027-02-01"),
        *("--keyset-version", 1, "--supersedes", old.serial),
    )

    limits = license_.capacity
    assert (limits.streams, limits.gpus, limits.audio_hours, limits.hosts) == (
        4,
        1,
        1000,
        2,
    )
    assert limits.overdraft_percent == 25
    assert license_.features == (3, 7)
    assert license_.post is Post.STOP
    assert license_.warn_days == (30, 7)
    assert license_.extension is not None
    assert license_.report is not None
    assert license_.report.mode is ReportMode.CONDITION_OF_RENEWAL
    assert license_.superseded == (old.lid,)
    assert license_.nbf > IAT


def test_an_add_on_belongs_to_the_license_of_the_request(desk: Desk) -> None:
    base = desk.issue()
    output = desk.folder / "addon.alic"

    desk.sign(
        *("license", "issue", "--request", desk.request(base), "--add-on"),
        *("--customer", "City Court", "--through", "2027-06-30", "--output", output),
    )

    add_on = peek_license(unarmor(output.read_bytes(), Label.LICENSE))
    assert add_on.parent == base.lid


def test_an_add_on_without_a_license_is_a_mistake(desk: Desk) -> None:
    request = desk.put("host.areq", desk.site.request_bytes())

    shown = desk.sign(
        *("license", "issue", "--request", request, "--add-on", "--customer", "X"),
        *("--through", "2027-06-30", "--output", desk.folder / "x.alic"),
        status=2,
    )

    assert "--parent" in shown


def test_an_evaluation_needs_no_request_and_no_grace(desk: Desk) -> None:
    output = desk.folder / "trial.alic"

    shown = desk.sign(
        *("license", "issue", "--kind", "evaluation", "--customer", "Try"),
        *("--through", "2027-02-20", "--output", output),
    )

    license_ = peek_license(unarmor(output.read_bytes(), Label.LICENSE))
    assert license_.kind is Kind.EVALUATION
    assert license_.term == license_.exp
    assert "runs wherever it is copied" in shown


def test_nonsense_is_named_before_anything_is_written(desk: Desk) -> None:
    with pytest.raises(AssertionError, match="LintError"):
        desk.issue("--grace-days", 3)

    assert not (desk.folder / "host.alic").exists()
    assert LintError.code == "ANX-LIC-21"


def test_a_report_needs_days_and_mode(desk: Desk) -> None:
    with pytest.raises(AssertionError, match="report-days"):
        desk.issue("--report", "advisory")


def test_a_request_file_is_answered_with_a_bundle(desk: Desk) -> None:
    first = desk.issue("--streams", 4, "--hours", 1000)
    output, plain = desk.folder / "answer.arsp", desk.folder / "plain.alic"

    shown = desk.sign(
        *("license", "renew", desk.request(first), "--output", output),
        *("--plain", plain, "--streams", 2, "--no-limit", "hours"),
    )

    license_ = opened(desk, output).license.license
    assert (license_.lid, license_.seq) == (first.lid, 2)
    assert (license_.capacity.streams, license_.capacity.audio_hours) == (2, None)
    assert (
        unarmor(plain.read_bytes(), Label.LICENSE) == opened(desk, output).license.data
    )
    assert "loses          live sessions: 4 -> 2" in shown
    assert "gains          hours of audio: 1000" in shown


def test_the_text_of_a_mini_qr_code_is_answered_alike(desk: Desk) -> None:
    first = desk.issue()
    request = desk.site.request(lid=first.lid, seq=first.seq)
    text = whole(mini_request(request, desk.site.install_key))
    output = desk.folder / "answer.arsp"

    desk.sign(
        *("license", "renew", desk.put("qr.txt", text.encode()), "--output", output)
    )

    assert opened(desk, output).license.license.seq == 2


def test_the_answer_comes_as_paper_and_as_codes(desk: Desk) -> None:
    first = desk.issue()
    page, text, png = (desk.folder / name for name in ("a.html", "a.txt", "a.png"))

    desk.sign(
        *("license", "renew", desk.request(first), "--output", desk.folder / "a.arsp"),
        *("--page", page, "--qr-text", text, "--png", png),
    )

    license_ = opened(desk, desk.folder / "a.arsp").license
    (line,) = text.read_text().splitlines()
    assert recognize(line.encode()) == SignedObject(ObjectType.LICENSE, license_.data)
    picture = cv2.imdecode(np.frombuffer(png.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == line
    html = page.read_text()
    assert "City Court" in html
    assert "<svg" in html
    assert "-----BEGIN ANECHOIC LICENSE-----" in html


def test_after_a_new_year_of_keys_the_paper_carries_the_keyset_too(desk: Desk) -> None:
    first = desk.issue()
    desk.sign("keys", "rotate")
    text = desk.folder / "a.txt"

    desk.sign(
        *("license", "renew", desk.request(first), "--output", desk.folder / "a.arsp"),
        *("--qr-text", text),
    )

    found = recognize(text.read_bytes())
    assert isinstance(found, SignedObject)
    assert found.type is ObjectType.RESPONSE


def test_an_answer_too_large_for_codes_comes_as_file_and_license(desk: Desk) -> None:
    first = desk.issue()
    for _ in range(9):
        desk.sign("keys", "rotate")
    text = desk.folder / "a.txt"

    shown = desk.sign(
        *("license", "renew", desk.request(first), "--output", desk.folder / "a.arsp"),
        *("--qr-text", text),
    )

    found = recognize(text.read_bytes())
    assert isinstance(found, SignedObject)
    assert found.type is ObjectType.LICENSE
    assert "too large for QR codes" in shown
    assert opened(desk, desk.folder / "a.arsp").keyset.version == 10


def test_a_file_is_not_replaced_by_accident(desk: Desk) -> None:
    first = desk.issue()
    output = desk.put("answer.arsp", b"the last one")

    desk.sign("license", "renew", desk.request(first), "--output", output, status=2)

    assert output.read_bytes() == b"the last one"


def test_a_code_is_read_out_and_noted(desk: Desk) -> None:
    license_ = desk.issue("--extension-codes", 3)

    shown = desk.sign("license", "extend", license_.serial, "--note", "ticket 12")
    again = desk.sign("license", "extend", license_.serial, "--index", 1)

    (line,) = [line for line in shown.splitlines() if line.startswith("code")]
    code = line.split()[1]
    assert license_.extension is not None
    assert find_index(license_.extension, license_.lid, code) == 1
    assert "number         1 of 3" in shown
    assert "given out before" in again
    assert code in again


def test_a_license_is_revoked_and_the_list_travels_with_the_next_answer(
    desk: Desk,
) -> None:
    license_ = desk.issue()
    listed = desk.folder / "list.txt"

    shown = desk.sign(
        *("license", "revoke", license_.serial, "--reason", "contract-ended"),
        *("--output", listed),
    )

    assert "2027-01-29T08:00:00Z" in shown
    assert "ANECHOIC REVOCATIONS" in listed.read_text()
    output = desk.folder / "answer.arsp"
    desk.sign("license", "renew", desk.request(license_), "--output", output)
    revocations = opened(desk, output).revocations
    assert revocations is not None
    assert revocations.revoked_at(license_) is not None
    assert revocations.revoked_at(opened(desk, output).license.license) is None
    lifted = desk.sign(
        "license", "revoke", license_.serial, "--reason", "mistake", "--lift"
    )
    assert "list           2" in lifted


def test_any_file_is_inspected_as_lines_and_as_json(desk: Desk) -> None:
    desk.issue()
    file = desk.folder / "host.alic"

    lines = desk.type("license", "inspect", file)
    shown = json.loads(desk.type("license", "inspect", file, "--json"))
    unkeyed = desk.type("license", "inspect", file, keys=False)

    assert lines.startswith("license: verified")
    assert shown["fields"]["name"] == "City Court"
    assert unkeyed.startswith("license: NOT VERIFIED")


def test_a_bad_file_ends_with_status_1(desk: Desk) -> None:
    shown = desk.type("license", "inspect", desk.put("x", b"no license"), status=1)

    assert "ANX-LIC-" in shown


def test_two_files_are_compared(desk: Desk) -> None:
    desk.issue("--streams", 4)
    old = desk.put("old.alic", (desk.folder / "host.alic").read_bytes())
    desk.issue("--streams", 8)

    shown = desk.type("license", "inspect", old, desk.folder / "host.alic")

    assert "capacity.streams: 4 -> 8" in shown
    assert desk.type("license", "inspect", old, old) == "no difference\n"
    assert json.loads(desk.type("license", "inspect", old, old, "--json")) == []


def test_what_was_issued_is_listed(desk: Desk) -> None:
    license_ = desk.issue()

    (line,) = desk.type("license", "list").splitlines()

    assert line.split() == [
        license_.serial,
        "production",
        "2027-09-30",
        "valid",
        "City",
        "Court",
    ]


def test_a_lost_file_is_written_again_byte_for_byte(desk: Desk) -> None:
    license_ = desk.issue()
    again, page = desk.folder / "again.alic", desk.folder / "page.html"

    desk.type("license", "export", license_.serial, "--output", again, "--page", page)

    assert again.read_bytes() == (desk.folder / "host.alic").read_bytes()
    assert license_.serial in page.read_text()


def test_keys_are_listed_rotated_and_withdrawn(desk: Desk) -> None:
    license_ = desk.issue()
    file = unarmor((desk.folder / "host.alic").read_bytes(), Label.LICENSE)
    kid = verify_license(file, load_keyset(desk.keys.license)).kid
    name = f"{kid.hex()[:4]}-{kid.hex()[4:8]}".upper()
    assert f"{name}  license_production" in desk.type("keys", "list")

    assert "key set   2" in desk.sign("keys", "rotate")
    shown = desk.sign("keys", "withdraw", name, "--cutoff", "2027-01-15")

    assert "key set   3" in shown
    assert f"{license_.serial:<14} {'City Court':<32} void at once" in shown
    assert "compromised after 2027-01-14T23:59:59Z" in desk.type("keys", "list")


def test_keys_that_end_soon_are_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "DUE" not in desk.type("keys", "list")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(IAT + 350 * 86_400))

    assert "DUE: no key for license_production" in desk.type("keys", "list")


def test_new_roots_bring_a_new_anchor_for_new_sites(desk: Desk) -> None:
    before = TrustAnchor.read(desk.keys.anchor)

    shown = desk.sign("keys", "new-roots")

    after = TrustAnchor.read(desk.keys.anchor)
    assert after.fingerprint != before.fingerprint
    assert after.fingerprint in shown
    assert after.root == before.root
    assert "former roots sign too" in desk.type("keys", "list")
    desk.type("keys", "retire-roots", "--yes")
    assert "former roots" not in desk.type("keys", "list")


def test_new_roots_go_onto_three_media_and_two_of_them_sign(desk: Desk) -> None:
    places = [desk.folder / f"medium-{n}.pem" for n in (1, 2, 3)]
    secrets = [
        desk.put(f"secret-{n}", b"a custodian's %d words" % n) for n in (1, 2, 3)
    ]
    new = [word for place in places for word in ("--new-root", place)]
    opening = [w for one in secrets for w in ("--new-root-passphrase-file", one)]
    desk.sign("keys", "new-roots", *new, *opening)
    desk.type("keys", "retire-roots", "--yes")

    signing = [word for place in places[1:] for word in ("--root", place)]
    with_secrets = [w for one in secrets[1:] for w in ("--root-passphrase-file", one)]
    shown = desk.sign("keys", "rotate", *signing, *with_secrets)

    assert "key set   3" in shown


def test_roots_are_not_retired_without_an_answer(desk: Desk) -> None:
    desk.sign("keys", "new-roots")

    desk.type("keys", "retire-roots", status=1)

    assert "former roots sign too" in desk.type("keys", "list")


def test_two_places_for_new_roots_are_too_few(desk: Desk) -> None:
    shown = desk.sign("keys", "new-roots", "--new-root", desk.folder / "a", status=2)

    assert "give 3 files" in shown


@pytest.fixture
def ledger(desk: Desk) -> LedgerSite:
    return LedgerSite(desk.folder / "ledger", desk.site.install_key)


def test_a_report_is_verified_with_the_public_key_alone(
    desk: Desk, ledger: LedgerSite
) -> None:
    """Case 63 from the vendor's side: no key folder, only the site's public key."""
    ledger.work(days=2)
    file = desk.put("report.json", ledger.report(license_=(bytes(16), 1)))
    key = desk.put("install.pub", desk.site.install_public)

    shown = desk.type("usage", "verify", file, "--key", key, keys=False)
    unknown = desk.type("usage", "verify", file, keys=False)

    assert "0:20:00" in shown
    assert "compare it" in unknown
    changed = desk.put("changed.json", file.read_bytes().replace(b"20", b"21", 1))
    desk.type("usage", "verify", changed, "--key", key, keys=False, status=1)


def test_a_report_is_taken_in_with_the_officers_signature(
    desk: Desk, ledger: LedgerSite
) -> None:
    license_ = desk.issue()
    ledger.work(days=2)
    officer = test_key("officer")
    data = ledger.report(license_=(license_.lid, 1))
    file = desk.put("report.json", countersign(data, officer))
    key = desk.put("officer.pub", public_bytes(officer).hex().encode())

    shown = desk.type("usage", "ingest", file, "--officer", key)
    again = desk.type("usage", "ingest", file)

    assert "verdict        NEW" in shown
    assert "counted now    20 requests, 0.33 hours" in shown
    assert "counter-signed" in shown
    assert "verdict        KNOWN" in again
    assert "also signed by" in again


def test_a_fork_says_what_it_may_mean_and_what_to_do(
    desk: Desk, ledger: LedgerSite
) -> None:
    """Case 39: snapshot restore, then both branches report."""
    license_ = desk.issue()
    ledger.work()
    twin = ledger.clone(desk.folder / "twin")
    ledger.work()
    twin.work(requests=5)
    named = (license_.lid, 1)
    desk.type("usage", "ingest", desk.put("one.json", ledger.report(license_=named)))
    other = desk.put("two.json", twin.report(license_=named))

    shown = desk.type("usage", "ingest", other, status=1)

    assert "verdict        FORK" in shown
    assert "ANX-LIC-54" in shown
    assert "cloned" in shown
    assert "--accept-branch" in shown
    accepted = desk.type("usage", "ingest", other, "--accept-branch", "a fire")
    assert "verdict        RESTORED" in accepted
