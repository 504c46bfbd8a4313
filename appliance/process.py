"""The one place that runs other programs."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.errors import ApplianceError


class CommandError(ApplianceError):
    """A program that we depend on could not be run or reported failure."""

    code = "ANX-ENG-90"
    title = "A helper program failed"
    meaning = "The step that needed this program was not carried out."
    remedy = "Read the program's own words in the evidence, then run the step again."


def run(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    timeout_s: float = 1800,
) -> bytes:
    """Run a program and return what it printed on standard output.

    Raises:
        CommandError: it is missing, failed, or took longer than `timeout_s`; the evidence
            holds its last lines, never its arguments' values beyond the program name.
    """
    try:
        done = subprocess.run(
            list(command),
            input=stdin,
            capture_output=True,
            env=None if environment is None else dict(environment),
            cwd=directory,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandError(f"{command[0]} is not installed on this machine") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"{command[0]} took more than {timeout_s:.0f} s") from error
    if done.returncode:
        tail = (done.stderr or done.stdout).decode(errors="replace").strip()[-2000:]
        raise CommandError(
            f"{command[0]} ended with status {done.returncode}", evidence=tail
        )
    return done.stdout
