"""Checks the arguments of a call before it is accepted: their names and types, files, and the author's validator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spaceport.api import Caller
from spaceport.errors import InvalidInput, ValidatorFailed, problem
from spaceport.space.call import Call
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import as_text, has_inline
from spaceport.space.files import SpaceFiles
from spaceport.space.parameters import Parameters
from spaceport.store import PinnedFiles


class Validation:
    """The checks of one endpoint. They raise `InvalidInput` with all problems that they find."""

    def __init__(self, parameters: Parameters, validator: Callable[..., Any] | None) -> None:
        self._parameters = parameters
        self._validator = validator
        self._takes_files = any(component.files for component in parameters.components)

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller, files: SpaceFiles | None) -> Call:
        """A call with the Python values of its arguments. One with inline files still needs `check`."""
        wire, problems = self._parameters.align(arguments)
        held = None if files is None else PinnedFiles(files.store)
        call = Call([], wire, caller, held)
        try:
            call.arguments = self._parameters.convert(wire, problems, files, held, caller.user or "")
            _refuse(problems)
            call.inline = self._takes_files and has_inline(call.arguments)
            if not call.inline:
                self._run_validator(call)
        except BaseException:
            call.release()
            raise
        return call

    async def check(self, call: Call, files: SpaceFiles) -> None:
        """Store the files whose content came with the call, and run the author's validator."""
        found = [await self._store_inline(call, place, files) for place in range(len(call.arguments))]
        _refuse([one for one in found if one is not None])
        call.inline = False
        self._run_validator(call)

    async def _store_inline(self, call: Call, place: int, files: SpaceFiles) -> dict[str, Any] | None:
        """Store the files that came with one argument; returns what is wrong with them."""
        value, held = call.arguments[place], call.held
        try:
            call.arguments[place] = await files.bring(value, call.owner, call.payer, held, remote=False)
        except ValueRejected as error:
            return problem(self._parameters.inputs[place].name, error.message, error.kind)
        return None

    def _run_validator(self, call: Call) -> None:
        if self._validator is not None:
            shown = [as_text(call.arguments[place]) for place in self._parameters.shown]
            run_validator(self._validator, shown, self._parameters.names)


def _refuse(problems: list[dict[str, Any]]) -> None:
    """Raise `InvalidInput` if there are problems."""
    if problems:
        raise InvalidInput("; ".join(f"{one['parameter_name']}: {one['message']}" for one in problems), problems)


def validate(is_valid: bool, message: str) -> dict[str, Any]:
    """One result of a validator: whether a parameter is valid, and the message for the caller if it is not."""
    return {"__type__": "validate", "is_valid": bool(is_valid), "message": message}


def run_validator(validator: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> None:
    """Run an author's own check of the arguments (gradio-wire §1.1).

    Raises `InvalidInput` with all results if one is not valid, `ValidatorFailed` if the validator itself fails.
    """
    try:
        results = validator(*arguments)
    except Exception as error:
        raise ValidatorFailed(str(error)) from error
    if isinstance(results, dict) and results.get("__type__") == "validate":
        results = [results]
    found = [one for one in results or () if isinstance(one, dict) and one.get("__type__") == "validate"]
    if all(one["is_valid"] for one in found):
        return
    # Gradio's fields alone: its JavaScript client prints an entry whole
    problems = [{**one, "parameter_name": names[i] if i < len(names) else ""} for i, one in enumerate(found)]
    faults = "; ".join(one["message"] for one in found if not one["is_valid"])
    raise InvalidInput(faults, problems)
