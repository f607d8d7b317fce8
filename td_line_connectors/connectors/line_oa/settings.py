"""What may LINE OA Streaming be told?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place
from td_line_connectors.schema.types import SECRETS
from td_line_connectors.secret import Secret
from td_line_connectors.treasure_data.account import IMPORT_ENDPOINT, INGEST_ENDPOINT, REGION, write_key

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
        write_key(required=False),
        REGION,
        INGEST_ENDPOINT,
        IMPORT_ENDPOINT,
    ),
)
