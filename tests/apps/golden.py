"""The apps of the golden scenarios (their `app_description`), built with our API; one Space a scenario."""

from __future__ import annotations

import asyncio
import time
from typing import Literal, Optional, TypedDict, Union

import spaceport as sp


def text(label=None):
    return sp.Textbox(label=label)


def greet(name):
    """Greets a person."""
    return "Hello " + name + "!"


s01 = sp.Interface(greet, "textbox", "textbox", api_name="predict", title="Greeter", description="A greeter")


def calc(a, b, op):
    result = {"add": a + b, "sub": a - b, "mul": a * b}[op]
    return result, a > b, f"{a} {op} {b}"


s02 = sp.Interface(
    calc,
    [sp.Number(label="A"), sp.Slider(0, 10, step=1, label="B"), sp.Radio(["add", "sub", "mul"], label="Operation")],
    [sp.Number(label="Result"), sp.Checkbox(label="A greater"), sp.Textbox(label="Text")],
    api_name="calc",
)

s03 = sp.Space()
_name, _times = sp.Textbox("World", label="Name"), sp.Number(3, label="Times")
_optional, _required, _out = text("Optional"), text("Required"), text("Out")


def f(name, times, optional=None, required="ignored-python-default"):
    return f"{name!r} {times!r} {optional!r} {required!r}"


def varargs(*args):
    return repr(args)


def reserved(api_name, fn_index):
    return f"{api_name} {fn_index}"


s03.api(f, name="f", inputs=[_name, _times, _optional, _required], outputs=[_out])
s03.api(varargs, inputs=[_name, _times], outputs=[_out])
s03.api(reserved, inputs=[_name, _times], outputs=[_out])


def count(word, n):
    said = ""
    for i in range(int(n)):
        time.sleep(0.15)
        said += f"{word}{i} "
        yield said


s04 = sp.Interface(count, ["text", "number"], "text", api_name="count")

s05 = sp.Space()
_j, _t, _n = sp.JSON(label="J"), text("T"), sp.Number(label="N")


def seq():
    yield [1, 2, 3], "a"
    yield [1, 2, 3, 4], "ab"
    yield [1, 9, 3], "xyz"
    yield {"k": "v", "l": [1, 2]}, "xyz1"
    yield {"k": "vw", "m": {"x": 1.5}}, "xyz1"
    yield {"k": "vw", "m": {"x": 1.5}}, ""
    yield None, None
    yield [{"role": "u", "c": "hi"}], "fin"


def lst():
    said = []
    for i in range(1, 4):
        said = [*said, {"role": "assistant", "content": "m" * i}]
        yield said
    yield [{"role": "assistant", "content": "m!"}, *said[1:]]


def nested_delete():
    yield [[1, 2, 3], [1, 2, 3]]
    yield [[1], [1]]


def boolint():
    yield {"a": 1}
    yield {"a": True}
    yield {"a": 1.0}


def empty():
    if False:
        yield


def ret_final():
    yield 1
    yield 2
    return 3


def same():
    for _ in range(3):
        yield {"a": 1}


async def agen(n):
    for i in range(int(n)):
        yield "x" * i


s05.api(seq, inputs=[], outputs=[_j, _t])
for _fn in (lst, nested_delete, boolint, empty):
    s05.api(_fn, inputs=[], outputs=[_j])
s05.api(ret_final, inputs=[], outputs=[_j])
s05.api(same, inputs=[], outputs=[_j])
s05.api(agen, inputs=[_n], outputs=[_t])


def errors_space():
    space = sp.Space()

    def value_error(x):
        raise ValueError("bad value: " + x)

    def gr_error(x):
        raise sp.Error("visible " + x, duration=5, title="Oops")

    def gr_error_default(x):
        raise sp.Error(print_exception=False)

    def mid(x):
        yield "one"
        yield "one two"
        raise ValueError("mid stream")

    def logs(x):
        sp.Info("info " + x)
        sp.Warning("warn " + x, duration=3)
        sp.Success("ok " + x)
        return x

    def too_few(x):
        return "only one"

    def too_many(x):
        return "1", "2", "3"

    one, two = text(), text()
    for fn in (value_error, gr_error, gr_error_default, mid, logs):
        space.api(fn, inputs=[one], outputs=[two])
    space.api(too_few, inputs=[one], outputs=[two, text()])
    space.api(too_many, inputs=[one], outputs=[two, text()])
    space.api(lambda n: n * 2, name="num", inputs=[sp.Number()], outputs=[sp.Number()])
    space.api(lambda x: x, name="choice", inputs=[sp.Dropdown(["a", "b"])], outputs=[two])
    space.api(lambda x: float("nan"), name="nan", inputs=[one], outputs=[sp.Number()])
    return space


