"""``python -m mixlib.federation.evaluate``: the same command as ``mixlib evaluate``."""

import sys

from mixlib.federation.evaluation import evaluate

if __name__ == "__main__":
    from mixlib.cli import main

    sys.exit(main(["evaluate", *sys.argv[1:]]))

# Importing this file binds its name in the package, where it is documented to be the function.
sys.modules[__name__] = evaluate
