"""numpy arrays as plain annotations: `np.ndarray` or `NDArray[np.float32]`, nested lists of numbers on the wire."""

from __future__ import annotations

import types
import typing
from typing import Any, Union

from spaceport.space.errors import ValueRejected
from spaceport.wire.json import decode, encode

_NUMBERS = "biuf"


class ArrayAdapter:
    """Converts nested lists to an array of `dtype` (None: the dtype that numpy chooses) and back."""

    def __init__(self, dtype: Any, *, optional: bool) -> None:
        self._dtype, self._optional = dtype, optional

    def schema(self) -> dict[str, Any]:
        lists: dict[str, Any] = {"type": "array", "items": {}}
        return {"oneOf": [{"type": "null"}, lists]} if self._optional else lists

    def load(self, value: Any) -> Any:
        """Raises `ValueRejected` if the value is not an array of numbers, or `dtype` cannot hold one of them."""
        import numpy as np

        if value is None and self._optional:
            return None
        if not isinstance(value, list):
            raise ValueRejected(
                "Expected an array of numbers: nested lists, all of one length at each level.", "list_type"
            )
        try:
            array = np.array(value)
        except ValueError:
            array = np.array(None)
        if array.dtype.kind not in _NUMBERS:
            raise ValueRejected(
                "Expected an array of numbers: nested lists, all of one length at each level.", "list_type"
            )
        if self._dtype is None or array.dtype == self._dtype:
            return array
        if array.size and np.dtype(self._dtype).kind in "iu" and not _fits(array, self._dtype):
            raise ValueRejected(f"Expected numbers that {np.dtype(self._dtype).name} can hold.", "value_error")
        return array.astype(self._dtype)

    def dump(self, value: Any) -> Any:
        return decode(encode(value))


def array_adapter(annotation: Any) -> ArrayAdapter | None:
    """The adapter for an annotation of a numpy array; None for any other. Does not import numpy."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        members = [one for one in typing.get_args(annotation) if one is not type(None)]
        if len(members) != 1 or (found := array_adapter(members[0])) is None:
            return None
        return ArrayAdapter(found._dtype, optional=True)
    kind = typing.get_origin(annotation) or annotation
    if not (isinstance(kind, type) and kind.__module__ == "numpy" and kind.__name__ == "ndarray"):
        return None
    arguments = typing.get_args(annotation)
    scalars = typing.get_args(arguments[1]) if len(arguments) == 2 else ()
    dtype = scalars[0] if scalars and isinstance(scalars[0], type) else None
    return ArrayAdapter(dtype, optional=False)


def _fits(array: Any, dtype: Any) -> bool:
    """Whether converting to the integer type `dtype` loses nothing."""
    import numpy as np

    limits = np.iinfo(dtype)
    whole = bool(np.all(array == np.floor(array))) if array.dtype.kind == "f" else True
    return whole and float(array.min()) >= limits.min and float(array.max()) <= limits.max
