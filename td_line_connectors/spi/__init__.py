"""What is a connector, and what does the host give it?"""

from td_line_connectors.report import SegmentSummary
from td_line_connectors.rows import Row
from td_line_connectors.secret import Secret
from td_line_connectors.spi.inputs import Delivery, InputConnector, InputPlugin
from td_line_connectors.spi.outcomes import Outcome, Refusal, Ticket
from td_line_connectors.spi.outputs import Checkable, Limits, OutputConnector, OutputPlugin, Preparing
from td_line_connectors.spi.polling import poll
from td_line_connectors.spi.queries import Issued, JobStatus, Query, QueryConnector, QueryPlugin
from td_line_connectors.spi.runtime import Runtime

__all__ = [
    "Checkable",
    "Delivery",
    "InputConnector",
    "InputPlugin",
    "Issued",
    "JobStatus",
    "Limits",
    "Outcome",
    "OutputConnector",
    "OutputPlugin",
    "Preparing",
    "Query",
    "QueryConnector",
    "QueryPlugin",
    "Refusal",
    "Row",
    "Runtime",
    "Secret",
    "SegmentSummary",
    "Ticket",
    "poll",
]
