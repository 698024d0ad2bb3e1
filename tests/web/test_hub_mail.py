"""The hub's pages where it sends mail: an invitation that is mailed, and how mail does."""

from __future__ import annotations

import pytest
from aiosmtpd.controller import Controller

from tests.hub.browsing import set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_mail import Inbox, free_port
from tests.web.test_hub_accounts import card, signed_in
from tests.web.test_hub_pages import HubTabs


@pytest.fixture(scope="module")
def inbox():
    return Inbox()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, inbox):
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    environment = {
        "SPACEPORT_HUB_SMTP_URL": f"smtp://127.0.0.1:{controller.port}",
        "SPACEPORT_HUB_SMTP_FROM": "hub@x.org",
    }
    server = HubServer(tmp_path_factory.mktemp("hub"), environment=environment)
    set_passwords(server, "admin")
    yield server
    server.stop()
    controller.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["400"]
    yield found
    found.context.close()
    assert not found.wrong


def test_an_invitation_is_mailed_and_what_became_of_it_is_said(tabs, hub, inbox):
    page = signed_in(tabs, hub, "/admin/invitations", "admin")
    form = card(page, "Invitations")
    form.get_by_label("Mail it to").fill("new@x.org")
    form.get_by_role("button", name="Make a link").click()
    form.get_by_text("The link is mailed").wait_for()
    assert inbox.link() == form.locator("code").inner_text()
    assert form.get_by_label("Mail it to").input_value() == ""
    inbox.refuse = "554 not here"
    form.get_by_label("Mail it to").fill("other@x.org")
    form.get_by_role("button", name="Make a link").click()
    form.get_by_text("The link is made, and was not mailed").wait_for()
    form.get_by_label("Mail it to").fill("a@b@c")
    form.get_by_role("button", name="Make a link").click()
    assert form.get_by_label("Mail it to").evaluate("input => input.validity.typeMismatch")
    page.get_by_role("link", name="Machine").click()
    page.get_by_text("The hub has sent 1 mail; 1 could not be sent.").wait_for()
    assert "554" in page.get_by_role("alert").inner_text()
