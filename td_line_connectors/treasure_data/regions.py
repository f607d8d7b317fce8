"""Which hosts has Treasure Data, region by region?"""

from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_REGION", "REGIONS", "WEBHOOK_PATH", "Hosts"]

DEFAULT_REGION: Final = "us"

WEBHOOK_PATH: Final = "/v1/task/{source_id}"
"""What follows the host `webhooks`, in every region."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of a region, each as the beginning of a URL.

    Attributes:
        api: jobs, databases, tables (REST v3).
        imports: files of rows (`/v3/table/import_with_id/…`).
        ingestion: single rows (Data Ingestion API).
        workflow: Treasure Workflow.
        webhooks: where Treasure Data itself takes LINE's calls.
    """

    api: str
    imports: str
    ingestion: str
    workflow: str
    webhooks: str


def _hosts(domain: str, ingestion: str) -> Hosts:
    return Hosts(
        api=f"https://api.{domain}",
        imports=f"https://api-import.{domain}",
        ingestion=f"https://{ingestion}.records.in.treasuredata.com",
        workflow=f"https://api-workflow.{domain}",
        webhooks=f"https://line-in-streaming.{domain}",
    )


# Tokyo is `ap01` for the Data Ingestion API and `treasuredata.co.jp` for the others. The webhook hosts of eu01, ap02
# and ap03 are printed nowhere; they follow the pattern of Treasure Data's other streaming connectors.
REGIONS: Final = {
    "us": _hosts("treasuredata.com", "us01"),
    "tokyo": _hosts("treasuredata.co.jp", "ap01"),
    "eu01": _hosts("eu01.treasuredata.com", "eu01"),
    "ap02": _hosts("ap02.treasuredata.com", "ap02"),
    "ap03": _hosts("ap03.treasuredata.com", "ap03"),
}
"""The hosts by the region's name."""
