"""Which value counts, and may it stand where it stands?

A parameter may be written in the connection, in the settings, or in either; the settings win. A parameter that says
where a token is sent may stand only in the block that holds this token: else whoever writes a workflow could have the
connection's token sent to a host of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.expansion import raw_value
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place, nearest
from td_line_connectors.settings.node import COMMENT, Node
from td_line_connectors.settings.secrets import Secrets
from td_line_connectors.validators import given

__all__ = ["Block", "Judgement", "judge"]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of raw values.

    Attributes:
        node: the mapping, without the keys that are no parameters.
        place: what the block is; `EITHER` for one that is connection and settings at once.
    """

    node: Node
    place: Place

    def find(self, name: str) -> Node | None:
        """Give the node of a parameter that is given here; a blank one is not given."""
        node = self.node.items.get(name)
        return node if node and (node.broken or given(node.plain) is not None) else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the blocks say together.

    Attributes:
        values: parameter → raw value, without those that are wrong.
        issues: everything that is wrong, in the schema's order, unknown keys last.
        warnings: what has no effect, in the same order.
    """

    values: Mapping[str, object] = field(repr=False)
    issues: Sequence[ValidationIssue]
    warnings: Sequence[ValidationIssue]


def judge(schema: ParameterSchema[Any], blocks: Sequence[Block], secrets: Secrets) -> Judgement:
    """Judge blocks, the later ones winning, against the parameters.

    Args:
        schema: the parameters.
        blocks: a connection; a connection and settings; or one that is both. Where settings are lacking, what
            settings may give is not missed.
        secrets: the project's.
    """
    sources: dict[str, Node] = {}
    values: dict[str, object] = {}
    issues: dict[str, list[ValidationIssue]] = {}
    for parameter in schema:
        faults = [*_misplaced(parameter, blocks), *_stranded(parameter, schema, blocks)]
        for block in blocks:
            if source := block.find(parameter.name):
                sources[parameter.name] = source
        if source := sources.get(parameter.name):
            value = raw_value(source, secrets, faults, secret=parameter.type.secret)
            if not faults and not source.is_broken:
                values[parameter.name] = value
        issues[parameter.name] = faults
    reading = schema.read(values)
    for issue in reading.issues:
        if issue.field in values:
            issues[issue.field].append(sources[issue.field].issue(issue.code, issue.message))
        elif issue.field not in sources:
            issues[issue.field].extend(_missing(issue, schema, blocks))
    found = [issue for each in issues.values() for issue in each]
    warnings = [sources[each.field].key_issue(each.code, each.message) for each in reading.warnings]
    reported = {issue.where for issue in found}
    blank = [issue for issue in _commented(schema, blocks) if issue.where not in reported]
    return Judgement(values, [*found, *_unknown(schema, blocks)], [*warnings, *blank])


def _misplaced(parameter: Parameter, blocks: Sequence[Block]) -> Iterator[ValidationIssue]:
    """Say where the parameter stands and must not."""
    secrets = [block for block in blocks if parameter.beside and block.find(parameter.beside)]
    for block in blocks:
        node = block.find(parameter.name)
        if node is None:
            continue
        if parameter.beside:
            forgotten = not secrets and parameter.beside in block.node.items  # it is told at the blank key itself
            if block not in secrets and not forgotten:
                message = (
                    f"may stand only beside {parameter.beside}, in the block that has it: it says where that is sent"
                )
                yield node.key_issue("place", message)
        elif Place.EITHER not in (block.place, parameter.place) and block.place is not parameter.place:
            belongs = (
                "connection, in the project file" if parameter.place is Place.CONNECTION else "settings of an export"
            )
            yield node.key_issue("place", f"cannot stand here: it belongs in the {belongs}")


def _stranded(parameter: Parameter, schema: ParameterSchema[Any], blocks: Sequence[Block]) -> Iterator[ValidationIssue]:
    """Say whether the settings' own token would go where the connection's token goes."""
    if len(blocks) < 2:
        return
    connection, settings = blocks
    own = settings.find(parameter.name)
    if own is None or connection.find(parameter.name) is None:
        return
    beside = [each.name for each in schema if each.beside == parameter.name]
    if stranded := [name for name in beside if connection.find(name) and not settings.find(name)]:
        names = " and ".join(stranded)
        message = (
            f"the connection's {names} {'is' if len(stranded) == 1 else 'are'} for the connection's {parameter.name}: "
            f"write {names} beside this {parameter.name}, or leave this {parameter.name} out"
        )
        yield own.key_issue("place", message)


def _missing(
    issue: ValidationIssue, schema: ParameterSchema[Any], blocks: Sequence[Block]
) -> Iterator[ValidationIssue]:
    """Say that a parameter is missing, at its blank key or else at the block; nothing if it may come later."""
    parameter = next(each for each in schema if each.name == issue.field)
    alone = blocks[-1].place is Place.CONNECTION
    if alone and parameter.place is not Place.CONNECTION:
        return
    for block in reversed(blocks):
        if blank := block.node.items.get(issue.field):
            said = f"is required, and there is {COMMENT}" if blank.commented else issue.message
            yield blank.key_issue(issue.code, said)
            return
    node = blocks[0 if parameter.place is Place.CONNECTION else -1].node
    field_name = ".".join([*map(str, node.path), issue.field])
    yield ValidationIssue(field_name, issue.code, issue.message, where=str(node.key_at or node.at))


def _commented(schema: ParameterSchema[Any], blocks: Sequence[Block]) -> Iterator[ValidationIssue]:
    for parameter in schema:
        for block in blocks:
            node = block.node.items.get(parameter.name)
            if node and node.commented:
                yield node.key_issue("comment", node.blank)


def _unknown(schema: ParameterSchema[Any], blocks: Sequence[Block]) -> Iterator[ValidationIssue]:
    known = [parameter.name for parameter in schema]
    for block in blocks:
        for key, node in block.node.items.items():
            if key not in known:
                yield node.key_issue("unknown", f"is no parameter of this connector.{nearest(key, known)}")
