"""Whatever the engine, the license container or the driver say, a page comes out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from installer.dashboard import build_page
from installer.dashboard.metrics import render_metrics
from tests.support.statuses import NOW, license_answer, service, status

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=4)
LICENSES = OBJECTS | st.fixed_dictionaries(
    {"state": st.text() | JSON},
    optional={
        "flags": JSON,
        "banner": JSON,
        "problems": JSON,
        "ledger": JSON | st.fixed_dictionaries({"report_due": JSON, "since_ack": JSON}),
        "addons": JSON | st.lists(OBJECTS, max_size=2),
        "host": JSON | OBJECTS,
        "entitlements": JSON | st.fixed_dictionaries({"limits": JSON}),
        "drill_until": JSON,
        "license": st.fixed_dictionaries({"exp": JSON, "term": JSON, "licensee": JSON}),
    },
)


def both(**changes: Any) -> None:  # noqa: ANN401
    shown = status(**changes)

    json.dumps(asdict(build_page(shown, now=NOW.timestamp())))
    list(text_string_to_metric_families(render_metrics(shown, now=NOW.timestamp())))


@settings(max_examples=60, deadline=None)
@given(answer=LICENSES)
def test_any_answer_of_the_license_container(answer: dict[str, Any]) -> None:
    both(license=answer)


@settings(max_examples=40, deadline=None)
@given(date=JSON)
def test_any_date_in_a_license(date: Any) -> None:  # noqa: ANN401
    both(license=license_answer() | {"license": {"exp": date, "term": date}})


@settings(max_examples=40, deadline=None)
@given(gpus=OBJECTS, host=OBJECTS)
def test_any_report_of_gpus_and_host(
    gpus: dict[str, Any], host: dict[str, Any]
) -> None:
    both(gpus=gpus, host=host)


@settings(max_examples=40, deadline=None)
@given(
    name=st.text(max_size=20),
    state=st.text(max_size=20),
    cpu=st.none() | st.floats(min_value=0, max_value=1e6),
    memory=st.none() | st.integers(min_value=0, max_value=2**60),
    limit=st.none() | st.integers(min_value=0, max_value=2**60),
)
def test_any_service(
    name: str, state: str, cpu: float | None, memory: int | None, limit: int | None
) -> None:
    one = service(
        name,
        state=state,
        cpu_percent=cpu,
        memory_bytes=memory,
        memory_limit_bytes=limit,
    )
    both(services=(one,))
