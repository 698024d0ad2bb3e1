"""Arguments that apps written for Gradio give and that have no effect here: they are named in a warning."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable

_PAGE_ONLY = """
additional_inputs_accordion allow_duplication allow_flagging analytics_enabled article autofocus autoscroll cache_mode
chatbot clear_btn css css_paths deep_link delete_cache editable example_icons example_labels examples_label
examples_per_page fill_height fill_width flagging_callback flagging_dir flagging_mode flagging_options head head_paths
js live preload_example retry_btn run_examples_on_click save_history show_progress stop_btn stream_every submit_btn
theme thumbnail type undo_btn
"""
"""Arguments of `gr.Interface` and `gr.ChatInterface` that only change the page that Gradio shows."""


def warn_ignored(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Warn of arguments that have no effect, by name. `known`: those that `owner` has, to suggest one for a typo."""
    names = sorted(given)
    page_only = _PAGE_ONLY.split()
    page = [name for name in names if name in page_only]
    if page:
        warnings.warn(f"{owner} ignores {', '.join(page)}: only Gradio's own page has it.", stacklevel=3)
    for name in names:
        if name not in page_only:
            near = difflib.get_close_matches(name, list(known), 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            warnings.warn(f"{owner} has no argument {name!r}; it is ignored.{hint}", stacklevel=3)
