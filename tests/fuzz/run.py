"""`python -m tests.fuzz.run TARGET SECONDS`: look for inputs that break a target; those found go into its corpus."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["spaceport"]):
    from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    name, seconds = sys.argv[1:3]
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    made = Path("/tmp") / f"spaceport-fuzz-{name}"
    made.mkdir(exist_ok=True)
    options = [f"-max_total_time={seconds}", "-max_len=65536", "-timeout=10", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(made), str(folder)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
