"""Turn an upload into samples, within bounds, whatever the upload is.

Only a list of plain containers is opened: playlists and manifests, which make FFmpeg open other
files or addresses, are not on it, and every attempt to open anything else is refused.
"""

import gc
import io
from collections.abc import Iterator
from typing import Any, Final, NoReturn, TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler

from appliance.asr.errors import JobRefusedError

SAMPLE_RATE: Final = 16_000
Samples: TypeAlias = npt.NDArray[np.int16]

_CONTAINERS: Final = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,gsm,iff,loas,matroska,mov,mp3,"
    "mpeg,mpegts,ogg,rm,tta,voc,w64,wav,wsd,wv,xwma"
)


def decode(upload: bytes, *, max_s: int) -> Samples:
    """Decode and resample an upload.

    Args:
        upload: a whole file in any container of the list.
        max_s: longest audio, in seconds.

    Returns:
        Mono, 16 kHz, shape (n,), int16.

    Raises:
        JobRefusedError: `invalid_audio` when nothing can be decoded, `audio_too_long`.

    Frames that cannot be decoded are skipped, as players do.
    """
    pcm = bytearray()
    limit = max_s * SAMPLE_RATE * 2
    try:
        for samples in _resampled(upload):
            pcm += samples
            if len(pcm) > limit:
                raise JobRefusedError(
                    "audio_too_long", f"the audio is longer than {max_s} s"
                )
    except (av.FFmpegError, _ForbiddenOpenError, ValueError, MemoryError) as error:
        raise JobRefusedError(
            "invalid_audio", "the file cannot be decoded as audio"
        ) from error
    finally:
        # The resampler's frames are freed late otherwise (SYSTRAN/faster-whisper#390).
        gc.collect()
    return np.frombuffer(pcm, dtype=np.int16)


class _ForbiddenOpenError(Exception):
    """A container asked to open something else."""


def _forbid(*_: object, **__: object) -> NoReturn:
    raise _ForbiddenOpenError


def _resampled(upload: bytes) -> Iterator[bytes]:
    """Yield the samples as bytes, a frame at a time."""
    options = {"format_whitelist": _CONTAINERS}
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(
        io.BytesIO(upload),
        mode="r",
        metadata_errors="ignore",
        container_options=options,
        io_open=_forbid,
    ) as container:
        if not container.streams.audio:
            raise JobRefusedError("invalid_audio", "the file holds no audio")
        for frame in _frames(container):
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray().tobytes()


def _frames(container: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the frames that can be decoded, then None, which flushes the resampler."""
    frames = container.decode(audio=0)
    decoded = 0
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            break
        except av.InvalidDataError:
            continue
        decoded += 1
        frame.pts = None  # Broken timestamps must not make gaps.
        yield frame
    if not decoded:
        raise JobRefusedError("invalid_audio", "the file holds no sound")
    yield None
