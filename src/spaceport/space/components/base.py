"""The base of components: the schema of a value, and its conversion from the wire to the function and back.

Each component is one file in this folder; `spaceport.<ClassName>` finds it by the name of the file. Rules for the
values: gradio-wire §15. `from_wire` runs before a call is accepted, so that a refused value never becomes a job.
"""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.errors import ValueRejected
from spaceport.wire.filedata import mark_files


class Component:
    """Base of all components. Common arguments have the names that they have in Gradio."""

    skip_api: ClassVar[bool] = False
    """Whether callers do not see it, although it has a place in `data` (State)."""
    files: ClassVar[bool] = False
    """Whether its values may hold files, which `from_wire` gets as `LocalFile`, `InlineFile` or `RemoteFile`."""

    def __init__(
        self,
        value: Any = None,
        *,
        label: str | None = None,
        info: str | None = None,
        visible: bool = True,
        **props: Any,
    ) -> None:
        """`value`: the initial value, which is the default of the parameter. `props` are passed on to the page."""
        self.value = value
        self.label = label
        self.info = info
        self.visible = visible
        self.props = props

    @property
    def example(self) -> Any:
        """An example of a wire value, for documents."""
        return None

    @property
    def type_name(self) -> str:
        """The `type` in `/config`."""
        return type(self).__name__.lower()

    @property
    def info_name(self) -> str:
        """The `component` in `/info`: the class name with only its first letter in upper case."""
        return type(self).__name__.capitalize()

    @property
    def default(self) -> Any:
        """The wire value of an omitted argument; None: the argument is required."""
        return None if self.value is None else self.to_wire(self.value() if callable(self.value) else self.value)

    def schema(self) -> dict[str, Any]:
        """JSON schema of the wire value."""
        raise NotImplementedError

    def from_wire(self, value: Any) -> Any:
        """Check a wire value and convert it to the function's argument. Raises `ValueRejected`."""
        return value

    def mark_files(self, value: Any) -> Any:
        """The wire value with every file in it as a complete `FileData`; called where `files` is set."""
        return mark_files(value)

    def load(self, value: Any) -> Any:
        """The slow part of the conversion: runs in a thread when the call runs, on what `from_wire` returned.

        All files are `LocalFile`s then. Raises `ValueRejected`.
        """
        return value

    def to_wire(self, value: Any) -> Any:
        """The wire value of a returned value. Raises `ValueRejected` for a value that it cannot show."""
        return value

    def describe(self) -> dict[str, Any]:
        """More `props` for `/config`."""
        return {}


def text(value: Any, what: str) -> str | None:
    """Convert to text: strings stay, numbers and booleans become text, null becomes None. Raises `ValueRejected`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return str(value)
    raise ValueRejected(f"{what} takes text, not {json_name(value)}.", "string_type")


def number(value: Any, what: str) -> int | float:
    """Convert to a number: from a number, or from text that is one. Raises `ValueRejected`, for booleans too."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        for kind in (int, float):
            try:
                found = kind(value)
            except ValueError:
                continue
            if found - found == 0:  # neither NaN nor infinite
                return found
    raise ValueRejected(f"{what} takes a number, not {json_name(value)}.", "number_type")


def json_name(value: Any) -> str:
    """The kind of a JSON value, for an error text."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "an array", dict: "an object"}
    return names.get(type(value), type(value).__name__)
