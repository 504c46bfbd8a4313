import pytest

from installer.tui.face import Face, choose_face, textual_environment

UTF8 = {"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}


def test_a_terminal_emulator_gets_lines_color_and_mouse() -> None:
    assert choose_face(UTF8, "/dev/pts/3") == Face(basic=False, color=True)


@pytest.mark.parametrize("term", ["linux", "vt100", "vt220", "dumb", ""])
def test_a_console_gets_the_basic_face(term: str) -> None:
    face = choose_face(UTF8 | {"TERM": term})

    assert face.basic
    assert not face.mouse
    assert face.theme == "ansi-dark"


@pytest.mark.parametrize("name", ["/dev/ttyS0", "/dev/ttyUSB1", "/dev/hvc0"])
def test_a_serial_line_is_basic_and_slow(name: str) -> None:
    face = choose_face(UTF8, name)

    assert (face.basic, face.serial, face.interval_s) == (True, True, 5)


def test_a_locale_without_utf8_gets_ascii() -> None:
    assert choose_face({"TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"}).basic


def test_no_color_keeps_the_glyphs_and_drops_the_colors() -> None:
    face = choose_face(UTF8 | {"NO_COLOR": ""})

    assert not face.basic
    assert face.theme == "ansi-dark"


@pytest.mark.parametrize(("wish", "basic"), [("basic", True), ("rich", False)])
def test_the_operator_overrules_what_was_found(wish: str, basic: bool) -> None:
    env = UTF8 | {"TERM": "linux" if wish == "rich" else "xterm"}

    assert choose_face(env | {"ANECHOIC_FACE": wish}).basic is basic


def test_the_basic_face_asks_for_no_keyboard_protocol() -> None:
    assert textual_environment(Face(basic=True))["TEXTUAL_DISABLE_KITTY_KEY"] == "1"
    assert "TEXTUAL_DISABLE_KITTY_KEY" not in textual_environment(Face())
