"""The door of msgpack: rows as Treasure Data imports them."""

from collections.abc import Callable, Mapping

from td_line_connectors.errors import ConfigError

__all__ = ["record_packer", "require_msgpack"]


def record_packer() -> Callable[[Mapping[str, object]], bytes]:
    """Give what writes a row down as a msgpack map.

    Raises:
        ConfigError: msgpack is not installed.
    """
    require_msgpack()
    import msgpack  # noqa: PLC0415 - an extra, loaded on first use

    pack: Callable[[Mapping[str, object]], bytes] = msgpack.Packer().pack
    return pack


def require_msgpack() -> None:
    """Do nothing if rows can be packed.

    Raises:
        ConfigError: msgpack is not installed.
    """
    try:
        import msgpack  # noqa: F401, PLC0415 - an extra, loaded on first use
    except ImportError as error:
        rule = "the writer `import` needs msgpack: pip install 'td-line-connectors[td]'"
        raise ConfigError.of("writer", "extra", rule) from error
