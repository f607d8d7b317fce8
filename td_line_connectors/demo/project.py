"""The demonstration's project."""

from pathlib import Path
from random import Random

from td_line_connectors.demo.people import COLUMNS, rows
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.rows import Result
from td_line_connectors.secret import Secret
from td_line_connectors.storage.databases import Databases

__all__ = ["WORKFLOW", "make_project"]

WORKFLOW = "campaign.dig"

PROJECT_FILE = """\
state: .td-line
connections:
  crescendo_tw:
    type: line_via_crescendo
    api_token: ${{secret:crescendo.api_token}}
    endpoint: {endpoint}
    poll_interval: 0.2
"""

CAMPAIGN = """\
timezone: Asia/Taipei
_export:
  td:
    database: demo
+members:
  td>: queries/members.sql
  result_connection: crescendo_tw
  result_settings:
    data_object: members
    import_key: line_uid
    tags: demo, import ${session_date_compact}
+segment:
  td>: queries/big_spenders.sql
  result_connection: crescendo_tw
  result_settings:
    data_object: segments
    segment_name: Big spenders
    update_segment: true
"""

QUERIES = {
    "members.sql": "SELECT line_uid, line_display_name, email, mobile, gender, birthday, tags FROM people\n",
    "big_spenders.sql": "SELECT DISTINCT line_uid FROM people WHERE spent > 15000\n",
}


def make_project(folder: Path, endpoint: str, token: Secret) -> Project:
    """Write a project with a table of people and a workflow that sends them.

    Args:
        folder: an empty folder.
        endpoint: MAAC's URL.
        token: its access token.
    """
    (folder / "queries").mkdir()
    (folder / "td-line.yml").write_text(PROJECT_FILE.format(endpoint=endpoint), encoding="utf-8")
    (folder / WORKFLOW).write_text(CAMPAIGN, encoding="utf-8")
    for name, sql in QUERIES.items():
        (folder / "queries" / name).write_text(sql, encoding="utf-8")
    project = read_project(folder, {})
    project.secrets.set("crescendo.api_token", token.reveal())
    databases = Databases(project.state / "databases")
    databases.create("demo")
    databases.create_table("demo", "people")
    databases.import_rows("demo", "people", Result(COLUMNS, rows(Random(7))))  # noqa: S311 - a table, no secret
    return project
