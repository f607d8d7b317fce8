"""No value can act in a page, or make it look like another."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.cli.markup import document, element

STYLE = "p { color: red }"


class Reader(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def page(text: str) -> str:
    return document(text, STYLE, element("body", element("p", text, title=text)))


@given(
    st.one_of(st.text(), st.sampled_from(["</p><script>alert(1)</script>", '" onclick="x', "&lt;", "<!--", "</style>"]))
)
def test_a_text_stays_a_text_wherever_it_stands(text: str) -> None:
    reader = read(page(text))

    assert reader.tags == ["html", "head", "meta", "meta", "meta", "meta", "title", "style", "body", "p"]
    assert [name for name, _ in reader.attributes][-1:] == ["title"]


def test_what_was_written_is_what_is_read() -> None:
    text = "<b> & \"quotes\" 'single' 王小明"
    reader = read(page(text))

    assert (reader.texts.count(text), reader.attributes[-1]) == (2, ("title", text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", r"a\x1b[31mb"), ("a\u202eb", r"a\u202eb"), ("a\nb", r"a\nb"), ("\ud800", r"\ud800")],
)
def test_what_would_command_or_mislead_is_a_visible_escape(text: str, shown: str) -> None:
    assert shown in read(page(text)).texts


def policy(html: str) -> Sequence[str]:
    [found] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    return unescape(found).split("; ")


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    html = page("x")
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert policy(html) == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_the_policy_stands_before_everything_that_it_is_for() -> None:
    html = page("x")

    assert html.index("Content-Security-Policy") < html.index("<title>") < html.index("<style>")
