"""Reads the inputs and outputs of an endpoint from the signature of its function."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Union

from spaceport.space.annotations import component_of
from spaceport.space.callables import doc_of, hints_of, is_asynchronous, is_generator, name_of, signature_of
from spaceport.space.components.api import Api
from spaceport.space.components.base import Component
from spaceport.space.progress import Progress
from spaceport.space.request import EventData, Header, OAuthToken, Request

_SPECIAL: dict[Any, str] = {
    Request: "request",
    Progress: "progress",
    EventData: "event_data",
    Header: "header",
    OAuthToken: "oauth_token",
}
_RESERVED = frozenset({"api_name", "fn_index", "result_callbacks"})
_STREAMS = (abc.Iterator, abc.Iterable, abc.Generator, abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator)
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of the function. `kind`: "input", or what the server fills in; `name`: what callers use."""

    kind: str
    name: str
    python_name: str
    component: Component | None = None
    none_default: bool = False
    """Whether its Python default is None, which makes it optional (gradio-wire §5)."""
    tracks_tqdm: bool = False
    keyword: bool = False
    """Passed by its Python name."""


@dataclass(frozen=True, slots=True)
class Signature:
    arguments: list[Argument]
    outputs: list[Component]
    generator: bool
    asynchronous: bool


def read(
    fn: Callable[..., Any],
    inputs: Sequence[Component] | None,
    outputs: Sequence[Component] | None,
    *,
    batch: bool = False,
) -> Signature:
    """The signature of `fn`, from the given components, else from its annotations.

    In a batch function `list[str]` means one text for each call.
    Raises `TypeError` for a parameter without component and annotation, and for more components than parameters.
    """
    name = name_of(fn)
    hints = hints_of(fn)
    if batch:
        hints = {parameter: _item(hint) for parameter, hint in hints.items()}
    given = list(inputs) if inputs is not None else None
    arguments: list[Argument] = []
    position = 0
    gap = False  # a parameter was left out: those after it are passed by name
    for parameter in signature_of(fn).parameters.values():
        hint = hints.get(parameter.name, parameter.annotation)
        special = _special(parameter, hint)
        if parameter.kind is parameter.VAR_POSITIONAL:
            while given is not None and position < len(given):
                arguments.append(Argument("input", f"param_{position}", "*", given[position]))
                position += 1
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if special is not None:
            argument = special
        elif given is not None and position < len(given):
            argument = _with_component(parameter, position, given[position])
            position += 1
        elif given is None:
            argument = _from_hint(name, parameter, hint, position)
            position += 1
        elif parameter.default is parameter.empty:
            raise TypeError(f"{name}: there is no input component for the parameter {parameter.name!r}.")
        else:
            gap = True
            continue
        by_name = gap or parameter.kind is parameter.KEYWORD_ONLY
        if by_name and parameter.kind is parameter.POSITIONAL_ONLY:
            raise TypeError(
                f"{name}: the positional-only parameter {parameter.name!r} comes after one without an input component."
            )
        arguments.append(replace(argument, keyword=by_name))
    if given is not None and position < len(given):
        raise TypeError(f"{name} takes {position} inputs, but {len(given)} components are given.")
    generator = is_generator(fn)
    shown = list(outputs) if outputs is not None else _outputs(hints.get("return", _MISSING), generator)
    return Signature(arguments, shown, generator, is_asynchronous(fn))


_MISSING = object()


def input_parameters(fn: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that callers fill in: all but `Request`, `Progress` and their like, and `**kwargs`."""
    hints = hints_of(fn)
    return [
        parameter
        for parameter in signature_of(fn).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
        and _special(parameter, hints.get(parameter.name, parameter.annotation)) is None
    ]


def _item(hint: Any) -> Any:
    """The type of one call's value, where a batch function has a list of them."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, abc.Sequence) and len(members) == 1:
        return members[0]
    if origin is tuple and Ellipsis not in members:
        return tuple[tuple(_item(one) for one in members)]  # type: ignore[misc]
    return hint


def _special(parameter: inspect.Parameter, hint: Any) -> Argument | None:
    if isinstance(parameter.default, Progress):
        tracks = parameter.default.track_tqdm
        return Argument("progress", parameter.name, parameter.name, tracks_tqdm=tracks)
    members = typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)
    for member in members:
        if isinstance(member, type):
            for kind, word in _SPECIAL.items():
                if issubclass(member, kind):
                    return Argument(word, parameter.name, parameter.name)
    return None


def _with_component(parameter: inspect.Parameter, position: int, component: Component) -> Argument:
    name = f"param_{position}" if parameter.name in _RESERVED else parameter.name
    return Argument("input", name, parameter.name, component, none_default=parameter.default is None)


def _from_hint(fn: str, parameter: inspect.Parameter, hint: Any, position: int) -> Argument:
    if hint is parameter.empty:
        raise TypeError(f"{fn}: the parameter {parameter.name!r} needs a type, like `{parameter.name}: str`.")
    has_default = parameter.default is not parameter.empty
    default = parameter.default if has_default else None
    component = None
    if typing.get_origin(hint) is Annotated:
        base, *extras = typing.get_args(hint)
        component = next((extra for extra in extras if isinstance(extra, Component)), None)
        if component is None:
            component = next((e() for e in extras if isinstance(e, type) and issubclass(e, Component)), None)
        if component is not None and default is not None:
            component.value = default
        hint = base if component is None else hint
    if component is None:
        component = component_of(hint)
        if component is not None:
            component.label, component.value = parameter.name, default
    if component is None:
        component = Api(hint, default, has_value=has_default, label=_ordinal(position + 1))
    name = f"param_{position}" if parameter.name in _RESERVED else parameter.name
    return Argument("input", name, parameter.name, component, none_default=has_default and default is None)


def _outputs(hint: Any, generator: bool) -> list[Component]:
    if generator and typing.get_origin(hint) in _STREAMS:
        args = typing.get_args(hint)
        hint = args[0] if args else Any
    if hint is None or hint is type(None):
        return []
    if hint is _MISSING:
        hint = Any
    if typing.get_origin(hint) is Annotated:
        base, *extras = typing.get_args(hint)
        component = next((extra for extra in extras if isinstance(extra, Component)), None)
        if component is not None:
            return [component]
        hint = base
    if typing.get_origin(hint) is tuple and Ellipsis not in typing.get_args(hint):
        return [_output(one, index) for index, one in enumerate(typing.get_args(hint), 1)]
    return [_output(hint, 1)]


def _output(hint: Any, position: int) -> Component:
    if typing.get_origin(hint) is Annotated:
        for extra in typing.get_args(hint)[1:]:
            if isinstance(extra, Component):
                return extra
    return component_of(hint) or Api(hint, label=_ordinal(position))


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 < number % 100 < 14 else _ORDINALS.get(number % 10, 'th')}"


def description(fn: Callable[..., Any]) -> str:
    """The docstring of the function up to its Args or Returns section."""
    text = doc_of(fn)
    return re.split(r"\n\s*(?:Args|Arguments|Parameters|Returns|Yields|Raises)\s*:?\s*\n", "\n" + text)[0].strip()
