"""One genuine object of every kind, for the readers to start from."""

from __future__ import annotations

import json
from pathlib import Path

from appliance.leases.wire import LeaseAnswer, LeaseAsk
from appliance.usage_wire import UsageBatch
from offline_license.checkpoint import Stamp, genesis
from offline_license.extension import make_chain
from offline_license.keys import public_bytes
from offline_license.keyset import KeyUse
from offline_license.lease import (
    Chain,
    Grants,
    Lease,
    LeaseQuestion,
    certify_proxy_key,
    issue_lease,
    verify_chain,
)
from offline_license.ledger import Writer
from offline_license.ledger_days import add_row, close_days
from offline_license.ledger_schema import (
    Record,
    RecordKind,
)
from offline_license.mini import mini_request
from offline_license.model import LedgerAck
from offline_license.report import Level, sign_report, verify_report
from offline_license.report_intake import take_in
from offline_license.report_make import gather
from offline_license.response import (
    Response,
    sign_response,
)
from offline_license.revocation import (
    Revocation,
    Revocations,
    sign_revocations,
)
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S, HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.licensing import Issuer, test_key

ISSUER = Issuer()
KEYSET = ISSUER.keyset()
PROXY = test_key("proxy")
CHAIN = Chain(
    ISSUER.keyset_bytes(),
    ISSUER.license_bytes(),
    certify_proxy_key(ISSUER.install_key, public_bytes(PROXY), 7),
)
VERIFIED = verify_chain(CHAIN, ISSUER.anchor)
PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "offline_license/vectors/objects.json").read_text()
)
QUESTION = LeaseQuestion("asr-1", bytes(16))
LEASE = Lease(
    id=bytes(8),
    lid=VERIFIED.license.license.lid,
    seq=VERIFIED.license.license.seq,
    state=State.VALID,
    flags=frozenset({Flag.BIND_DRIFT}),
    ttl_s=300,
    hold_s=86_400,
    nonce=QUESTION.nonce,
    grants=Grants(jobs=1, streams=8),
    epoch=7,
    license_digest=VERIFIED.license.digest,
    instance=QUESTION.instance,
)
REVOCATIONS = sign_revocations(
    Revocations(
        version=1,
        iat=ISSUER.now,
        entries=(
            Revocation(
                lid=bytes(16),
                max_seq=3,
                effective_at=ISSUER.now + 20 * DAY_S,
                reason=1,
                announced_at=ISSUER.now,
            ),
        ),
    ),
    ISSUER.issuing_key(KeyUse.REVOCATION),
)
RESPONSE = sign_response(
    Response(
        ISSUER.now,
        CHAIN.license,
        CHAIN.keyset,
        REVOCATIONS,
        LedgerAck(7, bytes(range(16))),
    ),
    ISSUER.issuing_key(KeyUse.LICENSE_PRODUCTION),
)
MINI = mini_request(
    ISSUER.request(lid=VERIFIED.license.license.lid, seq=1, ledger=(7, bytes(16))),
    ISSUER.install_key,
)
EXTENSIONS = make_chain(ISSUER.terms().lid, bytes(range(13)), count=4, days=14)


def _ledger() -> tuple[bytes, tuple[Record, ...]]:
    """Return the slots of two sealed hours, and their records."""
    slots, records, mark = b"", [], genesis(ISSUER.install_public)
    for hour in range(2):
        writer = Writer(mark, boot=1)
        t = ISSUER.now + hour * HOUR_S
        writer.add(RecordKind.START, t)
        writer.add(RecordKind.INSTALL, t, bytes(16), hour, bytes(32))
        rows = [
            UsageRow(t, bytes(8), Mode.BATCH, 3, Outcome.SERVED, n, 81_000, 700, 2)
            for n in (9, 2)
        ]
        written = [add_row(writer, row, bytes(16)) for row in rows]
        close_days(writer, written)
        stamp = Stamp(wall_s=t, proved_s=t, boot=1, flags=0, closed=hour)
        slots += writer.seal(stamp, ISSUER.install_key)
        records += writer.records
        mark = writer.mark
    return slots, tuple(records)


GENESIS = genesis(ISSUER.install_public)
LEDGER, RECORDS = _ledger()
REPORTS = tuple(
    sign_report(
        gather(
            LEDGER,
            ISSUER.install_public,
            since=0,
            level=level,
            license_=(ISSUER.terms().lid, 1),
        ),
        ISSUER.install_key,
    )
    for level in Level
)
USAGE = json.dumps(
    UsageBatch(
        instance="api-1",
        run=bytes(8),
        number=3,
        rows=(
            UsageRow(
                hour_s=ISSUER.now,
                model=bytes(range(8)),
                mode=Mode.LIVE,
                features=1,
                outcome=Outcome.CANCELED,
                requests=2,
                audio_ms=12_000,
                chars=90,
                peak_streams=2,
            ),
        ),
    ).to_json()
).encode()
ASK = json.dumps(LeaseAsk("asr-1", "asr", bytes(16)).to_json()).encode()
ANSWER = json.dumps(LeaseAnswer(issue_lease(LEASE, PROXY), CHAIN).to_json()).encode()
ACCOUNT = take_in(None, verify_report(REPORTS[0], None)).account.to_bytes()
