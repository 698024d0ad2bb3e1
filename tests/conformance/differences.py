"""The one table of allowed differences: row of docs/differences.md → (scenario, where, how ours looks)."""

from __future__ import annotations

_SURFACE = "conformance/test_surface.py::"

DIFFERENT: dict[str, list[tuple[str, str, str]]] = {
    "the status of a failed call in `@gradio/client`": [
        ("08", "js exceptions: value_error ERR An error", '"code":"function_failed"'),
        ("08", "js exceptions: too_few ERR An error occ", '"code":"function_failed"'),
        ("09", "js exceptions: value_error ERR bad valu", '"code":"function_failed"'),
    ],
    "the example of a file in `/info`": [
        ("22", "info", "example_input.files[0].path is 'https://example.com/bus.png'"),
    ],
    "headers that a function sees in its request": [
        ("15", 'python client headers: {"x": "a", "headers": {"', '"x-request-id": "'),
        ("15", 'python token: {"x": "a", "headers": {"', '"x-request-id": "'),
        ("15", 'js client headers: [{"x":"a","headers":{"ho', '"x-request-id":"'),
    ],
    "second read of a delivered result": [
        ("01", "second GET of an already delivered event (gave up after 17 s)", " has 1 items"),
    ],
    "unknown job id on `call/…/{id}`": [
        ("01", "GET of unknown event id", "status 404"),
    ],
    "argument that is missing, unknown, of the wrong type, or outside its choices or range": [
        ("01", "too many values: POST", "status 422"),
        ("01", "too many values: GET", "status 404"),
        ("01", "too few values: POST", "status 422"),
        ("01", "too few values: GET", "status 404"),
        ("01", "v2 unknown argument", "status 422"),
        ("01", "v2 missing argument", "status 422"),
        ("01", "direct: too few values", "status 422"),
        ("02", "slider out of range: POST", "status 422"),
        ("02", "slider out of range: GET", "status 404"),
        ("02", "bad radio choice: POST", "status 422"),
        ("02", "bad radio choice: GET", "status 404"),
        ("03", "call v2 missing required: POST", "status 422"),
        ("03", "positional call with fewer: POST", "status 422"),
        ("03", "positional call with fewer: GET", "status 404"),
        ("08", "call num ['abc']: POST", "status 422"),
        ("08", "call num ['abc']: GET", "status 404"),
        ("08", "call choice ['z']: POST", "status 422"),
        ("08", "call choice ['z']: GET", "status 404"),
        ("08", "call choice [5]: POST", "status 422"),
        ("08", "call choice [5]: GET", "status 404"),
        ("09", "call num ['abc']: POST", "status 422"),
        ("09", "call num ['abc']: GET", "status 404"),
        ("09", "call choice ['z']: POST", "status 422"),
        ("09", "call choice ['z']: GET", "status 404"),
        ("09", "call choice [5]: POST", "status 422"),
        ("09", "call choice [5]: GET", "status 404"),
        ("19", "wrong types are not checked: POST", "status 422"),
        ("19", "wrong types are not checked: GET", "status 404"),
        ("19", "alltypes all given, v2: POST", "status 422"),
        ("19", "alltypes all given, v2: GET", "status 404"),
    ],
    "unknown or private endpoint": [
        ("01", "v2 unknown endpoint", "status 404"),
        ("01", "unknown endpoint", "status 404"),
        ("01", "direct: unknown name", "status 404"),
        ("01", "direct: bad fn_index", "status 404"),
        ("01", "queue/join unknown fn_index", "status 404"),
        ("13", "call priv: POST", "status 404"),
        ("13", "call priv: GET", "status 404"),
        ("13", "call false: POST", "status 404"),
        ("13", "call false: GET", "status 404"),
        ("13", "call js_fn: POST", "status 404"),
        ("13", "call js_fn: GET", "status 404"),
        ("13", "v2 on private: POST", "status 404"),
        ("13", "direct private", "status 404"),
        ("13", "queue private: POST queue/join", "status 404"),
        ("13", "queue private: GET queue/data", " has 1 items"),
        ("13", "queue api_name False: POST queue/join", "status 404"),
        ("13", "queue api_name False: GET queue/data", " has 1 items"),
        ("13", "queue js only fn: POST queue/join", "status 404"),
        ("13", "queue js only fn: GET queue/data", " has 1 items"),
        (
            "13",
            'js which are callable: /priv ["priv x"]',
            "/priv ERR There is no endpoint with fn_index 1. Endpoints: /",
        ),
        (
            "13",
            'js which are callable: /false ["false x"]',
            "/false ERR There is no endpoint with fn_index 3. Endpoints: ",
        ),
        ("13", 'js which are callable: 1 ["priv x"]', "1 ERR There is no endpoint with fn_index 1. Endpoints: /pub,"),
        ("13", 'js which are callable: 3 ["false x"]', "3 ERR There is no endpoint with fn_index 3. Endpoints: /pub,"),
    ],
    "texts of 422 responses": [
        ("01", "missing data field", ".detail has 2 items"),
        ("01", "data not a list", ".detail[0].input is None"),
        ("01", "body not JSON", ".detail[0].loc has 1 items"),
        ("01", "no JSON content type", ".detail[0].type is 'json_type'"),
    ],
    "cancelling an unknown job or one of another session": [
        ("01", "cancel unknown", "status 404"),
    ],
    "what only Gradio's own page uses: assets, `/monitoring`, its buttons' functions in `/config`": [
        ("01", "theme.css HEAD", "status 404"),
        ("01", "manifest", ".icons has 0 items"),
        ("01", "monitoring summary", "status 404"),
        (
            "01",
            "js Client.submit with events: ERR No endpoint matching",
            'ERR No endpoint matching "/nope" was found. Valid named endp',
        ),
        ("04", "queue: GET queue/data", " has 8 items"),
        ("04", "queue n=1: GET queue/data", " has 5 items"),
        ("04", 'js submit: {"type":"status","stage"', '{"type":"status","stage":"pending","queue":true,"endpoint":"'),
        (
            "04",
            'js predict returns: {"type":"data","time":"W',
            '{"type":"data","time":"WHEN","data":["a0 a1 a2 "],"endpoint"',
        ),
    ],
    "foreign `Origin`": [
        ("01", "CORS preflight", "status 405"),
    ],
    "text for a parameter that takes a number": [
        ("02", "number as text: GET", "[0].event is 'complete'"),
        ("08", "call num ['12']: GET", "[0].data[0] is 24"),
        ("09", "call num ['12']: GET", "[0].data[0] is 24"),
    ],
    "`run/` of a generator": [
        ("04", "direct run (only the first value)", ".data[0] is 'a0 a1 a2 a3 '"),
        ("04", "direct run with session_hash", ".data[0] is 'a0 a1 a2 a3 '"),
        ("08", "direct mid", "status 500"),
        ("09", "direct mid", "status 500"),
        ("16", "run gen_direct", ".data[0] is 'xxx'"),
        ("16", 'js all: gen_direct ["x"]', 'gen_direct ["xxx"]\']'),
    ],
    "steps in which nested arrays shrink, or `1` becomes `true`": [
        ("05", "queue boolint: GET queue/data", "[3].output.data[0].a is True"),
        (
            "05",
            "python submit each: boolint result {'a': 1.0",
            "boolint result {'a': 1.0} outputs [{'a': 1}, {'a': True}, {'",
        ),
        ("05", 'js submit each: boolint [[{"a":1}],[{"a"', 'boolint [[{"a":1}],[{"a":true}],[{"a":1}],[{"a":1}]]\']'),
        ("19", "queue nested_delete: GET queue/data", "[3].output.data[0][0][0] is 1"),
        ("19", "queue boolint: GET queue/data", "[3].output.data[0].a is True"),
        ("19", "python all: nested_delete [[1], [1]]", "nested_delete [[1], [1]] [[[1, 2, 3], [1, 2, 3]], [[1], [1]]"),
    ],
    "NaN on `call/…`": [
        ("08", "call nan ['x']: GET", "[0].data[0] is None"),
        ("09", "call nan ['x']: GET", "[0].data[0] is None"),
    ],
    "error text for too few return values": [
        ("09", "queue too_few: GET queue/data", "[2].output.error is 'too_few did not return enough output va"),
        ("09", "call too_few: GET", "[0].data.error is 'too_few did not return enough output valu"),
        ("09", "direct too_few", ".error is 'too_few did not return enough output values (need"),
        (
            "09",
            "python exceptions: too_few gradio_client.ex",
            "too_few gradio_client.exceptions AppError too_few did not re",
        ),
        (
            "09",
            "js exceptions: too_few ERR A  function ",
            "too_few ERR too_few did not return enough output values (nee",
        ),
    ],
    "call by position without the last values, which have defaults": [
        ("12", "queue add short data (not expanded on this route): GET queue/data", "[2].output.error is missing"),
        ("12", "direct run with session", ".data[0] is 'total=15'"),
        (
            "12",
            "state after the heartbeat connection ended (kept for an hour): GET queue/data",
            "[2].output.data[0] is 'total=16'",
        ),
        ("19", "alltypes positional needs all: GET", "[0].event is 'complete'"),
    ],
    "`call/v2` of an undocumented endpoint": [
        ("13", "v2 on undocumented: POST", "status 200"),
    ],
    "`run/`": [
        ("14", "direct", "status 200"),
        ("14", "direct with batched true", "status 422"),
        ("24", "direct run does not validate", "status 422"),
    ],
    "`is_generating` at the end of a batch function": [
        ("14", "queue: GET queue/data", "[2].output.is_generating is False"),
    ],
    "function without a return annotation": [
        ("19", "info", ".named_endpoints./stream.returns has 1 items"),
        ("19", "stream without return annotation: GET", "[0].data has 1 items"),
        ("19", "queue stream: GET queue/data", "[2].output.data has 1 items"),
        ("19", "call stream: GET", "[0].data has 1 items"),
        ("19", "python all: stream () [()]", "stream {'i': 2} [{'i': 0}, {'i': 1}, {'i': 2}]\"]"),
        ("19", 'python all: - predict(n, api_name="/', ' - predict(n, api_name="/stream") -> 1st\']'),
        ("19", "python all: - None", "     - [Api] 1st: Any ']"),
    ],
    "values of typed parameters": [
        ("19", "alltypes only required, v2: GET", "[0].data[0].types.tup is 'tuple'"),
        ("19", "python all: {'s': 'q', 'i': 7, 'f': ", "{'s': 'q', 'i': 7, 'f': 1.5, 'b': True, 'l': [1], 'dct': {'k"),
        ("19", 'js all: [{"s":"q","i":7,"f":1.5,', '[{"s":"q","i":7,"f":1.5,"b":true,"l":[1],"dct":{"k":1},"lit"'),
    ],
    "a plain value that looks like a file": [
        ("19", "fileapi: GET", "[0].event is 'complete'"),
        ("19", "fileapi without meta: GET", "[0].event is 'complete'"),
    ],
    "`set` and `bytes` as results": [
        ("19", "bytes: GET", "[0].event is 'complete'"),
        ("19", "set: GET", "[0].event is 'complete'"),
        ("19", "python all: setapi '{1, 2, 3}' ['{1,", "setapi [1, 2, 3] [[1, 2, 3]]', \"bytesapi 'Ynl0ZXM=' ['Ynl0ZX"),
    ],
    "deep links (a session's values under an id)": [
        ("42", "deep_link", "status 404"),
        ("42", "deep_link unknown session", "status 404"),
        ("42", "config with deep link", ".vibe_mode is missing"),
        ("42", "config with a bad deep link", ".vibe_mode is missing"),
    ],
    "own routes": [
        ("20", "custom route", "status 404"),
        ("20", "FastAPI docs", "status 404"),
    ],
}

