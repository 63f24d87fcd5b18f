"""``harbortui`` and ``python -m harbortui``."""

from __future__ import annotations

import sys

from harbortui.cli.main import main as run


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
