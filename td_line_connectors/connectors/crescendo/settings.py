"""What may Line via Crescendo be told?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place, When
from td_line_connectors.schema.types import (
    BOOLEAN,
    COUNTRY,
    ENDPOINT,
    SECONDS,
    SECRET,
    TAGS,
    TEXT,
    choice,
    whole_number,
)
from td_line_connectors.secret import Secret

__all__ = ["HOSTS", "PARAMETERS", "CrescendoConfig"]

HOSTS: Final = {"tw": "https://api.cresclab.com", "jp": "https://api.jp.cresclab.com"}
"""MAAC's production hosts by region; Thailand's accounts live on the Taiwanese one (MAAC OpenAPI 1.1.48)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrescendoConfig:
    """The typed settings of one export; each field is the parameter of its name."""

    api_token: Secret = field(repr=False)
    data_object: str
    import_key: str | None
    tags: tuple[str, ...] | None
    segment_name: str | None
    segment_description: str | None
    skip_invalid_records: bool
    update_segment: bool
    region: str
    endpoint: str | None
    phone_region: str | None
    imports_per_minute: int
    poll_interval: float
    request_timeout: float
    task_timeout: float

    @property
    def host(self) -> str:
        """The URL that MAAC's paths are appended to."""
        return self.endpoint or HOSTS[self.region]

    @property
    def local_phone_region(self) -> str:
        """The ISO country whose local form a mobile number may have."""
        return self.phone_region or {"tw": "TW", "jp": "JP"}[self.region]


MEMBERS: Final = When("data_object", "members")
SEGMENTS: Final = When("data_object", "segments")

PARAMETERS: Final = ParameterSchema(
    into=CrescendoConfig,
    parameters=(
        Parameter(
            name="api_token",
            label="Access Token",
            help="The MAAC access token; it lives as long as the contract with Crescendo Lab.",
            type=SECRET,
            required=True,
            place=Place.EITHER,
        ),
        Parameter(
            name="data_object",
            label="Data Object",
            help="What the rows become: `members` (with tags) or a `segments` list.",
            type=choice("members", "segments"),
            required=True,
        ),
        Parameter(
            name="import_key",
            label="Import Key",
            help="The column by which MAAC recognises a member.",
            type=choice("line_uid", "customer_id", "email", "mobile"),
            required=MEMBERS,
            applies=MEMBERS,
        ),
        Parameter(
            name="tags",
            label="Tags",
            help="Tags for every row, beside the row's own; comma-separated, or a YAML list.",
            type=TAGS,
            required=MEMBERS,
            applies=MEMBERS,
        ),
        Parameter(
            name="segment_name",
            label="Segment Name",
            help="The segment's exact name.",
            type=TEXT,
            required=SEGMENTS,
            applies=SEGMENTS,
        ),
        Parameter(
            name="segment_description",
            label="Description",
            help="The segment's description; where none is given, an existing one stays.",
            type=TEXT,
            applies=SEGMENTS,
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
            name="update_segment",
            label="Update Segment",
            help="`true`: an existing custom segment of that name gets the new list. "
            "`false`: it is an error that it exists.",
            type=BOOLEAN,
            default=False,
            applies=SEGMENTS,
        ),
        Parameter(
            name="region",
            label="Region",
            help="Where the MAAC account lives: `tw` (Taiwan and Thailand) or `jp` (Japan).",
            type=choice("tw", "jp"),
            default="tw",
            place=Place.CONNECTION,
            beside="api_token",
        ),
        Parameter(
            name="endpoint",
            label="Endpoint",
            help="Overrides the region's host; https, or http on a loopback address.",
            type=ENDPOINT,
            place=Place.CONNECTION,
            beside="api_token",
        ),
        Parameter(
            name="phone_region",
            label="Phone Region",
            help="The ISO country whose local form mobile numbers may have; "
            "`TW`, or `JP` for region jp, where none is given.",
            type=COUNTRY,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="imports_per_minute",
            label="Imports per Minute",
            help="Member imports in any 60 seconds; MAAC allows 15 for each account.",
            type=whole_number(1, 15),
            default=15,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="poll_interval",
            label="Poll Interval",
            help="Seconds between two questions whether an import is done; MAAC recommends 1.",
            type=SECONDS,
            default=1.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="request_timeout",
            label="Request Timeout",
            help="Seconds that one HTTP call may take.",
            type=SECONDS,
            default=30.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
        Parameter(
            name="task_timeout",
            label="Task Timeout",
            help="Seconds that MAAC may take over one import or segment before the run gives up; it can be resumed.",
            type=SECONDS,
            default=1800.0,
            place=Place.CONNECTION,
            tuning=True,
        ),
    ),
)
