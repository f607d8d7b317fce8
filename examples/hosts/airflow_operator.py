"""An Airflow operator: rows in, every one accounted for in the task's XCom.

What time may cure is raised as it is, and Airflow tries the task again; what a person must mend is not tried again.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from td_line_connectors import ConfigError, Row, RunFailedError, Runtime, default_registry, export


class LineExportOperator(BaseOperator):
    """Exports rows through an output connector.

    Args:
        rows: gives the rows when the task runs: mappings, or anything with `__arrow_c_stream__`.
        connector: the plugin's name.
        settings: parameter → value, without the secret.
        secret: the parameter that is the secret.
        connection: the Airflow connection whose password the secret is.
        runtime: the outside world; its `work_folder` keeps the rejects.
        arguments: Airflow's own.
    """

    template_fields = ("settings",)

    def __init__(
        self,
        *,
        rows: Callable[[], Iterable[Row]],
        connector: str,
        settings: Mapping[str, object],
        secret: str,
        connection: str,
        runtime: Runtime | None = None,
        **arguments: Any,  # noqa: ANN401 - Airflow's own
    ) -> None:
        super().__init__(**arguments)
        self.rows = rows
        self.connector = connector
        self.settings = settings
        self.secret = secret
        self.connection = connection
        self.runtime = runtime

    def execute(self, context: object) -> dict[str, object]:
        """Export, and give the report.

        Raises:
            AirflowFailException: the settings, the query or the account must be mended.
            RunFailedError: the far side could not be reached; the next try may succeed.
        """
        del context
        runtime = self.runtime or Runtime()
        settings = {**self.settings, self.secret: BaseHook.get_connection(self.connection).password}
        try:
            plugin = default_registry().output(self.connector)
            with closing(plugin.connect(settings, runtime)) as connector:
                return dict(export(self.rows(), connector, runtime).to_json())
        except ConfigError as error:
            raise AirflowFailException(str(error)) from error
        except RunFailedError as error:
            if error.report.first_error and error.report.first_error.kind == "unreachable":
                raise
            raise AirflowFailException(str(error)) from error
