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


TEXTS = (
    "b10 b9 B9 b09 a_1 a-1 a.1 A1 7 007 70 x,1 x 1|x|zebra|Zebra|cz|ch|aa|az|1.5|1.25|note 10 a|note 10 b|note 9|~|^|"
)
SORTED = """(texts) => {
    const { compare } = new Intl.Collator(undefined, { numeric: true });
    return texts.every((text, at) => !at || compare(texts[at - 1], text) <= 0);
}"""


@pytest.mark.parametrize(
    "more", ["", "|é|ß|ö1", f"|{'1' * 20}|{'2' * 17}", "|" + "|".join(f"same long start {n}" for n in range(50))]
)
def test_texts_are_sorted_as_people_do(tabs, space, tmp_path, more):
    texts = (TEXTS.replace(" ", "|", 9) + more).split("|")
    (tmp_path / "texts.csv").write_text("name;size\n" + "".join(f'"{text}";{at}\n' for at, text in enumerate(texts)))
    page = tabs.open(f"{space.url}/?endpoint=echo_dataframe")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a CSV file").click()
    chooser.value.set_files(tmp_path / "texts.csv")
    page.get_by_label("name, row 2", exact=True).wait_for()
    run(page)
    done(page)
    heading = page.locator(".outputs th").get_by_role("button", name="name")
    cells = page.locator(".outputs tbody td:first-child")
    heading.click()
    page.locator('.outputs th[aria-sort="ascending"]').wait_for()
    shown = cells.all_inner_texts()
    assert sorted(shown) == sorted(texts)
    assert page.evaluate(SORTED, shown)
    heading.click()
    page.locator('.outputs th[aria-sort="descending"]').wait_for()
    assert page.evaluate(SORTED, cells.all_inner_texts()[::-1])
