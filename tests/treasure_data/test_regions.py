"""Every region has its hosts, and each of them can be overridden."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.secret import Secret
from td_line_connectors.treasure_data.account import ACCOUNT
from td_line_connectors.treasure_data.regions import DEFAULT_REGION, REGIONS, WEBHOOK_PATH

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "treasure_data.md"
KEY = {"td_api_key": Secret("1/made-up")}


@pytest.mark.parametrize(
    ("region", "api", "imports", "ingestion"),
    [
        ("us", "api.treasuredata.com", "api-import.treasuredata.com", "us01.records.in.treasuredata.com"),
        ("tokyo", "api.treasuredata.co.jp", "api-import.treasuredata.co.jp", "ap01.records.in.treasuredata.com"),
        ("eu01", "api.eu01.treasuredata.com", "api-import.eu01.treasuredata.com", "eu01.records.in.treasuredata.com"),
        ("ap02", "api.ap02.treasuredata.com", "api-import.ap02.treasuredata.com", "ap02.records.in.treasuredata.com"),
        ("ap03", "api.ap03.treasuredata.com", "api-import.ap03.treasuredata.com", "ap03.records.in.treasuredata.com"),
    ],
)
def test_a_region_has_its_hosts(region: str, api: str, imports: str, ingestion: str) -> None:
    hosts = REGIONS[region]
    assert (hosts.api, hosts.imports, hosts.ingestion) == tuple(f"https://{host}" for host in (api, imports, ingestion))


def test_the_product_pages_own_webhook_urls_are_among_them() -> None:
    urls = {region: hosts.webhooks + WEBHOOK_PATH for region, hosts in REGIONS.items()}
    assert urls["us"] == "https://line-in-streaming.treasuredata.com/v1/task/{source_id}"
    assert urls["tokyo"] == "https://line-in-streaming.treasuredata.co.jp/v1/task/{source_id}"


def test_no_two_regions_share_a_host() -> None:
    hosts = [host for each in REGIONS.values() for host in (each.api, each.imports, each.ingestion, each.workflow)]
    assert len(set(hosts)) == len(hosts) == 4 * len(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_the_page_shows_every_host(region: str) -> None:
    page, hosts = PAGE.read_text(encoding="utf-8"), REGIONS[region]
    for url in (hosts.api, hosts.imports, hosts.ingestion, hosts.workflow, hosts.webhooks):
        assert urlsplit(url).netloc in page


def test_the_usual_region_is_the_first() -> None:
    account = ACCOUNT.parse(KEY)
    assert account.region == DEFAULT_REGION == "us"
    assert (account.host("ingest"), account.host("import")) == (REGIONS["us"].ingestion, REGIONS["us"].imports)


@pytest.mark.parametrize(
    ("writer", "parameter"), [("ingest", "ingest_endpoint"), ("import", "import_endpoint")], ids=["ingest", "import"]
)
def test_an_endpoint_overrides_one_host_and_no_other(writer: str, parameter: str) -> None:
    account = ACCOUNT.parse({**KEY, "region": "tokyo", parameter: "http://127.0.0.1:8081"})
    hosts = {"ingest": REGIONS["tokyo"].ingestion, "import": REGIONS["tokyo"].imports}
    assert {each: account.host(each) for each in hosts} == {**hosts, writer: "http://127.0.0.1:8081"}


@pytest.mark.parametrize("settings", [{}, {**KEY, "region": "mars"}, {**KEY, "ingest_endpoint": "http://example.com"}])
def test_an_account_without_key_or_with_a_host_in_the_clear_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        ACCOUNT.parse(settings)


def test_an_account_does_not_print_its_key() -> None:
    assert "made-up" not in repr(ACCOUNT.parse(KEY))
