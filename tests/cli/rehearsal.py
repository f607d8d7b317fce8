"""A project whose MAAC is emulated on this machine."""

from pathlib import Path

from td_line_connectors.testing import MaacEmulator

PROJECT = """\
connections:
  maac:
    type: line_via_crescendo
    api_token: ${{secret:maac.api_token}}
    endpoint: {url}
    poll_interval: 0.01
"""

MEMBERS = """\
_export:
  td:
    database: shop
+members:
  td>:
  query: SELECT line_uid, birthday FROM people
  result_connection: maac
  result_settings:
    data_object: members
    import_key: line_uid
    tags: import210707, apple product interested
"""

SEGMENT = """\
+segment:
  td>:
  query: SELECT line_uid FROM people
  result_connection: maac
  result_settings: '{"data_object": "segments", "segment_name": "VIP"}'
"""


def uid(number: int) -> str:
    return f"U{number:032x}"


def people(number: int) -> str:
    """Give a CSV of so many people; the last one's birthday is no day."""
    lines = [f"{uid(each)},1985-04-{1 + each % 28:02}" for each in range(number - 1)]
    return "\n".join(["line_uid,birthday", *lines, f"{uid(number)},1985"]) + "\n"


def write_project(folder: Path, maac: MaacEmulator) -> None:
    """Write a project with a token and a workflow of two tasks, without a database."""
    (folder / "td-line.yml").write_text(PROJECT.format(url=maac.url))
    (folder / ".td-line").mkdir(mode=0o700)
    (folder / ".td-line" / "secrets.yml").write_text(f"maac.api_token: {maac.token}\n")
    (folder / "campaign.dig").write_text(MEMBERS + SEGMENT)
    (folder / "people.csv").write_text(people(10))
