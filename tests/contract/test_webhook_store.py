"""What every webhook store must do (store/webhooks/ports.py), on each implementation."""

from __future__ import annotations

import stat

import pytest

from spaceport.store.webhooks.ports import Hook
from spaceport.store.webhooks.sqlite import SqliteWebhookStore, has_due

OPENERS = {"sqlite": lambda folder: SqliteWebhookStore(folder / "webhooks.db")}
"""By name: opens the store in a folder; a second call opens it as the next process would."""


@pytest.fixture(params=sorted(OPENERS))
def open_store(request, tmp_path):
    opened = []

    def open_one():
        opened.append(OPENERS[request.param](tmp_path))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


def hook(job, user=None, host="a.example"):
    return Hook(job, user, f"https://{host}/{job}", ("job.started", "job.succeeded"))


def all_of(store, **wanted):
    everything = {"user": None, "everybody": True, "job": None, "state": None, "before": None, "limit": 50}
    return store.listing(**{**everything, **wanted})


def test_a_webhook_stays_until_its_job_has_ended(open_store):
    store = open_store()
    store.add_hook(hook("one", "ann"))
    store.add_hook(hook("two"))
    with pytest.raises(OSError):
        store.add_hook(hook("one"))
    assert sorted(one.job for one in open_store().hooks()) == ["one", "two"]
    assert store.counts() == (2, 0)
    store.add_delivery(hook("one", "ann"), "job.started", b"1", 10.0, last=False)
    assert store.counts() == (2, 1)
    store.add_delivery(hook("one", "ann"), "job.succeeded", b"2", 11.0, last=True)
    assert [one.job for one in store.hooks()] == ["two"]
    store.remove_hook("two")
    store.remove_hook("never")
    assert (store.hooks(), store.counts()) == ([], (0, 2))
    assert [(one.event, one.body, one.state, one.attempts) for one in all_of(open_store())] == [
        ("job.succeeded", b"2", "due", 0),
        ("job.started", b"1", "due", 0),
    ]


def test_the_oldest_due_ones_first_but_none_that_is_sent_or_whose_host_is_busy(store):
    for number, host in enumerate(["a.example", "b.example", "a.example", "c.example"]):
        store.add_delivery(hook(f"job{number}", host=host), "job.succeeded", b"x", 10.0 + number, last=False)

    def jobs(now=100.0, sending=(), busy=(), limit=9):
        return [one.job for one in store.due(now, sending, busy, limit)]

    assert jobs() == ["job0", "job1", "job2", "job3"]
    assert jobs(limit=2) == ["job0", "job1"]
    assert jobs(now=11.0) == ["job0", "job1"]
    assert jobs(busy=["a.example"]) == ["job1", "job3"]
    first = store.due(100.0, (), (), 1)[0]
    assert jobs(sending=[first.id]) == ["job1", "job2", "job3"]
    assert store.next_due() == 10.0


def test_an_attempt_is_recorded_and_a_dead_one_can_be_sent_again(store):
    store.add_delivery(hook("one"), "job.succeeded", b"x", 10.0, last=False)
    (delivery,) = all_of(store)
    store.record_attempt(delivery, "due", 20.0, 500, "It answered 500.")
    found = store.get(delivery.id)
    assert (found.state, found.attempts, found.due_at, found.status, found.error) == (
        "due",
        1,
        20.0,
        500,
        "It answered 500.",
    )
    assert (store.due(15.0, (), (), 9), store.next_due()) == ([], 20.0)
    store.record_attempt(delivery, "dead", 20.0, None, "no answer")
    assert (store.get(delivery.id).state, store.next_due(), store.counts()) == ("dead", None, (0, 0))
    store.redeliver(delivery.id, 30.0)
    again = store.get(delivery.id)
    assert (again.state, again.attempts, again.due_at) == ("due", 0, 30.0)
    assert store.get("missing") is None


def test_listings_filter_and_page(store):
    for number, user in enumerate(["ann", None, "ann", "bob"]):
        store.add_delivery(hook(f"job{number}", user), "job.succeeded", b"x", float(number), last=False)
    newest = all_of(store)
    assert [one.job for one in newest] == ["job3", "job2", "job1", "job0"]
    assert [one.job for one in all_of(store, everybody=False, user="ann")] == ["job2", "job0"]
    assert [one.job for one in all_of(store, everybody=False)] == ["job1"]
    assert [one.job for one in all_of(store, job="job1")] == ["job1"]
    assert [one.job for one in all_of(store, before=newest[1].id)] == ["job1", "job0"]
    assert [one.job for one in all_of(store, limit=1)] == ["job3"]
    store.record_attempt(newest[0], "delivered", 9.0, 200, None)
    assert [one.job for one in all_of(store, state="delivered")] == ["job3"]


def test_purge_takes_what_is_old_and_not_due(store):
    for number in range(3):
        store.add_delivery(hook(f"job{number}"), "job.succeeded", b"x", float(number), last=False)
    newest, middle, _ = all_of(store)
    store.record_attempt(newest, "delivered", 9.0, 200, None)
    store.record_attempt(middle, "dead", 9.0, 410, None)
    store.purge(2.0)
    assert [one.job for one in all_of(store)] == ["job2", "job0"]


def test_whether_there_is_something_to_deliver(tmp_path):
    path = tmp_path / "webhooks.db"
    assert not has_due(path)
    assert not path.exists()
    store = SqliteWebhookStore(path)
    assert not has_due(path)
    store.add_hook(hook("one"))
    assert has_due(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.close()
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(OSError, match=r"webhooks\.db"):
        has_due(path)
