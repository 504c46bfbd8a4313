"""Logs are one JSON object a line, and hold no words of anyone."""

import json
import logging

import pytest

from appliance.logs import JsonLines, event, logger_for, trouble


def formatted(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    line = JsonLines().format(caplog.records[-1])
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_an_event_shows_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    event(logger_for("test"), "job.done", job="j1", seconds=0.5)

    line = formatted(caplog)
    assert line["event"] == "job.done"
    assert line["from"] == "anechoic.test"
    assert (line["job"], line["seconds"]) == ("j1", 0.5)
    assert str(line["time"]).endswith("Z")


def test_trouble_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    trouble(logger_for("test"), "redis.lost", code="ANX-API-50")

    assert formatted(caplog)["level"] == "warning"


def test_the_words_of_a_library_are_not_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A library may quote what was said, in its message or in an exception."""
    mistake = ValueError("zebra canary")

    logging.getLogger("some.library").error("heard: zebra canary", exc_info=mistake)

    text = json.dumps(formatted(caplog))
    assert "zebra" not in text
    assert '"exception": "ValueError"' in text
    assert '"from": "some.library"' in text
