"""``python -m mixlib.cli`` is the command line, as ``python -m mixlib`` is."""

import sys

from mixlib.cli import main

if __name__ == "__main__":
    sys.exit(main())
