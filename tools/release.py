"""Does the package, as it would be published, install and run? `make release-check`."""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from typing import Final

__all__ = ["build", "interpreters", "names_in"]

ROOT: Final = Path(__file__).parents[1]
VERSIONS: Final = ("3.11", "3.12", "3.13")


def build(folder: Path) -> tuple[Path, Path]:
    """Build the wheel and the sdist without the net, from what is in this folder.

    Args:
        folder: where they go.

    Returns:
        the wheel and the sdist.
    """
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)], ROOT)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def names_in(archive: Path) -> list[str]:
    """Give the files in a wheel, or in an sdist without its outermost folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.namelist()
    with tarfile.open(archive) as sdist:
        return [name.partition("/")[2] for name in sdist.getnames()]


def interpreters() -> list[str]:
    """Give a Python of each version that is there: on the path, or where pyenv keeps them."""
    pyenv = Path.home() / ".pyenv" / "versions"
    found = []
    for version in VERSIONS:
        kept = sorted(pyenv.glob(f"{version}.*/bin/python3"))
        candidates = [*([path] if (path := which(f"python{version}")) else []), *map(str, kept)]
        found += [each for each in candidates if _version(each) == version][:1]
    return found


def check(python: str, wheel: Path) -> str:
    """Install the wheel into an empty environment, run the demonstration from an empty folder, and give its version."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        _run([python, "-m", "venv", str(home / "venv")], home)
        bin_ = home / "venv" / "bin"
        _run([str(bin_ / "pip"), "install", "--quiet", "--disable-pip-version-check", f"{wheel}[serve]"], home)
        (home / "empty").mkdir()
        _run([str(bin_ / "td-line"), "demo", "--json"], home / "empty")
        return _run([str(bin_ / "td-line"), "--version"], home / "empty").strip()


def main() -> None:
    """Build, and check on every interpreter that there is."""
    with tempfile.TemporaryDirectory() as place:
        wheel, sdist = build(Path(place))
        for archive in (wheel, sdist):
            print(f"{archive.name}: {len(names_in(archive))} files, {archive.stat().st_size // 1024} KiB")
        for python in interpreters():
            print(f"{_version(python)}: {check(python, wheel)}: installed, and the demonstration ended well")


def _version(python: str) -> str:
    told = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", told], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
