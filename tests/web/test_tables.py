"""Long tables: 100,000 rows are filtered, sorted and saved; a CSV file becomes the rows of an input."""

from __future__ import annotations

import csv

import pytest

from tests.conftest import APPS, Server
from tests.web.conftest import done, run

ROWS = 100_000


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    server = Server(APPS / "page_faults.py", tmp_path_factory.mktemp("faults"), {})
    yield server
    server.kill()


def test_a_hundred_thousand_rows(tabs, faults):
    page = tabs.open(f"{faults.url}/?endpoint=rows&count={ROWS}")
    run(page)
    done(page)
    table = page.locator(".outputs .output").first
    table.get_by_text("100,000 rows").wait_for()
    assert table.locator("tbody tr").count() < 100
    table.get_by_label("Filter Rows").fill("documentation 9999")
    table.get_by_text("11 of 100,000 rows").wait_for()  # 9999 and 99990 to 99999
    table.get_by_role("button", name="number").click()
    table.get_by_role("button", name="number").click()
    assert table.locator("tbody tr:not([aria-hidden]) td").first.inner_text() == "99999"
    table.get_by_label("Filter Rows").fill("")
    assert table.locator("tbody tr").count() < 100
    with page.expect_download() as download:
        table.get_by_role("button", name="Download Rows").click()
    with download.value.path().open(newline="") as file:
        saved = list(csv.reader(file))
    assert len(saved) == ROWS + 1
    assert saved[1][:1] == ["0"]


def test_a_csv_file_becomes_rows(tabs, space, tmp_path):
    (tmp_path / "fruit.csv").write_text('name;size\n"a ""ripe""; sweet pear";2\nfig;1.5\n')
    page = tabs.open(f"{space.url}/?endpoint=echo_dataframe")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a CSV file").click()
    chooser.value.set_files(tmp_path / "fruit.csv")
    page.get_by_label("name, row 2").wait_for()
    assert page.get_by_label("name, row 1").input_value() == 'a "ripe"; sweet pear'
    run(page)
    done(page)
    assert "1.5" in page.locator(".outputs td.number").all_inner_texts()
