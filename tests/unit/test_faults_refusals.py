"""What another server says of a call that it refuses: anything."""

from __future__ import annotations

import json

import pytest
from tests.faults import fault

from spaceport.client.core.responses import error_from
from spaceport.client.errors import ValidationError


@fault(
    kind="client",
    given='a 422 whose `detail` has entries without `loc`, with `"loc": null` or `5` or a text, or no entries',
    before="TypeError in the Python client; «0 parameter(s) failed validation»; letters with dots between them",
    now="ValidationError with what the server said",
)
@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ([{"msg": "too long"}], "the request: too long"),
        ([{"msg": "too long", "loc": None}], "the request: too long"),
        ([{"msg": "too long", "loc": 5}], "the request: too long"),
        ([{"msg": "too long", "loc": "body"}], "the request: too long"),
        ([{"msg": "too long", "loc": []}], "the request: too long"),
        ([{"msg": "too long", "loc": ["body", "data", 0]}], "body.data.0: too long"),
        ([{"message": "too long", "parameter_name": "text"}], "text: too long"),
        ([], "[]"),
        (["too long", None, 7], "too long"),
        (None, "detail"),
        ({"a": "too long"}, "too long"),
    ],
)
def test_refusals_of_any_form(detail, said):
    error = error_from(422, json.dumps({"detail": detail}).encode(), {}, "the call")
    assert isinstance(error, ValidationError)
    assert said in str(error)
    assert "0 parameter" not in str(error)
