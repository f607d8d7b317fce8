"""How is the site built? Sphinx, with Furo's theme: alive, and nothing in it comes from the net.

MkDocs has had no release since 2024, Material for MkDocs is in its last months, and its successor is young. Sphinx
also checks every link between pages and every anchor, and ends with an error where one leads nowhere.
"""

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from td_line_connectors.version import VERSION

project = "td_line_connectors"
release = version = VERSION
html_title = f"td-line {VERSION}"
html_theme = "furo"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"source_edit_link": "", "source_view_link": ""}
extensions = ["myst_parser"]
myst_heading_anchors = 4  # links to headings work as they do where the pages are read as plain Markdown
nitpicky = True
smartquotes = False  # quotes are written as they are meant


def setup(app: Sphinx) -> None:
    """Name the languages that Pygments does not know."""
    app.add_lexer("crontab", TextLexer)
