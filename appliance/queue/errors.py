"""Errors of the work queue."""

from typing import ClassVar

from appliance.errors import ApplianceError


class QueueError(ApplianceError):
    """The queue cannot be used now."""

    code: ClassVar[str] = "ANX-API-50"
    title: ClassVar[str] = "The work queue cannot be reached"
    meaning: ClassVar[str] = "New audio is refused until the queue answers again."
    remedy: ClassVar[str] = "Check that the redis container is running and healthy."
