"""`limited.py MEMORY FILES COMMAND…`: set these limits (0: none), then become the command."""

import os
import resource
import sys

_KINDS = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE)


def main() -> None:
    for kind, text in zip(_KINDS, sys.argv[1:3], strict=True):
        limit = int(text)
        if limit:
            _, most = resource.getrlimit(kind)
            limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.setrlimit(kind, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execvpe(sys.argv[3], sys.argv[3:], os.environ)  # noqa: S606  no shell


if __name__ == "__main__":
    main()
