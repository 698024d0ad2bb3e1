"""Names that a reader may take for each other: `ann-1` and `ann_l`, `Ian` and `lan`, `rn` and `m`.

Names are ASCII (hub/names.py), so that a few pairs of it are all there is of Unicode's list of confusables (UTS 39).
"""

from __future__ import annotations

_AS_WRITTEN = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "o", "_": "-", ".": "-"})


def skeleton(name: str) -> str:
    """Two names with the same skeleton look alike."""
    written = name.translate(_AS_WRITTEN).replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return written.lower()
