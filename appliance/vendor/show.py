"""What the vendor's program shows: errors, sizes, one line of progress."""

import sys
import time
from types import TracebackType
from typing import Final, Self

_EVERY_S: Final = 0.2


def show_error(error: Exception) -> None:
    """Print code, title, what happened, what it means and what to do, on stderr."""
    lines = [
        f"{getattr(error, 'code', 'ANX-ENG-00')}  {getattr(error, 'title', '')}",
        f"  what   {error}",
        f"  means  {getattr(error, 'meaning', '')}",
        f"  do     {getattr(error, 'remedy', '')}",
    ]
    evidence = str(getattr(error, "evidence", "") or "")
    lines += [f"  | {line}" for line in evidence.splitlines()]
    sys.stderr.write("\n".join(lines) + "\n")


def size_text(size_bytes: float) -> str:
    """Return a size for people, in units of 1000."""
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:  # noqa: PLR2004  the unit's own factor
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"


class ProgressLine:
    """One line that is rewritten on a terminal; on a pipe only its end is printed."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._last_s = 0.0
        self._shown = False

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """Show progress, at most five times a second."""
        now_s = time.monotonic()
        if not sys.stderr.isatty() or now_s - self._last_s < _EVERY_S:
            return
        self._last_s, self._shown = now_s, True
        text = f"{self._label} {size_text(done_bytes)} of {size_text(total_bytes)}"
        sys.stderr.write(f"\r{text:<60}")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the line."""
        if self._shown:
            sys.stderr.write("\n")
