"""A request that is like one of a moment ago gets the same target, unless anything has changed since."""

from __future__ import annotations

import time

import pytest

from spaceport.errors import NotFound
from spaceport.hub.gateway.addresses import Addresses
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.state import Hub


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path)
    hub.first_admin()
    hub.accounts.add("ann")
    hub.accounts.add("bob")
    ann = hub.tokens.identify(hub.tokens.mint("ann", "setup"))
    hub.spaces.create(ann, "ann", "app", "gradio", private=True)
    yield hub
    hub.close()


@pytest.fixture
def addresses(hub):
    return Addresses(hub, GatewayOptions())


def resolve(addresses, token=None, path="/ann/app/gradio_api/info", **headers):
    scope = {
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1:7861")],
    }
    given = {b"host": b"127.0.0.1:7861", **{k.replace("_", "-").encode(): v.encode() for k, v in headers.items()}}
    if token is not None:
        given[b"authorization"] = f"Bearer {token}".encode()
    return addresses.resolve(scope, given)


def test_the_path_is_the_requests_own(hub, addresses):
    token = hub.tokens.mint("ann", "laptop")
    for path in ("/ann/app/a", "/ann/app/b/c", "/ann/app/", "/ann/app", "/ann/app/a%2Fb"):
        assert resolve(addresses, token, path).raw == path.removeprefix("/ann/app").encode()
    for path in ("/", "/a", "/a/b/c"):
        found = resolve(addresses, token, path, host="ann-app.localhost:7861")
        assert (found.raw, found.prefix, found.space.name) == (path.encode(), "", "app")


def test_another_token_and_another_address_are_other_callers(hub, addresses):
    ann, bob = hub.tokens.mint("ann", "laptop"), hub.tokens.mint("bob", "laptop")
    assert resolve(addresses, ann).identity.owner.name == "ann"
    for token in (bob, None, "hf_wrong"):
        with pytest.raises(NotFound):
            resolve(addresses, token)
    assert resolve(addresses, x_hf_authorization=f"Bearer {ann}").identity.owner.name == "ann"


@pytest.mark.parametrize("same_process", [True, False])
def test_a_change_counts_at_once(hub, addresses, same_process):
    token = hub.tokens.mint("ann", "laptop")
    assert resolve(addresses, token).identity.owner.name == "ann"
    other = hub if same_process else Hub(hub.data)
    other.tokens.revoke("ann", "laptop")
    time.sleep(0 if same_process else 0.05)
    with pytest.raises(NotFound):
        resolve(addresses, token)
    other.spaces.set_private(hub.spaces.find("ann", "app"), private=False)
    time.sleep(0 if same_process else 0.05)
    assert resolve(addresses).identity.owner is None
    if not same_process:
        other.close()


def test_a_token_that_expires_is_refused(hub, addresses):
    token = hub.tokens.mint("ann", "short", ttl_s=0.3)
    assert resolve(addresses, token).identity.owner.name == "ann"
    time.sleep(0.35)
    with pytest.raises(NotFound):
        resolve(addresses, token)


def test_what_is_kept_is_bounded(hub, addresses):
    token = hub.tokens.mint("ann", "laptop")
    for number in range(5000):
        resolve(addresses, token, x_forwarded_for=f"10.0.{number // 256}.{number % 256}")
    assert len(addresses._kept) <= 4096
    before = len(addresses._kept)
    resolve(addresses, token, x_forwarded_for="x" * 5000)
    assert len(addresses._kept) == before


def test_a_row_read_inside_a_change_that_is_undone_is_not_kept(hub):
    db = hub.store._db

    def change() -> None:
        with db.transaction():
            db.run("UPDATE owners SET tier = 'pro' WHERE name = ?", ("ann",))
            assert hub.accounts.get_user("ann").tier == "pro"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert hub.accounts.get_user("ann").tier == "free"
