"""The endpoint end to end: real listeners, real Redis, a worker with a fake engine."""

from tests.support.serving import FakeEngine, Stack, wav


async def test_speech_comes_back_as_text(stack: Stack) -> None:
    answer = await stack.transcribe()

    assert answer.status_code == 200
    assert answer.json() == {
        "text": "alpha bravo",
        "usage": {"type": "duration", "seconds": 1.0},
    }
