"""What apps written for Gradio use and we have not: it is said by name."""

from __future__ import annotations

import warnings

import pytest
from tests.faults import fault

import spaceport as sp


def chat(message, history, tone="plain"):
    return f"{message} {tone}"


@fault(
    kind="app",
    given="`sp.ChatInterface(fn, examples=…, theme=…)`",
    before="swallowed without a word",
    now="`examples` are examples; `theme`, and what nobody knows, is named in a warning",
)
def test_ignored_arguments_are_named():
    with pytest.warns(UserWarning, match="ChatInterface") as caught:
        space = sp.ChatInterface(chat, examples=["hi", "bye"], theme="soft", exmples=1)
    texts = [str(one.message) for one in caught]
    assert texts == [
        "ChatInterface ignores theme: only Gradio's own page has it.",
        "ChatInterface has no argument 'exmples'; it is ignored. Did you mean examples?",
    ]
    assert caught[0].filename == __file__
    assert space.endpoints[0].examples == [["hi"], ["bye"]]
    with pytest.warns(UserWarning, match="Interface ignores css, flagging_mode"):
        sp.Interface(lambda text: text, "text", "text", css="x", flagging_mode="never")
    with pytest.warns(UserWarning, match="queue has no argument 'default_concurrency_limit'"):
        space.queue(max_size=5, default_concurrency_limit=3)
    assert space.max_size == 5


def test_what_has_an_effect_has_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = sp.Interface(
            lambda text, n: text * int(n),
            "text",
            "text",
            [["a", 2]],
            additional_inputs=["number"],
            api_visibility="undocumented",
            api_description="Repeats.",
        )
        two = sp.ChatInterface(
            chat,
            textbox=sp.Textbox(max_length=3),
            additional_inputs=["text"],
            examples=[["hi", "soft"]],
            api_description=False,
        )
    (endpoint,) = one.endpoints
    assert (endpoint.visibility, endpoint.info.description, endpoint.examples) == (
        "undocumented",
        "Repeats.",
        [["a", 2]],
    )
    assert [parameter.parameter_name for parameter in endpoint.info.parameters] == ["text", "n"]
    assert two.endpoints[0].examples == [["hi", "soft"]]
    assert two.endpoints[0].info.description == ""
    with pytest.raises(TypeError, match="folder of examples"):
        sp.Interface(lambda text: text, "text", "text", examples="folder")


@fault(
    kind="app",
    given="`gr.Blocks` of an app whose first line is `import spaceport as gr`",
    before="a bare AttributeError",
    now='says that the hub runs it: "deploy it on the hub"',
)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Blocks", "deploy it on the hub"),
        ("Row", "deploy it on the hub"),
        ("TabbedInterface", "deploy it on the hub"),
        ("mount_gradio_app", "deploy it on the hub"),
        ("TextArea", "use Textbox"),
        ("Sketchpad", "use ImageEditor"),
        ("Nonsense", "spaceport has no 'Nonsense'"),
        ("nonsense", "spaceport has no 'nonsense'"),
    ],
)
def test_names_that_are_not_here(name, text):
    assert not hasattr(sp, name)
    with pytest.raises(AttributeError, match=text):
        getattr(sp, name)


def test_names_that_are_here():
    assert sp.DataFrame is sp.Dataframe
    assert sp.ChatMessage(content="x").role == "assistant"
