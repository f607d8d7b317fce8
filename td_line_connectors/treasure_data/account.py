"""Whose tables does Treasure Data keep for a source?"""

from dataclasses import dataclass, field
from typing import Final

from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place
from td_line_connectors.schema.types import ENDPOINT, SECRET, choice
from td_line_connectors.secret import Secret
from td_line_connectors.treasure_data.regions import DEFAULT_REGION, REGIONS

__all__ = ["ACCOUNT", "IMPORT_ENDPOINT", "INGEST_ENDPOINT", "REGION", "WRITERS", "WriteAccount", "write_key"]

WRITERS: Final = ("ingest", "import")
"""The ways to write rows to Treasure Data; the first is the usual one."""


def write_key(*, required: bool) -> Parameter:
    """Give the parameter for the key: an input's own connection may do without it."""
    return Parameter(
        name="td_api_key",
        label="TD API Key",
        help="A write-only key of Treasure Data; needed only by sources whose datastore is Plazma.",
        type=SECRET,
        required=required,
        place=Place.CONNECTION,
    )


REGION: Final = Parameter(
    name="region",
    label="Region",
    help="Where the Treasure Data account lives.",
    type=choice(*REGIONS),
    default=DEFAULT_REGION,
    place=Place.CONNECTION,
    beside="td_api_key",
)
INGEST_ENDPOINT: Final = Parameter(
    name="ingest_endpoint",
    label="Ingest Endpoint",
    help="Overrides the region's host for the writer `ingest`; https, or http on a loopback address.",
    type=ENDPOINT,
    place=Place.CONNECTION,
    beside="td_api_key",
)
IMPORT_ENDPOINT: Final = Parameter(
    name="import_endpoint",
    label="Import Endpoint",
    help="Overrides the region's host for the writer `import`; https, or http on a loopback address.",
    type=ENDPOINT,
    place=Place.CONNECTION,
    beside="td_api_key",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAccount:
    """An account that rows are written to; each field is the parameter of its name."""

    td_api_key: Secret = field(repr=False)
    region: str
    ingest_endpoint: str | None
    import_endpoint: str | None

    def host(self, writer: str) -> str:
        """Give the URL that the paths of a writer are appended to."""
        hosts = REGIONS[self.region]
        if writer == "import":
            return self.import_endpoint or hosts.imports
        return self.ingest_endpoint or hosts.ingestion


ACCOUNT: Final = ParameterSchema(
    into=WriteAccount, parameters=(write_key(required=True), REGION, INGEST_ENDPOINT, IMPORT_ENDPOINT)
)
"""What any input's connection must say, among other things, where its source's datastore is Plazma."""
