"""What a component is: one value's schema, its way from the wire to the function, and back.

A component is one file in this folder; `spaceport.<ClassName>` finds it by its file name. Rules for the values:
gradio.md §15. `from_wire` is called before a call is accepted, so what it refuses never becomes a job.
"""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.errors import ValueRejected
from spaceport.wire.filedata import mark_files


class Component:
    """Base of all components. Arguments common to all have Gradio's names."""

    skip_api: ClassVar[bool] = False
    """Whether it takes a place in `data` but is not shown to callers (State)."""
    files: ClassVar[bool] = False
    """Whether its values have files in them: only then does `from_wire` see any, as `LocalFile` or `RemoteFile`."""

    def __init__(
        self,
        value: Any = None,
        *,
        label: str | None = None,
        info: str | None = None,
        visible: bool = True,
        **props: Any,
    ) -> None:
        """`value` is the initial value, and so the parameter's default; `props` are kept for the page."""
        self.value = value
        self.label = label
        self.info = info
        self.visible = visible
        self.props = props

    @property
    def example(self) -> Any:
        """A wire value to show callers."""
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
        """The wire value that an omitted argument takes, or None: it must be given."""
        return None if self.value is None else self.to_wire(self.value() if callable(self.value) else self.value)

    def schema(self) -> dict[str, Any]:
        """JSON schema of the wire value."""
        raise NotImplementedError

    def from_wire(self, value: Any) -> Any:
        """The function's argument. Raises `ValueRejected`."""
        return value

    def mark_files(self, value: Any) -> Any:
        """The wire value with every file in it as a complete `FileData`; called where `files` is set."""
        return mark_files(value)

    def load(self, value: Any) -> Any:
        """The function's argument from what `from_wire` gave: the slow part, in a thread, when the call runs.

        Every file is local then. Raises `ValueRejected`.
        """
        return value

    def to_wire(self, value: Any) -> Any:
        """What a returned value looks like on the wire. Raises `ValueRejected` for one it cannot show."""
        return value

    def describe(self) -> dict[str, Any]:
        """Further `props` of `/config`."""
        return {}


def text(value: Any, what: str) -> str | None:
    """A text argument: strings as they are, numbers and booleans as text, null as None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return str(value)
    raise ValueRejected(f"{what} takes text, not {json_name(value)}.", "string_type")


def number(value: Any, what: str) -> int | float:
    """A number argument: numbers, and text that is one. Raises `ValueRejected` for anything else, booleans included."""
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
    """What a JSON value is, for an error text."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "an array", dict: "an object"}
    return names.get(type(value), type(value).__name__)
