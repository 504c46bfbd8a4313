"""Messages between the application and its screens."""

from textual.message import Message
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import Operation, Status


class OperationSeen(Message):
    """How an operation stands now; a newer one replaces one not yet shown."""

    def __init__(self, operation: Operation | None) -> None:
        super().__init__()
        self.operation = operation

    @override
    def can_replace(self, message: Message) -> bool:
        return isinstance(message, OperationSeen)


class StatusSeen(Message):
    """How the appliance stands now; a newer one replaces one not yet shown."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status

    @override
    def can_replace(self, message: Message) -> bool:
        return isinstance(message, StatusSeen)


class EngineSilent(Message):
    """The engine did not answer; what is on the screen is old."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding

    @override
    def can_replace(self, message: Message) -> bool:
        return isinstance(message, EngineSilent)