s08 = errors_space()
s09 = errors_space()

s12 = sp.Space()
_state, _add, _total = sp.State(0), sp.Number(label="Add"), text("Total")


def add(x, total):
    return f"total={total + x}", total + x


def first(total, x):
    return total + x, f"total={total + x}"


def only_state(state):
    return str(state)


s12.api(add, inputs=[_add, _state], outputs=[_total, _state])
s12.api(first, inputs=[_state, _add], outputs=[_state, _total])
s12.api(only_state, inputs=[_state], outputs=[_total])

s13 = sp.Space()
_in, _o = text("T"), text("O")


def myfunc(x):
    return "auto " + x


s13.api(lambda x: "pub " + x, name="pub", inputs=[_in], outputs=[_o])
s13.api(lambda x: "priv " + x, name="priv", visibility="private", inputs=[_in], outputs=[_o])
s13.api(lambda x: "undoc " + x, name="undoc", visibility="undocumented", inputs=[_in], outputs=[_o])
s13.api(lambda x: "false " + x, name="false", visibility="private", inputs=[_in], outputs=[_o])
s13.api(myfunc, inputs=[_in], outputs=[_o])
s13.api(myfunc, inputs=[_in], outputs=[_o])
s13.api(lambda x: "lam " + x, inputs=[_in], outputs=[_o])
s13.api(lambda x: None, name="js_fn", visibility="private", inputs=[_in], outputs=[_o])
s13.api(lambda x: "sp " + x, name="with space/slash", inputs=[_in], outputs=[_o])


def up(words, ns):
    time.sleep(0.3)
    return [w.upper() * int(n) for w, n in zip(words, ns)], [len(words)] * len(words)  # noqa: B905


s14 = sp.Interface(up, ["text", "number"], ["text", "number"], batch=True, max_batch_size=3)

s16 = sp.Space()
_in16, _o16 = text(), text()


def gen_direct(x):
    for n in (1, 2, 3):
        yield x * n


def err_direct(x):
    raise sp.Error("nope")


s16.api(lambda x: "direct " + x, name="direct", queue=False, inputs=[_in16], outputs=[_o16])
s16.api(lambda x: "queued " + x, name="queued", inputs=[_in16], outputs=[_o16])
s16.api(gen_direct, queue=False, inputs=[_in16], outputs=[_o16])
s16.api(err_direct, queue=False, inputs=[_in16], outputs=[_o16])


class TD(TypedDict):
    a: int
    b: str


s19 = sp.Space()


@s19.api
def add_and_slice(a: int, b: int, c: list[str]) -> tuple[int, list[str]]:
    """Adds and slices."""
    return a + b, c[a:b]


@s19.api
def alltypes(
    s: str,
    i: int = 7,
    f: float = 1.5,
    b: bool = True,
    l: list = [1],  # noqa: B006, E741
    dct: dict = {"k": 1},  # noqa: B006
    lit: Literal["x", "y"] = "x",
    opt: Optional[str] = None,  # noqa: UP045
    u: Union[int, str] = 3,  # noqa: UP007
    td: TD = {"a": 1, "b": "z"},  # noqa: B006
    tup: tuple[int, str] = (1, "a"),
) -> dict:
    values = {"s": s, "i": i, "f": f, "b": b, "l": l, "dct": dct, "lit": lit, "opt": opt, "u": u, "td": td, "tup": tup}
    return {**values, "types": {key: type(value).__name__ for key, value in values.items()}}


@s19.api
def none_ret(x: str) -> None:
    return None


@s19.api
def stream(n: int):
    for i in range(n):
        yield {"i": i}


@s19.api
def stream_t(n: int) -> str:
    for i in range(n):
        yield "z" * i


@s19.api(name="seq")
def seq_typed() -> Union[dict, list]:  # noqa: UP007
    yield {"a": 1, "l": [1, 2, 3], "s": "he"}
    yield {"a": 2, "l": [1, 5, 3, 4], "s": "hello", "n": None}
    yield {"l": [1], "s": "hellO", "n": {"x": [{"y": 1}]}}
    yield {"l": [1], "s": "hellO", "n": {"x": [{"y": 1, "z": "q"}, 7]}}
    yield [1]
    yield "str"


@s19.api(name="nested_delete")
def nested_delete_typed() -> list:
    yield [[1, 2, 3], [1, 2, 3]]
    yield [[1], [1]]


@s19.api(name="boolint")
def boolint_typed() -> dict:
    yield {"a": 1}
    yield {"a": True}
    yield {"a": 1.0}


