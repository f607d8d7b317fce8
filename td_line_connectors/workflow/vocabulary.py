"""Which words may stand in a workflow file?"""

from collections.abc import Iterable
from typing import Final

from td_line_connectors.schema.parameters import nearest

__all__ = ["JOB_KEYS", "OPERATORS", "QUERY_KEYS", "TD_KEYS", "TOP_KEYS", "unknown_key"]

OPERATORS: Final = ("td>", "td_result_export>")
TOP_KEYS: Final = ("timezone", "schedule", "_export")
TARGET_KEYS: Final = ("result_connection", "result_settings")
QUERY_KEYS: Final = ("td>", "query", "database", "engine", "connection", *TARGET_KEYS, "_export")
JOB_KEYS: Final = ("td_result_export>", "job_id", "connection", *TARGET_KEYS, "_export")
TD_KEYS: Final = ("database", "engine", "connection", *TARGET_KEYS)
"""What `_export: td:` may give to every task below it."""

# fmt: off
OTHER_OPERATORS: Final = frozenset(
    (
        "bq>", "bq_ddl>", "bq_extract>", "bq_load>", "call>", "copy_files>", "databricks>", "echo>", "ecs_task>",
        "embulk>", "emr>", "fail>", "for_each>", "for_range>", "gcs_wait>", "http>", "http_call>", "if>", "loop>",
        "mail>", "param_get>", "param_set>", "pg>", "py>", "rb>", "redshift>", "redshift_load>", "redshift_unload>",
        "require>", "s3_copy>", "s3_delete>", "s3_move>", "s3_touch>", "s3_wait>", "sh>", "snowflake>", "td_ddl>",
        "td_for_each>", "td_load>", "td_partial_delete>", "td_run>", "td_table_export>", "td_wait>", "td_wait_table>",
        "wait>",
    )
)
"""Operators of the workflow engine that we follow and do not have."""

OTHER_KEYS: Final = frozenset(
    (
        "!include", "_after", "_background", "_check", "_command", "_do", "_else_do", "_env", "_error", "_parallel",
        "_retry", "_secrets", "_type", "create_table", "data", "download_file", "endpoint", "engine_version",
        "hive_engine_version", "hive_pool_name", "insert_into", "job_retry", "meta", "params", "presto_pool_name",
        "preview", "priority", "project_id", "result_url", "sla", "store_last_results", "use_ssl",
    )
)
"""Its directives and options that we do not have."""
# fmt: on

INSTEAD: Final = {
    "data": ": write the SQL as `query:`",
    "result_url": ": name a connection of the project as `result_connection:`",
    "td_run>": ": write the SQL as `td>:` or `query:`",
    "_parallel": ": tasks run in order",
    "_retry": ": calls are tried again by themselves, and `td-line resume` goes on with a run",
}


def unknown_key(key: str, known: Iterable[str], place: str) -> str:
    """Say what is wrong with a key that does not belong.

    Args:
        key: as written.
        known: the keys that do.
        place: what it stands in, such as `a td> task`.
    """
    if key in OTHER_OPERATORS or key in OTHER_KEYS:
        operator = " operator" if key.endswith(">") else ""
        return f"«{key}» is a digdag{operator or ' key'} that is not supported here{INSTEAD.get(key, '')}"
    if key.endswith(">"):
        names = " and ".join(OPERATORS)
        return f"«{key}» is no operator.{nearest(key, OPERATORS)} There are {names}."
    listed = [*known]
    return f"is no key of {place}.{nearest(key, listed)} Known: {', '.join(listed)}."
