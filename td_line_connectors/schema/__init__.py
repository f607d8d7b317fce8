"""Parameters and columns, declared once as data."""

from td_line_connectors.schema.columns import Column, RowReader, RowSchema
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place, Reading, When
from td_line_connectors.schema.types import (
    BOOLEAN,
    COUNTRY,
    ENDPOINT,
    SECONDS,
    SECRET,
    SECRETS,
    TAGS,
    TEXT,
    ParameterType,
    choice,
    whole_number,
)

__all__ = [
    "BOOLEAN",
    "COUNTRY",
    "ENDPOINT",
    "SECONDS",
    "SECRET",
    "SECRETS",
    "TAGS",
    "TEXT",
    "Column",
    "Parameter",
    "ParameterSchema",
    "ParameterType",
    "Place",
    "Reading",
    "RowReader",
    "RowSchema",
    "When",
    "choice",
    "whole_number",
]
