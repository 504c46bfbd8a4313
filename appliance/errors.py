"""The base of every error that the appliance package raises."""

from typing import ClassVar


class ApplianceError(Exception):
    """Something the operator must know: what happened, what it means, what to do.

    The message says what happened, with expected and found. Children set the rest. Nothing
    secret and no speech may enter a message or the evidence.
    """

    code: ClassVar[str] = "ANX-ENG-00"
    title: ClassVar[str] = "The appliance could not do this"
    meaning: ClassVar[str] = "The step did not finish; nothing else was changed."
    remedy: ClassVar[str] = "Read the evidence, mend the cause and try again."

    def __init__(self, message: str, *, evidence: str = "") -> None:
        """Keep the message and what was observed, such as a program's own words."""
        super().__init__(message)
        self.evidence = evidence
