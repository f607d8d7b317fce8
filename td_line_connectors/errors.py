"""Every deliberate error, sorted by who must act.

    ConnectorError
    ├── ConfigError(issues)            whoever wrote the settings            exit 2
    │   └── UnknownConnectorError      the name is not in the registry
    ├── DataError(issues)              whoever wrote the query               exit 3
    ├── CallError                      whoever called the receiver
    │   ├── SignatureError             not signed as it must be             HTTP 401
    │   ├── PayloadError(raw)          signed, and not what we can read     HTTP 400
    │   └── UnknownSourceError         no source of that id                 HTTP 404
    ├── RemoteError                    the far side
    │   ├── TransientError             it stayed unreachable or busy         exit 4
    │   │   ├── RateLimitedError       it said: too many requests
    │   │   └── TaskTimeoutError       it took longer than we may wait
    │   ├── UncertainError             it may have acted, and did not say    exit 4
    │   └── RefusedError               it said no; do not repeat             exit 5
    ├── StoreError                     our own disk or database              exit 1
    └── RunFailedError(report)         a run ended early; cause in __cause__

    TerminatedError                    a host's handler met SIGTERM; a KeyboardInterrupt

Each error's `args` are its constructor's arguments, so that it survives pickling between a host's workers.
"""

from collections.abc import Sequence
from typing import ClassVar

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import ReportedError, RunReport
from td_line_connectors.rows import Row

__all__ = [
    "CallError",
    "ConfigError",
    "ConnectorError",
    "DataError",
    "PayloadError",
    "RateLimitedError",
    "RefusedError",
    "RemoteError",
    "RunFailedError",
    "SignatureError",
    "StoreError",
    "TaskTimeoutError",
    "TerminatedError",
    "TransientError",
    "UncertainError",
    "UnknownConnectorError",
    "UnknownSourceError",
]


class ConnectorError(Exception):
    """The root: every error this package raises on purpose."""

    kind: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def reported(self) -> ReportedError:
        """Give the error as a report shows it."""
        return ReportedError(self.kind, str(self), self.exit_code)


class _IssuesError(ConnectorError):
    """An error that is a list of issues.

    Args:
        issues: everything that is wrong, in the order a person would mend it; at least one.
    """

    def __init__(self, issues: Sequence[ValidationIssue]) -> None:
        super().__init__(tuple(issues))
        self.issues = tuple(issues)

    def __str__(self) -> str:
        return "\n".join(str(issue) for issue in self.issues)


class ConfigError(_IssuesError):
    """The settings, the project or the workflow must change. Nothing was sent."""

    kind: ClassVar[str] = "config"
    exit_code: ClassVar[int] = 2

    @classmethod
    def of(cls, field: str, code: str, message: str, *, where: str | None = None) -> "ConfigError":
        """Make an error of one issue.

        Args:
            field: the parameter.
            code: a word for programs.
            message: a sentence for people, which never repeats the value.
            where: `file:line:column`, where it came from a file.
        """
        return ConfigError([ValidationIssue(field, code, message, where=where)])


class UnknownConnectorError(ConfigError):
    """No connector of that name is registered."""


class DataError(_IssuesError):
    """The rows must change: a bad row with skipping off, no valid row, a guard, a segment too large or empty."""

    kind: ClassVar[str] = "data"
    exit_code: ClassVar[int] = 3

    @classmethod
    def of(cls, field: str, code: str, message: str, *, row: int | None = None) -> "DataError":
        """Make an error of one issue.

        Args:
            field: the column, or what else is wrong.
            code: a word for programs.
            message: a sentence for people, which never repeats the value.
            row: the row's number, counted from 1, where one is meant.
        """
        return DataError([ValidationIssue(field, code, message, row=row)])


class CallError(ConnectorError):
    """A call to the receiver that cannot be taken. The message says why, and nothing of what was in it."""

    status: ClassVar[int] = 400


class SignatureError(CallError):
    """The call is not signed, or not with a secret of this source: nothing of it is kept."""

    status: ClassVar[int] = 401


class PayloadError(CallError):
    """The call is signed and cannot be taken apart; it is kept as it came.

    Args:
        message: which rule the body breaks.
        raw: the row of the Raw table.
    """

    def __init__(self, message: str, raw: Row) -> None:
        super().__init__(message, raw)
        self.raw = raw

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"  # the row is people's data, and a host's log shows the rest


class UnknownSourceError(CallError):
    """There is no source of that id."""

    status: ClassVar[int] = 404


class RemoteError(ConnectorError):
    """The far side did not do what was asked.

    Args:
        message: what was being done, and what came instead; no token and no answer's text.
    """

    kind: ClassVar[str] = "unreachable"
    exit_code: ClassVar[int] = 4


class TransientError(RemoteError):
    """Try again later: a timeout, a broken line, a 5xx, an answer that is not JSON.

    Args:
        message: what was being done, and what came instead.
        retry_after: seconds the far side asked us to wait; None where it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])


class RateLimitedError(TransientError):
    """Too many requests."""


class TaskTimeoutError(TransientError):
    """The far side accepted the work and has not finished it in the time we may wait."""


class UncertainError(RemoteError):
    """No clear answer to a call that must not simply be repeated: the far side may have acted."""


class RefusedError(RemoteError):
    """The far side said no: another 4xx, a redirect, a failed query. The same call would be refused again.

    Args:
        message: what was refused, and how to mend it.
        status: the HTTP status; None where it was no HTTP answer.
    """

    kind: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 5

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, status)
        self.status = status

    def __str__(self) -> str:
        return str(self.args[0])


class StoreError(ConnectorError):
    """Our own disk or database could not do it; nothing that was stored is lost."""


class RunFailedError(ConnectorError):
    """A run ended early. The report says where every row is; the cause is in `__cause__`.

    Args:
        report: the run's report, complete up to the failure.
    """

    def __init__(self, report: RunReport) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        error = self.report.first_error
        return error.message if error else f"run {self.report.run_id} ended with status {self.report.status}"


class TerminatedError(KeyboardInterrupt):
    """SIGTERM, as a host's signal handler may raise it: it ends a run as Ctrl-C does, with exit code 143."""
