"""The text that `view_api` prints: the same as gradio_client's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def usage(info: Mapping[str, Any], *, all_endpoints: bool | None) -> str:
    """Describe every endpoint with its parameters and returns."""
    named = info.get("named_endpoints", {})
    unnamed = info.get("unnamed_endpoints", {})
    lines = ["Client.predict() Usage Info", "---------------------------", f"Named API endpoints: {len(named)}"]
    lines += [_endpoint(f'api_name="{name}"', one) for name, one in named.items()]
    if all_endpoints or (all_endpoints is None and not named):
        lines.append(f"\nUnnamed API endpoints: {len(unnamed)}")
        lines += [_endpoint(f"fn_index={index}", one) for index, one in unnamed.items()]
    elif unnamed:
        lines.append(f"\nUnnamed API endpoints: {len(unnamed)}, to view, run Client.view_api(all_endpoints=True)\n")
    return "\n".join(lines) + "\n"


def _endpoint(how: str, info: Mapping[str, Any]) -> str:
    parameters, returns = info.get("parameters", ()), info.get("returns", ())
    names = "".join(f"{one.get('parameter_name') or _name(one['label'])}, " for one in parameters)
    results = ", ".join(_name(one["label"]) for one in returns)
    results = f"({results})" if len(returns) > 1 else results
    lines = [f"\n - predict({names}{how}) -> {results}"]
    if info.get("oauth_token"):
        lines.append(_oauth(info))
    lines.append("    Parameters:")
    lines += [_parameter(one) for one in parameters] or ["     - None"]
    lines += ["    Returns:"]
    lines += [f"     - [{one.get('component')}] {_name(one['label'])}: {_type(one)}{_about(one)} " for one in returns]
    if not returns:
        lines.append("     - None")
    return "\n".join(lines)


def _parameter(info: Mapping[str, Any]) -> str:
    kind, default = _type(info), info.get("parameter_default")
    need = "(required)"
    if info.get("parameter_has_default"):
        kind += " | None" if default is None else ""
        need = f"(not required, defaults to:   {_default(default)})"
    name = info.get("parameter_name") or _name(info["label"])
    return f"     - [{info.get('component')}] {name}: {kind} {need} {_about(info)} "


def _about(info: Mapping[str, Any]) -> str:
    description = info.get("python_type", {}).get("description")
    return f" ({description})" if description else ""


def _oauth(info: Mapping[str, Any]) -> str:
    need = info.get("oauth_token")
    return (
        f"    Acts on your behalf: this endpoint takes your Hugging Face token ({need}). "
        "Pass it with Client(..., oauth_token=...) to grant it."
    )


def _default(value: Any) -> str:
    if isinstance(value, dict) and value.get("meta", {}).get("_type") == "gradio.FileData":
        return f"handle_file('{value.get('url') or value.get('path')}')"
    return str(value)


def _type(info: Mapping[str, Any]) -> str:
    return str(info.get("python_type", {}).get("type", "Any"))


def _name(label: str) -> str:
    kept = "".join(character for character in label if character.isalnum() or character in " _")
    return kept.lower().replace(" ", "_")


def names(parameters: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names callers use for the parameters of an endpoint's info."""
    return [str(one.get("parameter_name") or _name(one["label"])) for one in parameters]
