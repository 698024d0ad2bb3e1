"""What `/info` and `/config` say of an endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from spaceport.engine import Policy
from spaceport.snippets.python_type import python_type
from spaceport.space.components.base import Component
from spaceport.space.parameters import Parameters, has_default
from spaceport.space.peer_schemas import peer_schema
from spaceport.wire.documents import Dependency, DependencyTypes, EndpointInfo, Parameter, PythonType, Returned

NumberedComponent = tuple[int, Component]
"""A component with its id in `/config`."""


def endpoint_info(
    parameters: Parameters,
    input_ids: Sequence[int],
    outputs: Sequence[NumberedComponent],
    examples: Sequence[list[Any]],
    visibility: str,
    description: str,
) -> EndpointInfo:
    """The entry of `/info`. `examples`: rows of wire values of the inputs that callers see."""
    shown = []
    for position, place in enumerate(parameters.shown):
        argument, component = parameters.inputs[place], parameters.components[place]
        schema = component.schema()
        readable = peer_schema(schema)
        optional = has_default(argument)
        label = component.label if component.label is not None else f"parameter_{input_ids[place]}"
        kind = PythonType(python_type(schema), schema.get("additional_description", ""))
        row = examples[0] if examples and not component.files else []
        shown.append(
            Parameter(
                label,
                argument.name,
                optional,
                component.default if optional else None,
                readable,
                kind,
                component.info_name,
                row[position] if position < len(row) else component.example,
                msgspec.UNSET if readable == schema else schema,
            )
        )
    returns = []
    for component_id, component in outputs:
        if not component.skip_api:
            schema = component.schema()
            readable = peer_schema(schema)
            label = component.label if component.label is not None else f"value_{component_id}"
            kind = PythonType(python_type(schema), schema.get("description", ""))
            whole = msgspec.UNSET if readable == schema else schema
            returns.append(Returned(label, readable, kind, component.info_name, whole))
    return EndpointInfo(shown, returns, visibility, description)


def dependency(
    *,
    index: int,
    name: str,
    description: str,
    input_ids: list[int],
    output_ids: list[int],
    policy: Policy,
    queue: bool,
    generator: bool,
    visibility: str,
    takes_event_data: bool,
    validates: bool,
    examples: list[list[Any]],
    cached_examples: bool,
    thumbnails: list[Any],
) -> Dependency:
    """The entry of `/config`."""
    return Dependency(
        id=index,
        targets=[],
        inputs=input_ids,
        outputs=output_ids,
        backend_fn=True,
        js=None,
        queue=queue,
        api_name=name,
        api_description=description or None,
        scroll_to_output=False,
        show_progress="full",
        show_progress_on=None,
        batch=policy.batch_size > 1,
        max_batch_size=policy.batch_size if policy.batch_size > 1 else 4,
        cancels=[],
        types=DependencyTypes(generator),
        collects_event_data=takes_event_data,
        trigger_after=None,
        trigger_only_on_success=False,
        trigger_only_on_failure=False,
        trigger_mode="once",
        api_visibility=visibility,
        rendered_in=None,
        render_id=None,
        connection="sse",
        time_limit=policy.time_limit_s,
        stream_every=0.5,
        event_specific_args=[],
        component_prop_inputs=[],
        js_implementation=None,
        validates=True if validates else msgspec.UNSET,
        retries=policy.retries or msgspec.UNSET,
        examples=examples or msgspec.UNSET,
        cached_examples=True if cached_examples else msgspec.UNSET,
        thumbnails=thumbnails or msgspec.UNSET,
    )
