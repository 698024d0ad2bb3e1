"""Validators: an author's own check of the arguments of a call before it is accepted (gradio-wire §1.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spaceport.errors import InvalidInput, ValidatorFailed


def validate(is_valid: bool, message: str) -> dict[str, Any]:
    """One result of a validator: whether a parameter is valid, and the message for the caller if it is not."""
    return {"__type__": "validate", "is_valid": bool(is_valid), "message": message}


def run_validator(validator: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]) -> None:
    """Raises `InvalidInput` with all results if one is not valid, `ValidatorFailed` if the validator itself fails."""
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
