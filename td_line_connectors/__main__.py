"""`python -m td_line_connectors` is `td-line`."""

import sys

from td_line_connectors.cli import main

if __name__ == "__main__":
    sys.exit(main())
