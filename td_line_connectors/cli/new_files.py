"""Files, all of them or none."""

from collections.abc import Mapping
from pathlib import Path

from td_line_connectors.errors import StoreError

__all__ = ["write_new"]


def write_new(folder: Path, contents: Mapping[str, str]) -> None:
    """Write files that are not there yet; where one cannot be written, the others go again.

    Args:
        folder: made if it is missing.
        contents: path within the folder → text.

    Raises:
        StoreError: naming the file that could not be written.
    """
    written: list[Path] = []
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise StoreError(f"writing {name}: {error.strerror}") from error
