import pytest

from installer.settings import SettingsInvalidError
from installer.tui.state import ORDER, Stage, WizardState, after, before, typed


def test_stages_follow_each_other_and_stop_at_the_ends() -> None:
    assert after(Stage.CHECKS) is Stage.MEDIUM
    assert before(Stage.MEDIUM) is Stage.CHECKS
    assert before(ORDER[0]) is ORDER[0]
    assert after(ORDER[-1]) is ORDER[-1]


def test_numbers_are_read_where_the_setting_is_one() -> None:
    assert typed("port", "8081") == 8081
    assert typed("port", "many") == "many"
    assert typed("listen_address", "127") == "127"


def test_answers_become_checked_settings() -> None:
    state = WizardState(answers={"port": "8081", "medium": "/media/usb", "trust": ""})

    settings = state.settings()

    assert settings.port == 8081
    assert settings.trust is None


def test_a_wrong_answer_is_named() -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        WizardState().settings({"port": "0"})

    assert caught.value.findings[0].evidence.startswith("port:")
