"""What does YAML's complaint mean?"""

import re
from typing import Final

from td_line_connectors.settings.shapes import EXPORT_SHAPE

__all__ = ["plain_words", "tag_message"]

NO_KEY: Final = (
    "a key where none can be: the line is indented deeper than the key above it, which has a value already; "
    "or a text holds «: » and needs quotes"
)
BACKSLASH: Final = "in double quotes a backslash is written \\\\, in single quotes as it is"
NEXT_LINE: Final = "text right after | or >: begin it on the next line, or put it in quotes"
NO_NAME: Final = "a key is missing before the colon"
NO_TAG: Final = "a tag (!…) is not read here: a text that begins with ! needs quotes"

PLAIN_WORDS: Final = (
    ("mapping values are not allowed", NO_KEY),
    ("could not find expected ':'", "a line without a colon: write `key: value`, or quote a text of several lines"),
    (r"'\t' that cannot start any token", "a tab: YAML is indented with spaces only"),
    ("cannot start any token", "a text cannot begin with this character: put it in quotes"),
    ("found unexpected end of stream", "a quotation mark is opened and never closed"),
    ("but got '<stream end>'", "a bracket is opened and never closed"),
    ("expected ',' or", "a comma or closing bracket is missing: a text with brackets in it needs quotes"),
    ("but found ':'", NO_NAME),
    ("expected the node content", "a value is missing, or a text begins with a sign of YAML's own: put it in quotes"),
    ("<block end>", "a line whose indentation fits none of the lines above, or text after a closing quotation mark"),
    ("unknown escape character", f"an unknown escape: {BACKSLASH}"),
    ("escape sequence", f"an incomplete escape: {BACKSLASH}"),
    ("chomping or indentation", NEXT_LINE),
    ("a comment or a line break", NEXT_LINE),
    ("sequence entries are not allowed", "a list item (-) right after the colon: begin it on the next line"),
    ("undefined tag handle", NO_TAG),
    ("expected URI", NO_TAG),
    (
        "expected alphabetic or numeric",
        "an anchor (&) or alias (*) without a name: quote a text that begins with & or *",
    ),
    ("<document start>", "text after the end of the document (...)"),
    ("incompatible YAML", "this YAML version is not known: leave the %YAML line out"),
)
"""A part of the parser's complaint, and what to tell a person. The first match counts."""

SCALAR_THEN_DEEPER: Final = re.compile(
    r"^(?P<indent> *)result_connection *: *(?!\#)[^\s{\[|>][^\n]*\n(?:\s*\n)*(?P=indent) +[\w.-]+ *:", re.MULTILINE
)
"""The product page's layout: a connection's name with the settings right below it, indented deeper."""

STANDARD_TAGS: Final = frozenset({"bool", "binary", "float", "int", "map", "null", "seq", "set", "str", "timestamp"})


def plain_words(problem: str, text: str) -> str:
    """Put the parser's complaint about `text` in plain words.

    Args:
        problem: what the parser said.
        text: the whole file.

    Returns:
        a sentence that repeats nothing of the file.
    """
    said = next((words for part, words in PLAIN_WORDS if part in problem), None)
    if said == NO_KEY and SCALAR_THEN_DEEPER.search(text):
        return (
            "this is the product page's layout, which is no YAML: `result_connection: name` has a value already, so "
            f"nothing can be indented below it. The settings have a key of their own:\n{EXPORT_SHAPE}"
        )
    return said or f"this is not YAML: {problem}"


def tag_message(tag: str) -> str:
    """Say why a tag is refused. Only well-known names are shown: others may be an unquoted secret."""
    if tag == "!include":
        return "!include is not supported here: write the tasks in this file"
    name = tag.removeprefix("tag:yaml.org,2002:")
    if name in STANDARD_TAGS:
        return f"the tag !!{name} is not read here: leave it out, every parameter knows its own type"
    if name.startswith("python/"):
        return "the tag !!python/… is not read here: it would run code"
    return NO_TAG
