"""Where did every row end, or where would it?"""

from td_line_connectors.report.plan import MAX_REASONS, PlannedSegment, Reason, TaskPlan
from td_line_connectors.report.rows import RowCounts, RowOutcome
from td_line_connectors.report.run import RunReport, RunStatus
from td_line_connectors.report.task import MAX_ISSUES, ReportedError, SegmentSummary, TaskReport

__all__ = [
    "MAX_ISSUES",
    "MAX_REASONS",
    "PlannedSegment",
    "Reason",
    "ReportedError",
    "RowCounts",
    "RowOutcome",
    "RunReport",
    "RunStatus",
    "SegmentSummary",
    "TaskPlan",
    "TaskReport",
]
