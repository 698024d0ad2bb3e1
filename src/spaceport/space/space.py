"""`Space`: the object that an author adds functions to, and launches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from spaceport.api.theme import NO_THEME, Theme
from spaceport.engine import Policy
from spaceport.space.callables import endpoint_name, name_of
from spaceport.space.components import Component, get_component
from spaceport.space.data_urls import image_uri
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.space.ignored import warn_ignored
from spaceport.space.peer_schemas import peer_schema
from spaceport.space.signature import description as described
from spaceport.space.signature import read
from spaceport.wire.documents import ComponentEntry

F = TypeVar("F", bound=Callable[..., Any])
Given = str | Component | type[Component]
_VISIBILITIES = ("public", "undocumented", "private")
DEFAULT = "default"


class Space:
    """A set of endpoints that are served together.

    >>> space = Space(title="Greeter")
    >>> @space.api
    ... def greet(name: str) -> str:
    ...     return f"Hello {name}!"
    """

    def __init__(self, title: str = "Spaceport", description: str | None = None, *, mode: str = "blocks") -> None:
        self.title = title
        self.description = description
        self.mode = mode
        self.look = NO_THEME
        self.endpoints: list[SpaceEndpoint] = []
        self._ids: dict[int, tuple[int, Component]] = {}

    def api(
        self,
        fn: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        inputs: Given | Sequence[Given] | None = None,
        outputs: Given | Sequence[Given] | None = None,
        concurrency_limit: int | str | None = DEFAULT,
        concurrency_id: str | None = None,
        queue: bool = True,
        batch: bool = False,
        max_batch_size: int = 4,
        visibility: str = "public",
        time_limit: float | None = None,
        retries: int = 0,
        on_disconnect: str | None = None,
        validator: Callable[..., Any] | None = None,
        examples: Sequence[Any] = (),
        cache_examples: bool = False,
    ) -> Any:
        """Publish a function as an endpoint; usable as a decorator, with or without options.

        Its name, parameters, types, defaults and description come from the signature and the docstring; `inputs` and
        `outputs` give components instead. `concurrency_limit`: calls that run at once (default 1; None: no limit),
        shared by endpoints with the same `concurrency_id`. `queue=False`: calls start at once, without limits. `batch`:
        the function gets lists with the values of up to `max_batch_size` calls. `time_limit`: seconds. `retries`: how
        often a call runs again if it fails by anything but `Error`, or its process dies. `on_disconnect`: "keep" or
        "cancel" a call that nobody watches any more. `examples`: rows of values for the inputs; `cache_examples` runs
        them at start and keeps their results.
        Raises `TypeError` or `ValueError` for a function or option that cannot be served.
        """
        if fn is None:

            def decorate(function: F) -> F:
                self._add(function, options)
                return function

            options = {key: value for key, value in locals().items() if key not in ("self", "fn", "decorate")}
            return decorate
        options = {key: value for key, value in locals().items() if key not in ("self", "fn")}
        self._add(fn, options)
        return fn

    def _add(self, fn: Callable[..., Any], options: dict[str, Any]) -> None:
        if options["visibility"] not in _VISIBILITIES:
            raise ValueError(f"visibility must be one of {', '.join(_VISIBILITIES)}, not {options['visibility']!r}.")
        if options["on_disconnect"] not in (None, "keep", "cancel"):
            raise ValueError("on_disconnect must be 'keep' or 'cancel'.")
        signature = read(fn, _components(options["inputs"]), _components(options["outputs"]), batch=options["batch"])
        if options["batch"] and signature.generator:
            raise ValueError(f"{name_of(fn)}: a generator cannot be batched.")
        name = self._free_name(options["name"] or endpoint_name(fn))
        limit = 1 if options["concurrency_limit"] == DEFAULT else options["concurrency_limit"]
        queue = options["queue"]
        policy = Policy(
            name,
            options["concurrency_id"] or f"fn:{name}" if queue else f"now:{name}",
            limit if queue else None,
            options["max_batch_size"] if options["batch"] else 1,
            options["time_limit"],
            options["retries"],
        )
        text = options["description"]
        self.endpoints.append(
            SpaceEndpoint(
                index=len(self.endpoints),
                name=name,
                description=described(fn) if text is None else text,
                fn=fn,
                signature=signature,
                policy=policy,
                visibility=options["visibility"],
                queue=queue,
                on_disconnect=options["on_disconnect"],
                validator=options["validator"],
                examples=options["examples"],
                cache_examples=options["cache_examples"],
                ids=self._id_of,
            )
        )

    def _free_name(self, wanted: str) -> str:
        taken = {endpoint.name for endpoint in self.endpoints}
        name, number = wanted, 0
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def _id_of(self, component: Component) -> int:
        known = self._ids.get(id(component))
        if known is None:
            known = self._ids[id(component)] = (len(self._ids) + 1, component)
        return known[0]

    @property
    def components(self) -> list[ComponentEntry]:
        """The components of all endpoints, for `/config`."""
        return [_entry(number, component) for number, component in self._ids.values()]

    @property
    def stateful(self) -> bool:
        return any(component.skip_api for _, component in self._ids.values())

    def asgi(self, **options: Any) -> Any:
        """The Space as an ASGI app, to mount into FastAPI or Starlette. Options: those of `launch` without addresses.

        Its engine starts with the first request and stops with the lifespan of the app.
        """
        from spaceport.space.app import SpaceApp

        return SpaceApp(self, **options)

    def launch(self, **options: Any) -> Any:
        """Serve the Space; blocks in a script. See `spaceport.space.launcher.launch` for the options."""
        from spaceport.space.launcher import launch

        return launch(self, **options)

    def theme(
        self,
        *,
        accent: str | None = None,
        emoji: str = "",
        logo: str | Path | None = None,
        mode: str = "system",
        variables: Mapping[str, str] | None = None,
    ) -> Space:
        """Say how the Space's page looks. Returns the Space.

        `accent`: the colour of buttons and links, as "#e11d48"; texts in it are darkened or lightened until they can be
        read. `emoji`: the page's icon. `logo`: an image file of at most 48 KiB, shown instead of the emoji. `mode`:
        "light" or "dark" for visitors who have not chosen; "system" follows their system. `variables`: CSS variables
        of the page, as `{"--radius": "4px"}`. Raises `ValueError` and `OSError`.
        """
        picture = "" if logo is None else image_uri(Path(logo))
        self.look = Theme(accent, emoji, picture, mode, dict(variables or {}))
        return self

    def queue(self, max_size: int | None = None, **ignored: Any) -> Space:
        """Gradio's way to set the queue's size; our queue is always on. Returns the Space."""
        warn_ignored("queue", ignored, ["max_size"])
        self.max_size = max_size
        return self

    max_size: int | None = None


def _components(given: Given | Sequence[Given] | None) -> list[Component] | None:
    if given is None:
        return None
    many: Sequence[Any] = given if isinstance(given, (list, tuple)) else [given]
    return [get_component(one) for one in many]


def _entry(number: int, component: Component) -> ComponentEntry:
    props = {"label": component.label, "visible": component.visible, **component.props, **component.describe()}
    entry = ComponentEntry(
        number,
        component.type_name,
        {"name": component.type_name, **{key: value for key, value in props.items() if value is not None}},
        component.skip_api,
    )
    if not component.skip_api:
        schema = peer_schema(component.schema())
        entry.api_info = entry.api_info_as_input = entry.api_info_as_output = schema
        entry.example_inputs = component.example
        if component.default is not None:
            entry.props["value"] = component.default
    return entry
