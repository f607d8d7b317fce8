"""Every page, and every fenced block on it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fenced block, where it stands."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """Its lines, the prompt taken away; only a block of commands has any."""
        assert all(line.startswith("$ ") for line in self.text.splitlines()), f"{self}: output belongs into ```text"
        return [line.removeprefix("$ ") for line in self.text.splitlines()]


def _fences(page: Path) -> list[Fence]:
    text = page.read_text(encoding="utf-8")
    return [
        Fence(page, text[: each.start()].count("\n") + 1, each[2].split(" ")[0], each[3])
        for each in FENCE.finditer(text)
    ]


FENCES = [fence for page in PAGES for fence in _fences(page)]


def fences(*languages: str, page: str = "") -> list[Fence]:
    """Give the blocks in a language, of all pages or of the one whose path ends so."""
    return [each for each in FENCES if each.language in languages and each.page.as_posix().endswith(page)]


def td_line_arguments(command: str) -> list[str] | None:
    """Give what `td-line` is told in a shell's line, without pipes and redirections; None where it is not called."""
    last = command.rsplit(" | ", maxsplit=1)[-1]
    words = shlex.split(last, comments=True)
    plain = [word for word in words if word not in {"2>", "/dev/null"}]
    return plain[1:] if plain and plain[0].endswith("td-line") else None
