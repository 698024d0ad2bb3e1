"""Settings: each flag of a hub has its variable, and the flag counts more."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from tests.conftest import ROOT

from spaceport.cli.main import _parser
from spaceport.settings import HubSettings, load, load_hub


def hub_flags(*given):
    return vars(_parser().parse_args(["hub", *given]))


def test_each_flag_of_a_hub_has_its_variable_and_its_row():
    flags = set(hub_flags()) - {"command", "run"}
    assert flags == {field.name for field in fields(HubSettings)}
    documented = set(re.findall(r"`(SPACEPORT_HUB_\w+)` \|", (ROOT / "docs" / "settings.md").read_text()))
    assert documented == {f"SPACEPORT_HUB_{name.upper()}" for name in flags}


def test_a_flag_counts_more_than_its_variable():
    environment = {"SPACEPORT_HUB_SLEEP_AFTER": "5", "SPACEPORT_HUB_PROCESSES": "7", "SPACEPORT_HUB_TRUST_SPACES": "1"}
    assert load_hub(hub_flags(), {}) == HubSettings()
    found = load_hub(hub_flags("--sleep-after", "9", "--port", "0"), environment)
    assert (found.sleep_after, found.processes, found.trust_spaces, found.port) == (9.0, 7, True, 0)


def test_where_a_hubs_data_lies():
    assert load_hub({}, {"SPACEPORT_HUB_DIR": "/a"}).data_dir == Path("/a")
    assert load_hub({}, {"SPACEPORT_HUB_DIR": "/a", "SPACEPORT_HUB_DATA_DIR": "/b"}).data_dir == Path("/b")
    assert load_hub({"data_dir": "/c"}, {"SPACEPORT_HUB_DIR": "/a"}).data_dir == "/c"


@pytest.mark.parametrize(
    ("name", "value"), [("PROCESSES", "many"), ("SLEEP_AFTER", "soon"), ("TRUST_SPACES", "maybe"), ("PORT", "http")]
)
def test_a_value_that_does_not_fit_is_named(name, value):
    with pytest.raises(ValueError, match=f"SPACEPORT_HUB_{name}"):
        load_hub({}, {f"SPACEPORT_HUB_{name}": value})
    with pytest.raises(ValueError, match="SPACEPORT_DRAIN_S"):
        load({"SPACEPORT_DRAIN_S": "long"})