COMPONENTS: dict[str, dict[str, str]] = {
    "argument that is missing, unknown, of the wrong type, or outside its choices or range": {
        'Textbox ["l"]': "refused",
        "Number true": "refused",
        'Checkbox "yes"': "refused",
        "Checkbox 0": "['False']",
        'CheckboxGroup "a"': "refused",
        'Dropdown ["a"]': "refused",
        'DropdownMulti "a"': "refused",
        'TextboxLong "abcd"': "refused",
        'DateTimeDate "2020-01-02 03:04:05"': "refused",
    },
    "text for a parameter that takes a number": {'Number "7"': "['7']"},
    "`null` for a typed parameter that has a default": {
        "Slider null": "['0']",
        "CheckboxGroup null": "['list[]']",
        "DropdownMulti null": "['list[]']",
        "Dataframe null": "[\"DataFrame ['x', 'y'] []",
    },
    "ColorPicker": {'ColorPicker "<script>"': "refused", 'ColorPicker ["#fff"]': "refused"},
    "Plot as an input": {
        'Plot {"type": "matplotlib", "plot": "data:image/png;base64,xx"}': "[\"{plot: 'data:image",
    },
    "a file in a message that a Chatbot sends": {
        'Chatbot [{"role": "user", "content": [{"type": "file", "file": {"path": "i.png"}, "alt_text": "a"}]}]': (
            "[\"list[{content: list[{alt_text: 'a', file: {is_stream: False,"
        ),
    },
    "NaN on `call/…`": {
        "Dataframe_0": "[{'headers': ['x', 'y'], 'data': [[1, 'a'], [2, None]]",
        "Dataframe_6": "[{'headers': ['x', 'y'], 'data': [[1, 'a'], [2, None]]",
        "JSON_6": "[{'nan': None, 'inf': None, '1': 2}]",
    },
    "numpy numbers, and times in a table": {
        "Number_5": "[1.5]",
        "Number_6": "[3]",
        "Dataframe_7": "[{'headers': ['t', 'f', 'b'], 'data': [['2020-01-02 00:00:00', 1.5, True]",
    },
}
"""Row of docs/differences.md → row of the table of components → how ours begins."""

