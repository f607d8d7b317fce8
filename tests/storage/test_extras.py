import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = """
import sys
from pathlib import Path
sys.modules[{package!r}] = None
from td_line_connectors.errors import ConfigError
{call}
"""
CALLS = {
    "pyarrow": [
        "from td_line_connectors.storage.files import read_file as call; arguments = [Path({parquet!r})]",
        "from td_line_connectors.storage.arrow import read_arrow as call; arguments = [[]]",
    ],
    "duckdb": [
        "from td_line_connectors.storage.duckdb import query_duckdb as call; arguments = [Path('x'), 'SELECT 1']"
    ],
}


@pytest.mark.parametrize(("package", "call"), [(package, call) for package, calls in CALLS.items() for call in calls])
def test_a_missing_extra_is_named(tmp_path: Path, package: str, call: str) -> None:
    parquet = f"{tmp_path}/x.parquet"
    Path(parquet).write_bytes(b"PAR1")
    body = call.format(parquet=parquet) + "\ntry:\n    call(*arguments)\nexcept ConfigError as error:\n    print(error)"
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(package=package, call=body)], capture_output=True, text=True, check=True
    )
    assert ended.stdout == f"{package}: {package} is not installed; install td-line-connectors[duckdb]\n"


def test_storage_loads_the_standard_library_only() -> None:
    code = """
import sys
from pathlib import Path
import td_line_connectors.storage.databases, td_line_connectors.storage.files
import td_line_connectors.storage.arrow, td_line_connectors.storage.duckdb
print([name for name in ("duckdb", "pyarrow", "numpy", "pandas") if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
