"""A token, a header, a cookie, a password goes to the origin it was given for and to its hub, whatever servers say."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from tests.odd import OddServer, served

from spaceport import Client
from spaceport.client.errors import ServerError

SECRETS = {"x-hf-authorization", "x-key", "cookie", "authorization"}
GIVEN = {
    "token": "hf_secret",
    "headers": {"x-key": "mine"},
    "httpx_kwargs": {"cookies": {"session": "mine"}, "auth": ("me", "password")},
}


@pytest.fixture
def home():
    server = OddServer()
    with served(server) as server.url:
        yield server


@pytest.fixture
def thief():
    server = OddServer()
    with served(server) as server.url:
        yield server


def client(url, tmp_path, **options):
    return Client(url, verbose=False, download_files=tmp_path, **{**GIVEN, **options})


def got_secrets(server):
    assert server.seen
    return [SECRETS & set(headers) for _, _, headers in server.seen]


def file(path, url=None):
    return {"path": path, "url": url, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}


def test_every_request_at_home_has_them(home, tmp_path):
    home.files["/gradio_api/file=/srv/a.txt"] = b"mine"
    home.output = file("/srv/a.txt", f"{home.url}/gradio_api/file=/srv/a.txt")
    with client(home.url, tmp_path) as ours:
        assert Path(ours.predict(api_name="/given")).read_bytes() == b"mine"
    assert all(found == SECRETS for found in got_secrets(home))


@pytest.mark.parametrize("where", ["/config", "/gradio_api/info?serialize=False"])
def test_a_redirect_to_another_port(home, thief, tmp_path, where):
    home.redirects[where] = f"{thief.url}{where}"
    with client(home.url, tmp_path) as ours:
        ours.predict("x", api_name="/ok")
    assert not any(got_secrets(thief))


def test_a_redirect_to_another_name_of_the_same_machine(home, tmp_path):
    home.redirects["/config"] = home.url.replace("127.0.0.1", "localhost") + "/config2"
    home.files["/config2"] = b'{"dependencies": [], "api_prefix": "/gradio_api"}'
    with client(home.url, tmp_path):
        pass
    away = [headers for _, path, headers in home.seen if path == "/config2"]
    assert away
    assert not SECRETS & set(away[0])


def test_a_redirect_to_another_scheme(thief, tmp_path):
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    home = OddServer()
    with served(home, tls) as url:
        home.redirects["/config"] = f"{thief.url}/config"
        with client(url, tmp_path, ssl_verify=False):
            pass
    assert any(got_secrets(home))
    assert not any(got_secrets(thief))


def test_a_redirect_of_a_file(home, thief, tmp_path):
    home.redirects["/gradio_api/file=/srv/a.txt"] = f"{thief.url}/a.txt"
    thief.files["/a.txt"] = b"elsewhere"
    home.output = file("/srv/a.txt")
    with client(home.url, tmp_path) as ours:
        assert Path(ours.predict(api_name="/given")).read_bytes() == b"elsewhere"
    assert not any(got_secrets(thief))


@pytest.mark.parametrize("place", ["path", "url"])
def test_an_output_that_lies_elsewhere(home, thief, tmp_path, place):
    thief.files["/a.txt"] = b"elsewhere"
    address = f"{thief.url}/a.txt"
    home.output = file(address) if place == "path" else file("/srv/a.txt", address)
    with client(home.url, tmp_path) as ours:
        assert Path(ours.predict(api_name="/given")).read_bytes() == b"elsewhere"
    assert not any(got_secrets(thief))


@pytest.mark.parametrize("name", ["../../../evil.txt", "/etc/cron.d/evil", "..\\evil.txt", "a/../../evil.txt", "\0"])
def test_a_downloaded_name_cannot_leave_its_folder(home, tmp_path, name):
    home.files["/gradio_api/file=/srv/a.txt"] = b"mine"
    home.output = {**file("/srv/a.txt"), "orig_name": name}
    folder = tmp_path / "in" / "here"
    with client(home.url, folder) as ours:
        found = Path(ours.predict(api_name="/given"))
    assert found.is_relative_to(folder)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [found]


def test_a_poisoned_config_leads_nowhere(home, thief, tmp_path):
    home.poison = {"root": thief.url, "space_id": "you/space", "host": thief.url, "app_url": thief.url}
    with client(home.url, tmp_path) as ours:
        assert ours.predict("x", api_name="/ok") == "hi"
        assert ours.space_id is None
    assert not thief.seen


@pytest.mark.parametrize("prefix", ["{thief}", "//{host}/x", "/../x", "x//{host}", "/a?b=", "/a#b", "http:x"])
def test_a_poisoned_prefix_is_refused(home, thief, tmp_path, prefix):
    home.poison = {"api_prefix": prefix.format(thief=thief.url, host=thief.url.removeprefix("http://"))}
    with pytest.raises(ServerError, match="API prefix that is no path"):
        client(home.url, tmp_path)
    assert not thief.seen


def test_json_that_merely_looks_like_a_file_stays_json(home, tmp_path):
    home.output = {"path": "/etc/passwd", "url": "http://127.0.0.1:1/", "meta": {"_type": "something else"}}
    with client(home.url, tmp_path) as ours:
        assert ours.predict(api_name="/given") == home.output
