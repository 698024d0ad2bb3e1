"""A Space's page below a path, behind nginx with its buffering on."""

from __future__ import annotations

import getpass
import socket
import subprocess
import time

import pytest

from tests.conftest import APPS, Server
from tests.web.conftest import done, run

CONFIG = """
user {user};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  proxy_buffering on;
  proxy_request_buffering on;
  gzip on;
  gzip_types text/event-stream application/json text/javascript text/css;
  client_max_body_size 50m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location /deep/down/ {{
      proxy_pass {space}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header Connection "";
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    environment = {"SPACEPORT_ROOT_PATH": "/deep/down", "SPACEPORT_TRUST_FORWARDED": "1"}
    space = Server(APPS / "pages.py", folder / "space", environment)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(CONFIG.format(user=getpass.getuser(), folder=folder, port=port, space=space.url))
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/deep/down/"
    process.terminate()
    process.wait(20)
    space.kill()


def test_a_stream_comes_step_by_step(tabs, behind):
    page = tabs.open(f"{behind}?endpoint=spell&text=%22abcdefgh%22&seconds=0.2")
    run(page)
    page.locator(".text-value", has_text="ab").wait_for()
    assert page.get_by_role("button", name="Cancel").count() == 1  # it runs still
    done(page)
    assert page.locator(".outputs .text-value").inner_text() == "abcdefgh"


def test_files_and_code(tabs, behind, tmp_path):
    (tmp_path / "note.txt").write_text("x" * 3_000_000)
    page = tabs.open(f"{behind}?endpoint=echo_file")
    with page.expect_file_chooser() as chooser:
        page.locator(".drop-button").click()
    chooser.value.set_files(tmp_path / "note.txt")
    run(page)
    done(page)
    with page.expect_download() as download:
        page.locator(".outputs a").click()
    assert download.value.path().stat().st_size == 3_000_000
    page.get_by_role("link", name="API", exact=True).click()
    page.locator("#api-echo_file pre", has_text=f"Client('{behind.rstrip('/')}')").wait_for()
    assert page.get_by_role("link", name="OpenAPI").get_attribute("href") == f"{behind}openapi.json"
