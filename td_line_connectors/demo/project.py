"""The demonstration's project."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from td_line_connectors.demo.people import COLUMNS, rows
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.rows import Result
from td_line_connectors.secret import Secret
from td_line_connectors.storage.databases import Databases

__all__ = ["DATABASE", "EVENTS", "LINE", "RAW", "WORKFLOW", "TreasureData", "make_project"]

WORKFLOW: Final = "campaign.dig"
DATABASE: Final = "demo"
LINE: Final = "line_oa"
RAW: Final = "line_calls"
EVENTS: Final = "line_events"


@dataclass(frozen=True, slots=True)
class TreasureData:
    """A Treasure Data that LINE's events go on to, and that is asked for them.

    Attributes:
        url: of all its hosts.
        api_key: may query.
        write_key: may add rows, and nothing else.
    """

    url: str
    api_key: Secret
    write_key: Secret


PROJECT_FILE = """\
state: .td-line
connections:
  crescendo_tw:
    type: line_via_crescendo
    api_token: ${{secret:crescendo.api_token}}
    endpoint: {endpoint}
    poll_interval: 0.2
  line_oa:
    type: line_oa_streaming
    channel_secret: ${{secret:line.channel_secret}}
"""

TREASURE_DATA = """\
    td_api_key: ${{secret:td.write_key}}
    ingest_endpoint: {url}
  td:
    type: treasure_data
    api_key: ${{secret:td.api_key}}
    endpoint: {url}
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
    tags: demo, import ${{session_date_compact}}
+segment:
  td>: queries/big_spenders.sql
  result_connection: crescendo_tw
  result_settings:
    data_object: segments
    segment_name: Big spenders
    update_segment: true
+friends:
  td>: queries/friends.sql{engine}
  result_connection: crescendo_tw
  result_settings:
    data_object: members
    import_key: line_uid
    tags: line friend
+asked:
  td>: queries/asked.sql{engine}
  result_connection: crescendo_tw
  result_settings:
    data_object: segments
    segment_name: Asked about the sale
"""

QUERIES = {
    "members.sql": "SELECT line_uid, line_display_name, email, mobile, gender, birthday, tags FROM people\n",
    "big_spenders.sql": "SELECT DISTINCT line_uid FROM people WHERE spent > 15000\n",
    "friends.sql": """\
SELECT line_uid FROM (
  SELECT json_extract(event_source, '$.userId') AS line_uid, event_type, max(event_timestamp)
  FROM line_events WHERE event_type IN ('follow', 'unfollow') GROUP BY line_uid
) WHERE event_type = 'follow'
""",
    "asked.sql": """\
SELECT DISTINCT json_extract(event_source, '$.userId') AS line_uid
FROM line_events
WHERE event_type = 'message' AND json_extract(event_source, '$.type') = 'user'
  AND json_extract(event_message, '$.text') LIKE '%sale%'
""",
}


PRESTO_QUERIES = {
    "friends.sql": """\
SELECT line_uid FROM (
  SELECT json_extract_scalar(event_source, '$.userId') AS line_uid,
    max(CASE WHEN event_type = 'follow' THEN event_timestamp END) AS came,
    max(CASE WHEN event_type = 'unfollow' THEN event_timestamp END) AS went
  FROM line_events WHERE event_type IN ('follow', 'unfollow') GROUP BY 1
) WHERE came > coalesce(went, 0)
""",
    "asked.sql": """\
SELECT DISTINCT json_extract_scalar(event_source, '$.userId') AS line_uid
FROM line_events
WHERE event_type = 'message' AND json_extract_scalar(event_source, '$.type') = 'user'
  AND json_extract_scalar(event_message, '$.text') LIKE '%sale%'
""",
}
"""The same questions as Treasure Data's engines understand them."""


def make_project(
    folder: Path, endpoint: str, token: Secret, channel_secret: Secret, treasure_data: TreasureData | None = None
) -> Project:
    """Write a project with a table of people, a connection for LINE, and a workflow that sends people to MAAC.

    Args:
        folder: an empty folder.
        endpoint: MAAC's URL.
        token: its access token.
        channel_secret: what LINE signs with.
        treasure_data: where LINE's events are; None: in the project's own tables.
    """
    (folder / "queries").mkdir()
    there = TREASURE_DATA.format(url=treasure_data.url) if treasure_data else ""
    (folder / "td-line.yml").write_text(PROJECT_FILE.format(endpoint=endpoint) + there, encoding="utf-8")
    engine = "\n  engine: presto" if treasure_data else ""
    (folder / WORKFLOW).write_text(CAMPAIGN.format(engine=engine), encoding="utf-8")
    for name, sql in {**QUERIES, **(PRESTO_QUERIES if treasure_data else {})}.items():
        (folder / "queries" / name).write_text(sql, encoding="utf-8")
    project = read_project(folder, {})
    project.secrets.set("crescendo.api_token", token.reveal())
    project.secrets.set("line.channel_secret", channel_secret.reveal())
    if treasure_data:
        project.secrets.set("td.api_key", treasure_data.api_key.reveal())
        project.secrets.set("td.write_key", treasure_data.write_key.reveal())
    databases = Databases(project.state / "databases")
    databases.create(DATABASE)
    databases.create_table(DATABASE, "people")
    databases.import_rows(DATABASE, "people", Result(COLUMNS, rows(Random(7))))  # noqa: S311 - a table, no secret
    return project
