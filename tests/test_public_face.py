"""What a host imports: pinned, lazy, and light."""

import json
import subprocess
import sys

import td_line_connectors

LOADED = """
import sys, json
before = set(sys.modules)
import td_line_connectors
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""


def test_the_face_is_sorted_and_every_name_is_there() -> None:
    assert td_line_connectors.__all__ == sorted(td_line_connectors.__all__)
    for name in td_line_connectors.__all__:
        assert getattr(td_line_connectors, name).__name__ == name


def test_the_face_stays_a_function_when_its_module_has_been_imported() -> None:
    import td_line_connectors.engine.export  # noqa: PLC0415 - what this test is about

    assert callable(td_line_connectors.export)


def test_the_version_is_known() -> None:
    assert td_line_connectors.__version__.count(".") == 2  # type: ignore[attr-defined]  # looked up on first use


def test_importing_the_package_loads_the_standard_library_only() -> None:
    code = LOADED.replace("import td_line_connectors\n", "import td_line_connectors\ntd_line_connectors.export\n", 1)

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    names = set(json.loads(done.stdout)) - {"td_line_connectors"}
    assert names <= sys.stdlib_module_names
