"""Which raw value does a node give, its secrets looked up?"""

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.secret import Secret
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.scope import MISPLACED_REFERENCE
from td_line_connectors.settings.secrets import Secrets, environment_variable
from td_line_connectors.settings.template import SecretReference, references

__all__ = ["raw_value"]

OTHER_TEMPLATE = "only `${secret:key}` can stand here: other names are expanded in workflow files alone"


def raw_value(node: Node, secrets: Secrets, issues: list[ValidationIssue], *, secret: bool) -> object:
    """Give a parameter's raw value.

    Args:
        node: as written, with nothing but `${secret:key}` left to expand.
        secrets: the project's.
        issues: where faults are added; none repeats a text.
        secret: whether the parameter is declared secret; elsewhere `${secret:key}` is a fault.

    Returns:
        the plain value; each text of a secret parameter as a `Secret`.
    """
    if not secret:
        for text in node.texts:
            found = list(references(str(text.value)))
            if any(isinstance(each, SecretReference) for each in found):
                issues.append(text.issue("secret", MISPLACED_REFERENCE))
            elif found:
                issues.append(text.issue("template", OTHER_TEMPLATE))
        return node.plain
    if isinstance(node.value, tuple):
        return [raw_value(child, secrets, issues, secret=True) for child in node.value]
    return _secret(node, node.value, secrets, issues) if isinstance(node.value, str) else node.plain


def _secret(node: Node, text: str, secrets: Secrets, issues: list[ValidationIssue]) -> Secret:
    """Put the secrets into a text."""
    pieces: list[str] = []
    end = 0
    for reference in references(text):
        pieces.append(text[end : reference.start])
        end = reference.end
        if isinstance(reference, SecretReference):
            pieces.append(_found(node, reference.key, secrets, issues))
        else:
            issues.append(node.issue("template", OTHER_TEMPLATE))
    return Secret("".join([*pieces, text[end:]]) if pieces else text.strip())


def _found(node: Node, key: str, secrets: Secrets, issues: list[ValidationIssue]) -> str:
    try:
        found = secrets.find(key)
    except ConfigError as error:
        issues.extend(error.issues)
        return ""
    if found is None:
        message = (
            f"there is no secret «{key}»: give it with `td-line secrets set {key}`, "
            f"or in the environment variable {environment_variable(key)}"
        )
        issues.append(node.issue("missing_secret", message))
        return ""
    return found.reveal()
