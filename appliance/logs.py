"""Logs of the serving programs: one JSON object a line, ids, durations and codes only.

`event` writes the fields it is given and nothing else. Libraries may warn, but their messages
are not trusted to be free of speech: only the logger's name, the place and the type of the
exception are written, never the text and never a traceback with values.
"""

import datetime as dt
import json
import logging
import sys
from typing import Final

from typing_extensions import override

_OURS: Final = "anechoic"
_FIELDS: Final = "anechoic_fields"


def event(
    logger: logging.Logger, name: str, **fields: str | float | bool | None
) -> None:
    """Log that something happened; `name` is a short dotted word such as `job.done`."""
    logger.info(name, extra={_FIELDS: fields})


def trouble(
    logger: logging.Logger, name: str, **fields: str | float | bool | None
) -> None:
    """Log something that an operator should look at."""
    logger.warning(name, extra={_FIELDS: fields})


def logger_for(part: str) -> logging.Logger:
    """Give the logger of one of our own parts."""
    return logging.getLogger(f"{_OURS}.{part}")


class JsonLines(logging.Formatter):
    """Formats our own records with their fields and foreign ones without their words."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _instant(record.created),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        if record.name.startswith(f"{_OURS}."):
            line["event"] = record.getMessage()
            line.update(getattr(record, _FIELDS, {}))
        else:
            line["event"] = "library.message"
            line["place"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str) -> None:
    """Send every record of the process to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level)


def _instant(seconds: float) -> str:
    moment = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
