"""Functions as authors give them: plain ones, methods, `functools.partial`, objects with `__call__`, classes."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable
from typing import Any

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def name_of(fn: Callable[..., Any]) -> str:
    """The function's name; the class's of an object that can be called."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    return getattr(fn, "__name__", None) or type(fn).__name__


def endpoint_name(fn: Callable[..., Any]) -> str:
    """The function's name with only letters, digits, `-` and `_`; `lambda` for a lambda (gradio-wire §2)."""
    return re.sub(r"[^\w-]", "", name_of(fn)) or "unnamed"


def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
    """Raises `TypeError` for what cannot be called, or does not say how."""
    if not callable(fn):
        raise TypeError(f"A function is needed, not {type(fn).__name__}: {str(fn)[:100]}")
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name_of(fn)}: Python does not know its parameters. Wrap it in a function: "
            f"`def call(x: str) -> str: return {name_of(fn)}(x)`."
        ) from None


def hints_of(fn: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of the parameters, and of `return`. Raises `TypeError` for one that cannot be resolved."""
    body = _body(fn)
    if isinstance(body, type):
        body = body.__init__  # type: ignore[misc]
    try:
        found = typing.get_type_hints(body, include_extras=True)
    except NameError as error:
        raise TypeError(f"{name_of(fn)}: the annotation {error.name!r} cannot be resolved.") from None
    except TypeError:
        return {}  # written in C
    if isinstance(_unwrapped(fn), type):
        found["return"] = Any
    return found


def is_generator(fn: Callable[..., Any]) -> bool:
    return inspect.isgeneratorfunction(_body(fn)) or inspect.isasyncgenfunction(_body(fn))


def is_asynchronous(fn: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(_body(fn)) or inspect.isasyncgenfunction(_body(fn))


def doc_of(fn: Callable[..., Any]) -> str:
    """The docstring of the function; of `__call__`, or else the class, of an object that can be called."""
    body = _body(fn)
    text = inspect.getdoc(body)
    if not text and body is not _unwrapped(fn):
        text = inspect.getdoc(type(_unwrapped(fn)))
    return text or ""


def _unwrapped(fn: Callable[..., Any]) -> Any:
    while isinstance(fn, functools.partial):
        fn = fn.func
    return fn


def _body(fn: Callable[..., Any]) -> Any:
    """What runs when it is called: of a partial its function, of an object its `__call__`."""
    fn = _unwrapped(fn)
    if isinstance(fn, (*_FUNCTIONS, type)) or not hasattr(type(fn), "__call__"):  # noqa: B004  of the class
        return fn
    call = type(fn).__call__
    return call if isinstance(call, types.FunctionType) else fn
