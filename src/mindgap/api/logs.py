"""The server's own log: one JSON object a line, without personal data.

Messages are fixed words; figures stand in `fields`. Of an error its kind and its place are told, never its
message: those of libraries may quote what a customer sent.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO, cast

import msgspec


class JsonLines(logging.Formatter):
    """Writes records as JSON.

    >>> record = logging.makeLogRecord({"name": "mindgap.api", "msg": "ready", "levelname": "INFO"})
    >>> JsonLines().format(record).partition(",")[2]
    '"level":"info","logger":"mindgap.api","message":"ready"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record as a line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, object] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said.update(cast("dict[str, object]", getattr(record, "fields", {})))
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
            said["frames"] = traceback.format_tb(record.exc_info[2])
        return msgspec.json.encode(said).decode()


def log_as_json(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send everything that is logged to a stream, standard error by default; access logs stay off."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mindgap").setLevel(level)
    for access in ("mindgap.access", "uvicorn.access"):
        logging.getLogger(access).setLevel(logging.WARNING)
