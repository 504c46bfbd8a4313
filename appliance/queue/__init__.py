"""What the gateway and the workers share: the queue, the models, the wire format.

Needs the standard library and redis alone, so both images can hold it.
"""

from appliance.queue.connect import open_queue
from appliance.queue.errors import QueueError
from appliance.queue.model import (
    Claim,
    Failure,
    JobNote,
    Report,
    Segment,
    SpeechRequest,
    Transcript,
    Word,
    Work,
    WorkerNote,
)
from appliance.queue.streams import Delivery, Depth, JobQueue
from appliance.queue.tasks import end_tasks
from appliance.queue.wire import WireError, dumps, loads

__all__ = [
    "Claim",
    "Delivery",
    "Depth",
    "Failure",
    "JobNote",
    "JobQueue",
    "QueueError",
    "Report",
    "Segment",
    "SpeechRequest",
    "Transcript",
    "WireError",
    "Word",
    "Work",
    "WorkerNote",
    "dumps",
    "end_tasks",
    "loads",
    "open_queue",
]
