"""What does a connector promise? Pytest classes to inherit.

They need nothing but pytest. Inherit one in a test module of yours, under a name that begins with `Test`, and fill in
what its docstring lists; pytest collects the tests that come with it.
"""

import pytest

MODULES = ("declaration", "faults", "inputs", "outputs", "stores")
pytest.register_assert_rewrite(*(f"{__name__}.{each}" for each in MODULES))  # a failed assertion says what it compared

# After that line, which must come before their import:
from td_line_connectors.testing.contracts.inputs import InputContract  # noqa: E402
from td_line_connectors.testing.contracts.outputs import OutputContract  # noqa: E402
from td_line_connectors.testing.contracts.stage import FarSide  # noqa: E402
from td_line_connectors.testing.contracts.stores import StoreContract  # noqa: E402

__all__ = ["FarSide", "InputContract", "OutputContract", "StoreContract"]
