"""The signatures and docstrings of both clients come from one module, and tools see them."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from tests.conftest import MYPY_CACHE

from spaceport import AsyncClient, Client
from spaceport.client import interface

SHARED = [name for name, one in vars(interface).items() if inspect.isfunction(one) and name not in ("takes", "connect")]


def parameters(function, **options):
    return [(one.name, one.kind, one.default) for one in inspect.signature(function, **options).parameters.values()]


@pytest.mark.parametrize("client", [Client, AsyncClient])
@pytest.mark.parametrize("name", SHARED)
def test_both_clients_have_the_shared_methods(client, name):
    found = inspect.getattr_static(client, name)
    found = getattr(found, "__func__", found)
    assert found.__doc__
    shared = parameters(getattr(interface, name))
    shown = parameters(found)
    if (client, name) == (Client, "submit"):  # callbacks are only needed where nobody can await
        shown = [one for one in shown if one[0] != "result_callbacks"]
    assert [one[1:] for one in shown] == [one[1:] for one in shared]
    assert [one[0] for one in shown][1:] == [one[0] for one in shared][1:]
    own = parameters(found, follow_wrapped=False)
    if (client, name) != (Client, "submit") and [one[0] for one in own][1:] != ["args", "kwargs"]:
        assert own == shared  # what is written out is what is shown


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_making_a_client(client):
    assert parameters(client) == parameters(interface.connect)[1:]
    assert "`src`" in client.__init__.__doc__
    with pytest.raises(TypeError, match="nonsense"):
        client("http://127.0.0.1:1", nonsense=1)
    with pytest.raises(ValueError, match="max_workers"):
        client("http://127.0.0.1:1", max_workers=0)


def test_a_type_checker_sees_the_signatures(tmp_path):
    right = """
from spaceport import AsyncClient, AsyncJob, Client, Job

client: Client = Client("owner/name", token="t", timeout=3.0)
copy: Client = Client.duplicate("owner/name", private=False)
job: Job = client.submit(1, api_name="/f", result_callbacks=print)
again: Job = client.job("id")
client.view_api(return_format="dict")

async def main() -> AsyncJob:
    async with AsyncClient("owner/name", max_workers=3) as other:
        await other.predict(1, api_name="/f", n=3)
        return await other.submit(1, fn_index=3)
"""
    wrong = [
        ("Client()", "src"),
        ("Client('a', token=3)", "token"),
        ("Client('a', nonsense=3)", "nonsense"),
        ("Client('a').predict(api_name=3)", "api_name"),
        ("Client('a').job()", "job_id"),
        ("AsyncClient('a', timeout='3')", "timeout"),
        ("Client.duplicate('a/b', private=3.5)", "private"),
    ]
    (tmp_path / "right.py").write_text(right)
    lines = ["from spaceport import AsyncClient, Client", *(line for line, _ in wrong)]
    (tmp_path / "wrong.py").write_text("\n".join(lines))
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(MYPY_CACHE),
        "right.py",
        "wrong.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"MYPYPATH": ""})
    found = [line for line in done.stdout.splitlines() if "error:" in line]
    for number, (_, word) in enumerate(wrong, 2):
        assert any(one.startswith(f"wrong.py:{number}:") and word in one for one in found), done.stdout
    assert not any(one.startswith("right.py") for one in found), done.stdout
