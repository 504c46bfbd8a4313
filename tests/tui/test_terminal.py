"""The program on a real pseudo terminal: signals, codes, colors, its end."""

import re
import signal
import termios

import pytest

from tests.support.pseudo_terminal import PseudoTerminal

pytestmark = pytest.mark.long

PROGRAM = "tests.support.tui_program"
RICH = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
SERIAL = {"TERM": "vt220", "LANG": "C", "NO_COLOR": "1"}
CONSOLE = {"TERM": "linux", "LANG": "C.UTF-8"}
LEFT = b"\x1b[?1049l"
MOUSE_ON, MOUSE_OFF = b"\x1b[?1003h", b"\x1b[?1003l"
READY = b"Nothing is installed"
COLORED = re.compile(rb"\x1b\[(\d+;)*(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;\d+)*m")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_and_restores_the_terminal(
    number: signal.Signals,
) -> None:
    with PseudoTerminal(PROGRAM, env=RICH) as terminal:
        terminal.read_until(READY)
        terminal.send(number)

        assert terminal.wait() == 128 + number
        assert LEFT in terminal.output
        assert MOUSE_OFF in terminal.output
        assert termios.tcgetattr(terminal.fd)[3] == terminal.modes_before


def test_a_lost_connection_ends_the_program() -> None:
    with PseudoTerminal(PROGRAM, "13", env=RICH) as terminal:
        terminal.read_until(b"of 17 steps")
        terminal.hang_up()

        terminal.wait()


def test_leaving_says_that_the_work_goes_on() -> None:
    with PseudoTerminal(PROGRAM, "13", env=RICH) as terminal:
        terminal.read_until(b"of 17 steps")
        terminal.press(b"q")

        assert terminal.wait() == 0
        after = terminal.output.rpartition(LEFT)[2]
        assert b"goes on in the engine" in after


def test_a_console_gets_16_colors_and_no_mouse_codes() -> None:
    with PseudoTerminal(PROGRAM, env=CONSOLE) as terminal:
        terminal.read_until(READY)
        terminal.press(b"q")
        terminal.wait()

        assert MOUSE_ON not in terminal.output
        assert b"\x1b[>" not in terminal.output
        assert re.search(rb"[34]8;[25];", terminal.output) is None
        assert re.sub(rb"\x1b\[[^a-zA-Z]*[a-zA-Z]", b"", terminal.output).isascii()


def test_no_color_draws_no_color() -> None:
    with PseudoTerminal(PROGRAM, env={**RICH, "NO_COLOR": "1"}) as terminal:
        terminal.read_until(READY)
        terminal.press(b"q")
        terminal.wait()

        assert (
            re.search(rb"\x1b\[[0-9;]*(3[0-7]|4[0-7]|[34]8;)", terminal.output) is None
        )


def test_a_license_is_renewed_on_a_serial_console_by_keys_alone() -> None:
    """Without color, without UTF-8, scanner in hand: 80x24, `TERM=vt220`."""
    with PseudoTerminal(PROGRAM, "installed", env=SERIAL) as terminal:
        terminal.read_until(b"Restarts")
        terminal.press(b"l")
        terminal.read_until(b"Full service")
        terminal.press(b"n")
        terminal.read_until(b"It comes as")
        terminal.press(b"\x1b[C\x1b[B")
        terminal.read_until(b"Put the text here")
        terminal.press(b"ANX:6BFOX\r")
        terminal.read_until(b"the vendor's answer")
        terminal.press(b"\r")
        terminal.read_until(b"Installed and in force")
        terminal.press(b"q")

        assert terminal.wait() == 0
        plain = re.sub(rb"\x1b\[[^a-zA-Z]*[a-zA-Z]", b"", terminal.output)
        assert plain.isascii()
        assert COLORED.search(terminal.output) is None


def test_a_console_draws_the_code_in_16_colors() -> None:
    with PseudoTerminal(PROGRAM, "installed", env=CONSOLE) as terminal:
        terminal.read_until(b"Restarts")
        terminal.press(b"l")
        terminal.read_until(b"Full service")
        terminal.press(b"w")
        terminal.read_until("▀▄".encode())
        terminal.press(b"q")
        terminal.wait()

        assert re.search(rb"\x1b\[[0-9;]*30;107", terminal.output)
        assert re.search(rb"[34]8;[25];", terminal.output) is None


def test_ctrl_z_is_refused() -> None:
    with PseudoTerminal(PROGRAM, env=RICH) as terminal:
        terminal.read_until(READY)
        terminal.press(b"\x1a")
        terminal.read_until(b"does not stop with")
        terminal.press(b"q")

        assert terminal.wait() == 0
