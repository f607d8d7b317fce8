"""What a page writes into a project's file or a workflow is taken by `td-line check`."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from td_line_connectors.cli import main
from td_line_connectors.project.project import KEYS
from td_line_connectors.settings.secrets import environment_variable
from tests.docs.pages import DOCS, Fence, fences

CONNECTION = "  {name}:\n    type: line_via_crescendo\n    api_token: ${{secret:token}}\n"
TREASURE_DATA = "  td:\n    type: treasure_data\n    api_key: ${secret:token}\n"
TASK = "\n+members:\n  td>:\n  query: SELECT 1 AS line_uid\n  database: shop\n"


def found(value: Any, key: str) -> list[str]:
    """Give every text below `key`, however deep."""
    if isinstance(value, list):
        return [text for each in value for text in found(each, key)]
    if not isinstance(value, dict):
        return []
    here = [value[key]] if isinstance(value.get(key), str) else []
    return here + [text for each in value.values() for text in found(each, key)]


def write_around(workflow: str, folder: Path) -> str:
    """Write the project that a workflow needs: its connections, databases and queries. Give the workflow, whole."""
    read = yaml.safe_load(workflow)
    names = dict.fromkeys(found(read, "result_connection"))
    blocks = "".join(CONNECTION.format(name=name) for name in names)
    if {"presto", "trino", "hive"} & {*found(read, "engine")}:
        blocks += TREASURE_DATA
    (folder / "td-line.yml").write_text(f"connections:\n{blocks}" if blocks else "state: .td-line\n")
    for database in dict.fromkeys(["shop", *found(read, "database")]):
        assert main(["db", "create", database]) == 0
    for query in found(read, "td>"):
        (folder / query).parent.mkdir(parents=True, exist_ok=True)
        (folder / query).write_text("SELECT 'U' AS line_uid")
    return workflow if any(key.startswith("+") for key in read) else workflow + TASK


HERE = [fence for fence in fences("yaml") if fence.page.name != "write_a_connector.md"]  # its test makes the connector
OURS = [fence for fence in HERE if "groups" not in yaml.safe_load(fence.text)]
ALERTS = [fence for fence in HERE if fence not in OURS]


@pytest.mark.parametrize("fence", OURS, ids=str)
def test_yaml_is_taken_by_check(
    fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment_variable("token"), "emulated-token")
    for key in re.findall(r"\$\{secret:([^}]+)\}", fence.text):
        monkeypatch.setenv(environment_variable(key), "0123456789abcdef0123456789abcdef")
    if set(yaml.safe_load(fence.text)) <= set(KEYS):
        (tmp_path / "td-line.yml").write_text(fence.text)
    else:
        (tmp_path / "members.dig").write_text(write_around(fence.text, tmp_path))

    code = main(["check"])

    assert code == 0, capsys.readouterr().err


@pytest.mark.parametrize("fence", ALERTS, ids=str)
def test_an_alert_watches_figures_that_there_are(fence: Fence) -> None:
    known = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
    rules = [rule for group in yaml.safe_load(fence.text)["groups"] for rule in group["rules"]]

    assert rules
    for rule in rules:
        names = re.findall(r"td_line_[a-z_]+", rule["expr"])
        assert names
        assert [name for name in names if f"`{name}`" not in known] == [], rule
