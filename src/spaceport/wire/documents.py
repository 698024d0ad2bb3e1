"""The documents a client reads before it calls: `/config` and `/info` (gradio-wire §4, §5), and a job's view."""

from __future__ import annotations

from typing import Any

import msgspec

PROTOCOL = "sse_v3"
API_PREFIX = "/gradio_api"
FILE_PREFIX = f"{API_PREFIX}/file="
"""What the path of a stored file follows in its URL."""
# The version of Gradio whose protocol this is; clients compare it with versions that changed the protocol (§4.4).
GRADIO_VERSION = "6.31.0"
FEATURES = (
    "one-request",
    "prefer-wait",
    "idempotency-key",
    "named-arguments",
    "last-event-id",
    "jobs",
    "problem-details",
    "on-disconnect",
    "retries",
    "tus",
    "known-uploads",
    "check",
    "webhooks",
    "messages",
    "calls",
)


class Superset(msgspec.Struct):
    """How a client finds what we add to Gradio's protocol: the field `spaceport` of `/config` and `/info`."""

    v: int = 1
    features: tuple[str, ...] = FEATURES


class ComponentEntry(msgspec.Struct, omit_defaults=True):
    """One component of `/config`. A component that is used in several places has an entry for each of them."""

    id: int
    type: str
    props: dict[str, Any]
    skip_api: bool | msgspec.UnsetType = msgspec.UNSET
    component_class_id: str = ""
    key: msgspec.UnsetType | None = msgspec.UNSET
    api_info: Any = msgspec.UNSET
    api_info_as_input: Any = msgspec.UNSET
    api_info_as_output: Any = msgspec.UNSET
    example_inputs: Any = msgspec.UNSET


class DependencyTypes(msgspec.Struct):
    generator: bool
    cancel: bool = False


class Dependency(msgspec.Struct):
    """One endpoint of `/config`; Gradio's name for it."""

    id: int
    targets: list[Any]
    inputs: list[int]
    outputs: list[int]
    backend_fn: bool
    js: None
    queue: bool
    api_name: str
    api_description: str | None
    scroll_to_output: bool
    show_progress: str
    show_progress_on: None
    batch: bool
    max_batch_size: int
    cancels: list[int]
    types: DependencyTypes
    collects_event_data: bool
    trigger_after: None
    trigger_only_on_success: bool
    trigger_only_on_failure: bool
    trigger_mode: str
    api_visibility: str
    rendered_in: None
    render_id: None
    connection: str
    time_limit: float | None
    stream_every: float
    event_specific_args: list[str]
    component_prop_inputs: list[int]
    js_implementation: None
    validates: bool | msgspec.UnsetType = msgspec.UNSET
    """Our own field: the author's validator checks the arguments before a call is accepted."""
    retries: int | msgspec.UnsetType = msgspec.UNSET
    """Our own field: how often a call that failed may run again."""
    examples: list[list[Any]] | msgspec.UnsetType = msgspec.UNSET
    """Our own field: the author's examples, each a row of arguments."""
    cached_examples: bool | msgspec.UnsetType = msgspec.UNSET
    """Our own field: the results of the examples are kept, so that a call with one is answered at once."""
    thumbnails: list[Any] | msgspec.UnsetType = msgspec.UNSET
    """Our own field: for each of the first examples a small picture of its image, as `FileData`, or null."""


class PythonType(msgspec.Struct):
    type: str
    description: str | None = ""


class Parameter(msgspec.Struct):
    """One parameter of an endpoint in `/info`."""

    label: str
    parameter_name: str
    parameter_has_default: bool
    parameter_default: Any
    type: dict[str, Any]
    python_type: PythonType
    component: str
    example_input: Any
    schema: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Our own field: the whole JSON schema, where `type` omits what Gradio's clients cannot read (recursion)."""

    @property
    def full_schema(self) -> dict[str, Any]:
        return self.type if isinstance(self.schema, msgspec.UnsetType) else self.schema


class Returned(msgspec.Struct):
    """One returned value of an endpoint in `/info`."""

    label: str
    type: dict[str, Any]
    python_type: PythonType
    component: str
    schema: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Our own field, as `Parameter.schema`."""

    @property
    def full_schema(self) -> dict[str, Any]:
        return self.type if isinstance(self.schema, msgspec.UnsetType) else self.schema


class EndpointInfo(msgspec.Struct):
    parameters: list[Parameter]
    returns: list[Returned]
    api_visibility: str
    description: str


class JobView(msgspec.Struct):
    """The answer of `GET jobs/{id}`. Times are seconds since the epoch; `rank` 0 starts next; `eta` is in seconds."""

    id: str
    endpoint: str
    state: str
    rank: int | None
    queue_size: int | None
    eta: float | None
    attempt: int
    progress: list[Any] | None
    accepted_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    last_seq: int
    data: Any = None
    error: dict[str, Any] | None = None
    user: str | msgspec.UnsetType = msgspec.UNSET
