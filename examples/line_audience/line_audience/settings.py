"""What may a LINE audience be told?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors import validators
from td_line_connectors.schema import (
    BOOLEAN,
    ENDPOINT,
    SECONDS,
    SECRET,
    Parameter,
    ParameterSchema,
    ParameterType,
    Place,
)
from td_line_connectors.spi import Secret

__all__ = ["PARAMETERS", "AudienceConfig"]

LONGEST_NAME: Final = 120
"""Characters of an audience's name (LINE, «Create audience for uploading user IDs (by file)»)."""

_text = validators.text(max_length=LONGEST_NAME)


def _name(value: object) -> str:
    """Validate an audience's name; LINE takes no control character (`AUDIENCE_GROUP_NAME_WRONG`)."""
    name = _text(value)
    if not name.isprintable():
        raise validators.InvalidValueError("characters", "must have no line end or other control character")
    return name


NAME: Final = ParameterType(
    f"text, at most {LONGEST_NAME} characters",
    _name,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceConfig:
    """The typed settings of one export; each field is the parameter of its name."""

    channel_access_token: Secret = field(repr=False)
    audience_name: str
    add_to_existing: bool
    skip_invalid_records: bool
    endpoint: str
    data_endpoint: str
    poll_interval: float
    request_timeout: float
    task_timeout: float


PARAMETERS: Final = ParameterSchema(
    into=AudienceConfig,
    parameters=(
        Parameter(
            name="channel_access_token",
            label="Channel Access Token",
            help="A channel access token of the LINE Official Account's Messaging API channel.",
            type=SECRET,
            required=True,
            place=Place.EITHER,
        ),
        Parameter(
            name="audience_name",
            label="Audience Name",
            help="The audience's name; LINE takes names that differ only in case for the same.",
            type=NAME,
            required=True,
        ),
        Parameter(
            name="add_to_existing",
            label="Add to Existing Audience",
            help="`true`: people are added to an existing audience of that name; LINE takes nobody out of one. "
            "`false`: it is an error that it exists.",
            type=BOOLEAN,
            default=False,
        ),
        Parameter(
            name="skip_invalid_records",
            label="Skip Invalid Records",
            help="`true`: a bad row is set aside with its reasons and the run goes on. "
            "`false`: one bad row ends the run before anything is sent.",
            type=BOOLEAN,
            default=True,
        ),
        Parameter(
            name="endpoint",
            label="Endpoint",
            help="Overrides the host that is asked; https, or http on a loopback address.",
            type=ENDPOINT,
            default="https://api.line.me",
            place=Place.CONNECTION,
            beside="channel_access_token",
        ),
        Parameter(
            name="data_endpoint",
            label="Data Endpoint",
            help="Overrides the host that takes files; https, or http on a loopback address.",
            type=ENDPOINT,
            default="https://api-data.line.me",
            place=Place.CONNECTION,
            beside="channel_access_token",
        ),
        Parameter(
            name="poll_interval",
            label="Poll Interval",
            help="Seconds between two questions whether an upload is done; LINE allows 60 questions a minute.",
            type=SECONDS,
            default=2.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="request_timeout",
            label="Request Timeout",
            help="Seconds that one HTTP call may take; LINE recommends 30 or more.",
            type=SECONDS,
            default=60.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="task_timeout",
            label="Task Timeout",
            help="Seconds that LINE may take over one upload before the run gives up; it can be resumed.",
            type=SECONDS,
            default=1800.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
    ),
)
