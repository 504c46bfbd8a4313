"""The usage meter: what the ledger learns of each finished request.

Rules: a request is counted once, when it has ended, and only after its key was known, so that
a stranger cannot write into the ledger. Counting adds numbers in memory and nothing else, and
can neither delay nor fail a request. What nobody has taken is kept, in bounded memory: beyond
the bound rows are joined, sums are never dropped.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.requests import ClientDisconnect

from appliance.api.errors import ApiError, ClientGoneError
from appliance.logs import logger_for, trouble
from appliance.queue import SpeechRequest, Transcript
from appliance.usage_wire import MOST_ROWS, Feature
from offline_license.dates import LATEST_S
from offline_license.usage import Mode, Outcome, UsageRow

_LOG = logger_for("api.usage")
_NO_MODEL: Final = bytes(8)
_NO_FEATURE: Final = Feature(0)
_Key: TypeAlias = tuple[int, bytes, Mode, int, Outcome]


@dataclass(slots=True)
class Tally:
    """What becomes known of one request while it is served.

    Attributes:
        model: 8 bytes of a served model; zeros while none was chosen.
        accepted: whether work was begun: a refusal comes before it, a failure after.
        peak: requests of this mode in flight when this one came, itself included.
    """

    mode: Mode
    peak: int
    model: bytes = _NO_MODEL
    features: Feature = _NO_FEATURE
    accepted: bool = False
    audio_s: float = 0.0
    chars: int = 0

    def accept(self, request: SpeechRequest, model: bytes) -> None:
        """Note that work begins, and on what."""
        self.accepted = True
        self.model = model
        self.features = _features(request)

    def serve(self, transcript: Transcript) -> None:
        """Note how much was transcribed."""
        self.audio_s = transcript.duration_s
        self.chars = len(transcript.text)


class UsageMeter:
    """Adds up finished requests by hour, model, mode, features and outcome.

    Used from one event loop.
    """

    def __init__(
        self, *, wall: Callable[[], float] = time.time, most_rows: int = MOST_ROWS
    ) -> None:
        """Start empty.

        Args:
            wall: the wall clock, seconds UTC.
            most_rows: rows kept apart before they are joined.
        """
        self._wall = wall
        self._most_rows = most_rows
        self._rows: dict[_Key, UsageRow] = {}
        self._in_flight = dict.fromkeys(Mode, 0)
        self.news = asyncio.Event()

    @property
    def requests(self) -> int:
        """How many finished requests have not been taken."""
        return sum(row.requests for row in self._rows.values())

    @contextlib.contextmanager
    def counting(self, mode: Mode) -> Iterator[Tally]:
        """Count the request that is served inside, whatever becomes of it."""
        self._in_flight[mode] += 1
        tally = Tally(mode, peak=self._in_flight[mode])
        outcome = Outcome.FAILED
        try:
            yield tally
            outcome = Outcome.SERVED
        except BaseException as error:
            outcome = _outcome(error, tally)
            raise
        finally:
            self._in_flight[mode] -= 1
            self._note(tally, outcome)

    def take(self) -> tuple[UsageRow, ...]:
        """Hand over every row, and start anew."""
        rows = tuple(self._rows.values())
        self._rows = {}
        self.news.clear()
        return rows

    def _note(self, tally: Tally, outcome: Outcome) -> None:
        """Count a request; a fault of ours must not become one of the request."""
        try:
            self._add(self._row(tally, outcome))
        except Exception as error:  # noqa: BLE001 - counting never fails a request
            trouble(_LOG, "usage.uncounted", kind=type(error).__name__)
        while len(self._rows) > self._most_rows and self._join():
            pass
        self.news.set()

    def _row(self, tally: Tally, outcome: Outcome) -> UsageRow:
        served = outcome is Outcome.SERVED
        return UsageRow(
            hour_s=min(max(0, int(self._wall())), LATEST_S),
            model=tally.model,
            mode=tally.mode,
            features=int(tally.features),
            outcome=outcome,
            requests=1,
            audio_ms=round(tally.audio_s * 1000) if served else 0,
            chars=tally.chars if served else 0,
            peak_streams=tally.peak,
        )

    def _add(self, row: UsageRow) -> None:
        key = (row.hour_s, row.model, row.mode, row.features, row.outcome)
        known = self._rows.get(key)
        self._rows[key] = row if known is None else known + row

    def _join(self) -> bool:
        """Join the oldest hour with the next; in a single hour, forget the features.

        Returns:
            Whether there is more to join.
        """
        rows, self._rows = tuple(self._rows.values()), {}
        oldest, *later = sorted({row.hour_s for row in rows})
        for row in rows:
            if not later:
                self._add(replace(row, features=0))
            elif row.hour_s == oldest:
                self._add(replace(row, hour_s=later[0]))
            else:
                self._add(row)
        return bool(later)


def _features(request: SpeechRequest) -> Feature:
    found = _NO_FEATURE
    if request.word_timestamps:
        found |= Feature.WORD_TIMES
    if request.language is None:
        found |= Feature.LANGUAGE_DETECTION
    if request.prompt is not None:
        found |= Feature.PROMPT
    return found


def _outcome(error: BaseException, tally: Tally) -> Outcome:
    """Sort an end without an answer: the caller's, ours before work, ours after."""
    if isinstance(error, ClientGoneError | ClientDisconnect | asyncio.CancelledError):
        return Outcome.CANCELED
    if isinstance(error, ApiError):
        callers_fault = error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        if callers_fault or not tally.accepted:
            return Outcome.REFUSED
    return Outcome.FAILED