_FILES = "conformance/test_space_files.py::"
ELSEWHERE = {
    "`file=` with `If-None-Match`, several ranges": _FILES + "test_a_download",
    "`file=` of a range": _FILES + "test_a_download",
    "`file=` of a URL": _FILES + "test_nothing_else_can_be_downloaded",
    "the path of another user's upload": _FILES + "test_another_user_s_upload",
    "unused uploads": "contract/test_file_store.py::test_age",
    "full disk": "contract/test_file_store.py::test_a_full_disk",
    "disk budgets for files": "contract/test_file_store.py::test_limits_and_what_is_left_after_a_refusal",
    "FileExplorer": "unit/test_components.py::test_what_cannot_be_here_says_why",
    "steps that arrive together, in `@gradio/client`": (
        "unit/test_events.py::test_steps_written_together_are_whole_values"
    ),
    "`queue/data` within 5 s after everything was read": (
        "conformance/test_sessions.py::test_a_stream_asked_for_after_everything_was_read_just_closes"
    ),
    "dropped stream": _SURFACE + "test_a_dropped_stream_resumes_with_nothing_lost_or_doubled",
    "two readers of one session": "conformance/test_queue.py::test_two_readers_of_a_session_both_get_everything",
    "cancelled job": "conformance/test_queue.py::test_cancel_while_running",
    "cancelled function that is not async": _SURFACE
    + "test_a_cancelled_plain_function_keeps_its_slot_until_it_returns",
    "thousands of unread results": "conformance/test_queue.py::test_thousands_of_unread_results_stay_readable",
    "a call that could start at once, while the queue is full": (
        "conformance/test_queue.py::test_a_full_queue_refuses_with_503_and_when_to_come_again"
    ),
    "NaN, or nesting above 64, in a body": _SURFACE + "test_a_wrong_call_is_refused_before_any_job_exists",
    "`X-Forwarded-*`": "conformance/test_proxy.py::test_forwarded_headers_are_believed_only_when_told_to",
}
