"""What does a run's end mean to the person who started it?"""

import traceback
from pathlib import Path

from td_line_connectors.errors import ConnectorError, TerminatedError
from td_line_connectors.report import ReportedError

__all__ = ["reported"]


def reported(cause: BaseException) -> ReportedError:
    """Give what ended a run as its report shows it.

    An exception that is none of ours is a bug, ours or a plugin's: the report names its type and place, never its
    text, which may hold personal data.
    """
    if isinstance(cause, ConnectorError):
        return cause.reported()
    if isinstance(cause, TerminatedError):
        return ReportedError("signal", "stopped by SIGTERM; what was confirmed stays, the rest can be resumed", 143)
    if isinstance(cause, KeyboardInterrupt):
        return ReportedError("signal", "stopped by Ctrl-C; what was confirmed stays, the rest can be resumed", 130)
    frames = traceback.extract_tb(cause.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return ReportedError(
        "internal", f"an unexpected {type(cause).__name__}{place}; nothing that was confirmed is lost", 1
    )
