"""The process that `spaceport run --reload` restarts: it serves an app on a socket that it inherits."""

from __future__ import annotations

import argparse
import sys

from spaceport.cli.run import run


def main() -> int:
    fd, app, data_dir, durability = sys.argv[1:5]
    arguments = argparse.Namespace(
        app=app,
        reload=False,
        fd=int(fd),
        host=None,
        port=None,
        data_dir=data_dir or None,
        durability=durability or None,
    )
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
