"""Serving: real processes over real Redis, beside the same engine in this process.

Speech is synthesized from fixed seeds. CPU seconds are those of the worker's process; wall
times are compared in turns, call by call, so that other load falls on both sides alike.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import faster_whisper  # type: ignore[import-untyped]
import httpx
import numpy as np
import psutil

from appliance.asr.decode import SAMPLE_RATE, Samples, decode
from appliance.demo_model.evaluate import word_errors
from appliance.demo_model.testsets import seen_voices
from appliance.demo_model.vocabulary import sentences
from appliance.queue import SpeechRequest
from tests.benchmarks.harness import Figure
from tests.support.demo_model import MODEL, engine, spoken, wav_of
from tests.support.redis_server import redis_server
from tests.support.serving import API_KEY
from tests.support.serving_processes import Programs, running_programs

_UTTERANCES = 48
_WORDS_EACH = 8
_TURNS = 150
_SEED = 2027


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken sentence."""

    text: str
    samples: Samples
    wav: bytes

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SAMPLE_RATE


def figures() -> Iterator[Figure]:
    """Measure the worker, the way to it, and the saving of unpadded windows."""
    utterances = _utterances()
    engine().warm_up()
    gc.freeze()  # As the worker does; this process holds far more.
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server() as server,
        running_programs(Path(folder), server) as programs,
    ):
        yield from _worker(programs, utterances)
        yield from _overhead(programs, utterances)
        yield from _requests(programs)
        yield from _long_file(programs, utterances)
        yield from _memory(programs)
    yield from _stock(utterances)


def _utterances() -> list[Utterance]:
    voices = seen_voices()
    made = []
    for at, text in enumerate(sentences(_SEED, _UTTERANCES, _WORDS_EACH)):
        samples = spoken(text, voice=voices[at % len(voices)])
        made.append(Utterance(text, samples, wav_of(samples)))
    return made


def _client(programs: Programs) -> httpx.Client:
    headers = {"authorization": f"Bearer {API_KEY}"}
    return httpx.Client(
        base_url=programs.url, headers=headers, timeout=120, trust_env=False
    )


def _ask(client: httpx.Client, wav: bytes) -> str:
    answer = client.post(
        "/v1/audio/transcriptions",
        files={"file": ("a.wav", wav)},
        data={"model": "whisper-1"},
    )
    answer.raise_for_status()
    text: str = answer.json()["text"]
    return text


def _cpu_s(programs: Programs, name: str) -> float:
    times = psutil.Process(programs.processes[name].pid).cpu_times()
    return float(times.user + times.system)


def _worker(programs: Programs, utterances: Sequence[Utterance]) -> Iterator[Figure]:
    """Send every utterance once, one after another."""
    before_s, began_s = _cpu_s(programs, "asr-1"), time.perf_counter()
    with _client(programs) as client:
        heard = [_ask(client, one.wav) for one in utterances]
    wall_s = time.perf_counter() - began_s
    cpu_s = _cpu_s(programs, "asr-1") - before_s
    audio_s = sum(one.seconds for one in utterances)
    wrong = sum(word_errors(u.text, h) for u, h in zip(utterances, heard, strict=True))
    words = sum(len(one.text.split()) for one in utterances)
    yield Figure("asr.audio", audio_s, "s")
    yield Figure("asr.real_time_factor.wall", wall_s / audio_s, "s/s", "<= 0.5")
    yield Figure("asr.real_time_factor.worker_cpu", cpu_s / audio_s, "CPU s/s")
    yield Figure("asr.word_error_rate", wrong / words, "of words", "<= 0.05")
    yield Figure("asr.word_error_rate.words", words, "words")


def _overhead(programs: Programs, utterances: Sequence[Utterance]) -> Iterator[Figure]:
    """Compare a request with the same decode and inference in this process, in turns."""
    one = min(utterances, key=lambda utterance: utterance.seconds)
    request, model = SpeechRequest("demo"), engine()

    def direct() -> None:
        model.transcribe(decode(one.wav, max_s=60), request, keep_going=lambda: True)

    remote_s, direct_s = [], []
    gateway_s = _cpu_s(programs, "api")
    with _client(programs) as client:
        for _ in range(_TURNS):
            remote_s.append(_wall(lambda: _ask(client, one.wav)))
            direct_s.append(_wall(direct))
    extra_ms = sorted(1000 * (r - d) for r, d in zip(remote_s, direct_s, strict=True))
    yield Figure("asr.overhead.median", statistics.median(extra_ms), "ms", "<= 10")
    yield Figure("asr.overhead.p99", extra_ms[int(0.99 * len(extra_ms))], "ms", "<= 25")
    gateway_s = _cpu_s(programs, "api") - gateway_s
    yield Figure("asr.gateway_cpu", 1000 * gateway_s / _TURNS, "CPU ms/request")
    yield Figure("asr.request.median", 1000 * statistics.median(remote_s), "ms")
    yield Figure("asr.in_process.median", 1000 * statistics.median(direct_s), "ms")


def _long_file(programs: Programs, utterances: Sequence[Utterance]) -> Iterator[Figure]:
    """Send about ten minutes in one upload, and see what the worker needs for it."""
    whole = np.concatenate([one.samples for one in utterances] * 3)
    minutes = len(whole) / SAMPLE_RATE / 60
    with _client(programs) as client:
        wall_s = _wall(lambda: _ask(client, wav_of(whole)))
    yield Figure("asr.long_file.length", minutes, "min")
    yield Figure("asr.long_file.wall", wall_s, "s")


def _requests(programs: Programs) -> Iterator[Figure]:
    """Count health answers on one connection, and requests without speech."""
    silence = wav_of(np.zeros(SAMPLE_RATE, dtype=np.int16))
    with _client(programs) as client:
        health_s = [_wall(lambda: client.get("/health")) for _ in range(200)]
        silent_s = [_wall(lambda: _ask(client, silence)) for _ in range(50)]
    yield Figure("asr.health", 1 / statistics.median(health_s), "requests/s")
    yield Figure("asr.silence", 1 / statistics.median(silent_s), "requests/s")


def _memory(programs: Programs) -> Iterator[Figure]:
    for name in ("api", "asr-1"):
        status = Path(f"/proc/{programs.processes[name].pid}/status").read_text()
        peak_kib = int(status.partition("VmHWM:")[2].split()[0])
        yield Figure(
            f"asr.peak_memory.{name.partition('-')[0]}", peak_kib / 1024, "MiB"
        )


def _stock(utterances: Sequence[Utterance]) -> Iterator[Figure]:
    """Compare CPU with stock faster-whisper on the same model, beam and audio."""
    stock = faster_whisper.WhisperModel(
        str(MODEL), device="cpu", compute_type="int8", cpu_threads=1
    )
    model, request = engine(), SpeechRequest("demo")
    some = utterances[:12]

    def ours() -> None:
        for one in some:
            model.transcribe(one.samples, request, keep_going=lambda: True)

    def theirs() -> None:
        for one in some:
            floats = one.samples.astype(np.float32) / 32768.0
            list(stock.transcribe(floats, language="en", temperature=0.0)[0])

    ratios = [_cpu(ours) / _cpu(theirs) for _ in range(5)]
    yield Figure(
        "asr.cpu_against_stock_faster_whisper",
        statistics.median(ratios),
        "ratio",
        "<= 0.5",
    )


def _wall(call: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    call()
    return time.perf_counter() - began_s


def _cpu(call: Callable[[], object]) -> float:
    began_s = time.process_time()
    call()
    return time.process_time() - began_s
