"""``python -m mixlib`` is the command line."""

import sys

from mixlib.cli import main

if __name__ == "__main__":
    sys.exit(main())
