"""The site is built without a warning, holds every page, and fetches nothing from the net."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT

LOADS = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href|srcset)=[\"']([^\"']+)")
ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.\w")
IN_STYLE = re.compile(r"@import|url\(\s*[\"']?(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", "-d"]

    done = subprocess.run(
        [*command, f"{folder}/doctrees", DOCS, f"{folder}/html"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_every_page_is_in_the_site_and_can_be_reached_from_its_first_page(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.rglob("*.md")]

    assert pages
    assert [page for page in pages if page != "index.html" and f'href="{page}"' not in first] == []


def test_no_page_loads_anything_from_the_net(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = LOADS.findall(page.read_text(encoding="utf-8"))
        assert loaded
        assert [each for each in loaded if ADDRESS.match(each)] == [], page


def test_no_style_loads_anything_from_the_net(site: Path) -> None:
    styles = [path for path in site.rglob("*") if path.suffix in {".css", ".svg"}]

    assert styles
    assert [path for path in styles if IN_STYLE.search(path.read_text(encoding="utf-8"))] == []


def test_the_links_of_pages_beside_the_site_lead_somewhere() -> None:
    for page in PAGES:
        if page.is_relative_to(DOCS):
            continue  # building the site checks these, anchors too
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
