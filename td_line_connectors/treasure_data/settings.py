"""What may a connection to Treasure Data be told?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place
from td_line_connectors.schema.types import ENDPOINT, SECRET, choice
from td_line_connectors.secret import Secret
from td_line_connectors.treasure_data.regions import DEFAULT_REGION, REGIONS

__all__ = ["PARAMETERS", "TreasureDataConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasureDataConfig:
    """The typed settings of a connection; each field is the parameter of its name."""

    api_key: Secret = field(repr=False)
    region: str
    endpoint: str | None

    @property
    def host(self) -> str:
        """The URL that the API's paths are appended to."""
        return self.endpoint or REGIONS[self.region].api


PARAMETERS: Final = ParameterSchema(
    into=TreasureDataConfig,
    parameters=(
        Parameter(
            name="api_key",
            label="API Key",
            help="A master key, or another that may query; a write-only key cannot.",
            type=SECRET,
            required=True,
            place=Place.CONNECTION,
        ),
        Parameter(
            name="region",
            label="Region",
            help="Where the Treasure Data account lives.",
            type=choice(*REGIONS),
            default=DEFAULT_REGION,
            place=Place.CONNECTION,
            beside="api_key",
        ),
        Parameter(
            name="endpoint",
            label="Endpoint",
            help="Overrides the region's API host; https, or http on a loopback address.",
            type=ENDPOINT,
            place=Place.CONNECTION,
            beside="api_key",
        ),
    ),
)
