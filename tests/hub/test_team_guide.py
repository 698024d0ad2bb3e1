"""docs/team.md: the operator's commands run as they stand, and whoever follows the invitation can deploy."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.conftest import ROOT
from tests.hub.browsing import set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_run import commit, deploy
from websockets.asyncio.client import connect

from spaceport.hub.identity.group_rules import parse_group_rules
from spaceport.hub.state import Hub
from spaceport.settings import load_hub

GUIDE = (ROOT / "docs" / "team.md").read_text()
PASSWORD = "a long walk by the sea 17"
LIVE = """
import asyncio, os
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

async def seen(request):
    return JSONResponse({"headers": dict(request.headers), "size": len(await request.body())})

async def stream(request):
    async def events():
        for number in range(3):
            yield f"data: {number}\\n\\n"
            await asyncio.sleep(0.7)
    return StreamingResponse(events(), media_type="text/event-stream")

async def talk(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text.upper())

app = Starlette(routes=[Route("/stream", stream), WebSocketRoute("/talk", talk),
                        Route("/{path:path}", seen, methods=["GET", "POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["GRADIO_SERVER_PORT"]), ws="websockets-sansio")
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server
    server.stop()


def test_the_guide_from_the_first_command_to_a_deploy(hub, tmp_path):
    said = []
    for block in re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL):
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HUB": hub.url}
        environment |= {"SPACEPORT_HUB_DIR": str(hub.data), "BACKUP": str(tmp_path / "backup")}
        done = subprocess.run(["sh", "-e", "-c", block], capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    people, limits = said
    (link,) = re.findall(rf"{hub.url}\S+", people)
    robot = re.findall(r"hf_\w+", people)[-1]
    assert re.search(r"^robot +write", people, re.MULTILINE)
    assert re.search(r"^free .* 600 calls.* 20 GB in Spaces", limits, re.MULTILINE)
    assert "spaceport tiers set name=free" in limits, "the log has it"
    with contextlib.closing(Hub(tmp_path / "backup")) as restored:
        research = restored.accounts.get_organization("research")
        assert [one.user for one in restored.organizations.members(research)] == ["admin", "robot"]
    with httpx.Client(base_url=hub.url, headers={"origin": hub.url}, timeout=30) as browser:
        assert browser.get(link).status_code == 200
        joins = {"name": "carla", "password": PASSWORD, "invitation": link}
        browser.post("/api/sign-up", json=joins).raise_for_status()
        (team,) = browser.get("/api/whoami-v2").json()["orgs"]
        assert (team["name"], team["roleInOrg"]) == ("research", "write")
        made = browser.post("/api/tokens", json={"name": "laptop", "role": "write"}).json()
    for token, name in ((next(v for v in made.values() if str(v).startswith("hf_")), "demo"), (robot, "nightly")):
        with httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=30) as program:
            created = {"name": name, "organization": "research", "type": "space", "sdk": "static", "private": True}
            answer = program.post("/api/repos/create", json=created)
            if name == "nightly":  # `research:write` changes Spaces, and makes none
                assert answer.status_code == 403
                name = "demo"
            else:
                answer.raise_for_status()
            files = {"README.md": b"---\nsdk: static\n---\n", "index.html": b"<p>hello"}
            commit(program, f"research/{name}", files).raise_for_status()


def block(beginning):
    """The code block of the guide that begins so."""
    return next(one for one in re.findall(r"^```\w*\n(.*?)^```", GUIDE, re.M | re.S) if one.startswith(beginning))


def variables(text):
    """Those that the lines of a service set."""
    pairs = re.findall(r'^Environment="?(\w+)=(.*?)"?$', text, re.MULTILINE)
    return dict(pairs)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def certificate(folder, *names):
    """A certificate in two files, as somebody's ACME client writes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), dt.datetime.now(dt.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    (folder / "apps.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "apps.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A hub as the guide's service starts it, behind Caddy with its file; only ports and certificates differ."""
    folder, port = tmp_path_factory.mktemp("caddy"), free_port()
    given = variables(block("# /etc/systemd/system/spaceport.service"))
    del given["SPACEPORT_HUB_DIR"]
    environment = {key: value.replace(".example.com", f".example.com:{port}") for key, value in given.items()}
    environment["SPACEPORT_HUB_APPS_DOMAIN"] = given["SPACEPORT_HUB_APPS_DOMAIN"]
    server = HubServer(tmp_path_factory.mktemp("hub"), environment=environment)
    set_passwords(server, "ann")
    deploy(server, "live", LIVE, b"---\ntags: [spaceport]\n---\n")
    certificate(folder, "apps.example.com", "*.apps.example.com")
    file = block("# /etc/caddy/Caddyfile").replace("/etc/caddy/", f"{folder}/")
    for address, own in (("127.0.0.1:8000", server.url), ("127.0.0.1:8001", server.apps)):
        assert address in file
        file = file.replace(address, own.removeprefix("http://"))
    options = f"admin off\nlocal_certs\nskip_install_trust\nhttps_port {port}\nhttp_port {free_port()}\n"
    (folder / "Caddyfile").write_text(f"{{\n{options}storage file_system {folder}/storage\n}}\n{file}")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    home = {**os.environ, "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=home)
    found = SimpleNamespace(hub=server, port=port, log=folder / "log")
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError), client(found, "hub") as http:
            if http.get("/readyz").status_code == 200:
                break
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.1)
    yield found
    process.terminate()
    process.wait(20)
    server.stop()


def client(behind, label, **headers):
    """As a program or a browser that found the name in the DNS."""
    host = f"{label}.example.com"
    http = httpx.Client(base_url=f"https://127.0.0.1:{behind.port}", verify=False, timeout=60)
    http.headers.update({"host": f"{host}:{behind.port}", **headers})
    http.event_hooks["request"] = [lambda request: request.extensions.update(sni_hostname=host)]
    return http


def test_a_browser_signs_in_through_caddy_and_nobody_forges_an_address(behind):
    root = f"https://hub.example.com:{behind.port}"
    forged = {"x-forwarded-for": "6.6.6.6", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}
    with client(behind, "hub", origin=root, **forged) as http:
        answer = http.post("/api/sessions", json={"name": "ann", "password": "correct horse battery staple"})
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-spaceport-session=")
        assert "Secure" in cookie
        http.headers["cookie"] = cookie.partition(";")[0]
        assert http.get("/api/sessions").json()[0]["address"] == "127.0.0.1"
        assert http.get("/.well-known/openid-configuration").json()["token_endpoint"] == f"{root}/oauth/token"
        assert http.get("/api/spaces/admin/live").json()["host"].startswith("https://admin-live.apps.example.com")


def test_a_space_streams_takes_uploads_and_websockets_through_caddy(behind):
    with client(behind, "admin-live.apps") as http:
        sent = http.post("/in", content=b"x" * (20 << 20)).json()
        assert sent["size"] == 20 << 20
        assert sent["headers"]["x-gradio-server"] == f"https://admin-live.apps.example.com:{behind.port}"
        began = time.monotonic()
        with http.stream("GET", "/stream") as events:
            times = [time.monotonic() - began for piece in events.iter_raw() if piece]
        assert times[-1] - times[0] > 1, "events come as they are made"
    asyncio.run(_talk(behind))


async def _talk(behind):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    address = f"wss://admin-live.apps.example.com:{behind.port}/talk"
    async with connect(address, ssl=trusting, host="127.0.0.1", port=behind.port, proxy=None) as line:
        await line.send("hello")
        assert await asyncio.wait_for(line.recv(), 10) == "HELLO"


def test_the_settings_of_the_single_sign_on_are_ours():
    given = variables(block("Environment=SPACEPORT_HUB_OIDC_ISSUER"))
    assert len(given) == 3
    names = {name.removeprefix("SPACEPORT_HUB_").lower() for name in given}
    assert all(hasattr(load_hub({}), name) for name in (*names, "oidc_client_secret"))
    rules = parse_group_rules(given["SPACEPORT_HUB_OIDC_GROUPS"])
    assert rules.roles == (("engineers", "research", "write"), ("leads", "research", "admin"))
    assert rules.tiers == (("staff", "pro"),)
