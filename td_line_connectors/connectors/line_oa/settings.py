"""What may LINE OA Streaming be told?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place
from td_line_connectors.schema.types import ENDPOINT, SECRET, SECRETS, choice
from td_line_connectors.secret import Secret

__all__ = ["PARAMETERS", "LineOaConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOaConfig:
    """The typed settings of one connection; each field is the parameter of its name."""

    channel_secret: tuple[Secret, ...] = field(repr=False)
    td_api_key: Secret | None = field(repr=False)
    region: str
    ingest_endpoint: str | None
    import_endpoint: str | None


PARAMETERS: Final = ParameterSchema(
    into=LineOaConfig,
    parameters=(
        Parameter(
            name="channel_secret",
            label="Channel Secret Key",
            help="The channel secret of the LINE Official Account; a list while one is being replaced, "
            "or where LINE signs some calls with a Switcher Secret.",
            type=SECRETS,
            required=True,
            place=Place.CONNECTION,
        ),
        Parameter(
            name="td_api_key",
            label="TD API Key",
            help="A write-only key of Treasure Data; needed only by sources whose datastore is Plazma.",
            type=SECRET,
            place=Place.CONNECTION,
        ),
        Parameter(
            name="region",
            label="Region",
            help="Where the Treasure Data account lives.",
            type=choice("us", "tokyo", "eu01", "ap02", "ap03"),
            default="us",
            place=Place.CONNECTION,
            beside="td_api_key",
        ),
        Parameter(
            name="ingest_endpoint",
            label="Ingest Endpoint",
            help="Overrides the region's host for the writer `ingest`; https, or http on a loopback address.",
            type=ENDPOINT,
            place=Place.CONNECTION,
            beside="td_api_key",
        ),
        Parameter(
            name="import_endpoint",
            label="Import Endpoint",
            help="Overrides the region's host for the writer `import`; https, or http on a loopback address.",
            type=ENDPOINT,
            place=Place.CONNECTION,
            beside="td_api_key",
        ),
    ),
)