@s19.api
def slashkey() -> dict:
    yield {"a/b~": {"x": 1}}
    yield {"a/b~": {"x": 2}}


@s19.api
def two_out(n: int) -> tuple[int, str]:
    return n, str(n)


@s19.api
def fileapi(f: dict) -> dict:
    return f


@s19.api
def bytesapi(n: int) -> str:
    return b"bytes"


@s19.api
def setapi(n: int) -> list[int]:
    return {1, 2, 3}


s20 = sp.Space(title="My API", mode="server")


@s20.api
def hello(name: str, times: int = 1) -> str:
    """Say hello."""
    return f"Hello {name} " * times


@s20.api(concurrency_limit=2)
def gen(n: int) -> str:
    for i in range(n):
        yield "x" * i


s24 = sp.Space()
_age = text("Age")


def check(age, name):
    return [sp.validate(age.isdigit(), "must be digits"), sp.validate(len(name) > 0, "name needed")]


def broken_check(x):
    raise ValueError("validator broke")


s24.api(lambda age, name: f"{name} {age}", name="f", inputs=[_age, text("Name")], outputs=[text()], validator=check)
s24.api(lambda age: age, name="broken", inputs=[_age], outputs=[text()], validator=broken_check)

s26 = sp.Space()


@sp.cache
def slowf(x):
    time.sleep(0.4)
    return x.upper()


@sp.cache
def gen26(x):
    for n in (1, 2, 3):
        yield x * n


s26.api(slowf, inputs=[_age], outputs=[text()])
s26.api(gen26, name="gen", inputs=[_age], outputs=[text()])

s29 = sp.Space()
s29.api(lambda x: x.upper(), name="upper", inputs=[text("T")], outputs=[text("O")])
s29.api(lambda x: x.lower(), name="lower", inputs=[text("T")], outputs=[text("O")])

s15 = sp.Space()
_in15, _json = text(), sp.JSON()


def request_info(x, request: sp.Request):
    return {
        "x": x,
        "headers": dict(request.headers),
        "query": dict(request.query_params),
        "client": request.client.host,
        "session_hash": request.session_hash,
        "username": request.username,
        "url_path": getattr(request.url, "path", None) or request.path,
        "cookies": request.cookies,
    }


def hdr(x, x_custom: sp.Header):
    return {"x": x, "hdr": x_custom}


def evd(x, event: sp.EventData):
    return {"x": x, "target": None, "data": event.data}


s15.api(request_info, name="info_q", inputs=[_in15], outputs=[_json])
s15.api(request_info, name="info_direct", queue=False, inputs=[_in15], outputs=[_json])
s15.api(hdr, inputs=[_in15], outputs=[_json])
s15.api(evd, inputs=[_in15], outputs=[_json])
s15.api(lambda x: {"path": x, "n": 1}, name="pathdict", inputs=[_in15], outputs=[_json])


s06 = sp.Space()
_secs, _said = sp.Number(), text()


def work(secs):
    time.sleep(secs)
    return f"slept {secs}"


def prog(secs, progress=sp.Progress()):  # noqa: B008
    progress(0, desc="Starting")
    for _ in progress.tqdm(range(4), desc="Loop", unit="steps"):
        time.sleep(secs / 4)
    progress((3, 10), desc="tuple", unit="it")
    progress(None, desc="unknown")
    return "done"


async def nolimit(secs):
    await asyncio.sleep(secs)
    return "none"


s06.api(work, inputs=[_secs], outputs=[_said])
s06.api(prog, inputs=[_secs], outputs=[_said])
s06.api(work, name="work2", concurrency_limit=2, inputs=[_secs], outputs=[_said])
s06.api(nolimit, concurrency_limit=None, inputs=[_secs], outputs=[_said])


s17 = sp.Space()


def long(n):
    for i in range(int(n)):
        time.sleep(0.2)
        yield f"step {i}"


def block(n):
    time.sleep(n)
    return "finished"


async def ablock(n):
    await asyncio.sleep(n)
    return "finished"


for _fn in (long, block, ablock):
    s17.api(_fn, inputs=[sp.Number(label="n")], outputs=[_o])

s21 = sp.ChatInterface(lambda message, history: f"{message} ({len(history)})", api_name="chat")


def echo_chat(message, history, temp):
    said = f"echo:{message}"
    for end in range(1, len(said) + 1):
        yield said[:end]


s22 = sp.ChatInterface(
    echo_chat, multimodal=True, additional_inputs=[sp.Slider(0, 1, 0.5, label="Temp")], api_name="chat"
)
s42 = s12
