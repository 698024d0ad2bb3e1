"""What every hub store must do (store/hub/ports.py), on each implementation."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from spaceport.errors import Conflict
from spaceport.store.hub import sqlite_audit
from spaceport.store.hub.application_ports import NewToken
from spaceport.store.hub.audit_ports import AuditFilter, Entry
from spaceport.store.hub.factor_ports import Totp
from spaceport.store.hub.linked_ports import LinkedAccount
from spaceport.store.hub.ports import SpacePage, SpaceValue, TokenScope
from spaceport.store.hub.sqlite import SqliteHubStore
from spaceport.store.hub.tier_ports import Tier

OPENERS = {"sqlite": lambda folder: SqliteHubStore(folder / "hub.db")}
"""By name: opens the store in a folder; a second call opens it as a second process would."""


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


def space_of(store, owner, name, *, subdomain=None, private=False, now=1.0):
    folder = f"spaces/{owner.id}/{name}"
    store.add_space(owner.id, name, subdomain or f"{owner.name}-{name}", folder, "gradio", now, private=private)
    return store.space(owner.name, name)


def test_an_owner_is_found_without_regard_to_case_and_is_unique(store):
    ann = store.add_owner("Ann", "pro", 1.0, admin=True)
    assert (ann.name, ann.tier, ann.admin, ann.created_at) == ("Ann", "pro", True, 1.0)
    assert store.owner("aNN") == ann
    assert store.owner("bob") is None
    with pytest.raises(Conflict, match="already exists"):
        store.add_owner("ann", "free", 2.0)
    store.add_owner("aaron", "free", 3.0)
    assert [one.name for one in store.owners()] == ["aaron", "Ann"]
    store.set_tier(ann.id, "free")
    assert store.owner("Ann").tier == "free"


def test_a_token_is_found_by_its_digest_until_it_is_removed(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    store.add_token(ann.id, "laptop", "hf_ab", b"1" * 32, "write", 2.0, 9.0)
    store.add_token(ann.id, "ci", "hf_cd", b"2" * 32, "read", 3.0, None)
    store.add_token(bob.id, "laptop", "hf_ef", b"3" * 32, "read", 4.0, None)
    token = store.token(b"1" * 32)
    assert (token.owner, token.name, token.shown, token.role) == ("ann", "laptop", "hf_ab", "write")
    assert (token.created_at, token.expires_at, token.used_at, token.address) == (2.0, 9.0, None, None)
    with pytest.raises(Conflict, match="already exists"):
        store.add_token(ann.id, "laptop", "hf_gh", b"4" * 32, "read", 5.0, None)
    assert store.token(b"4" * 32) is None
    store.token_used(token.id, 6.0, "::1")
    used = [(one.name, one.used_at, one.address) for one in store.tokens("ann")]
    assert used == [("laptop", 6.0, "::1"), ("ci", None, None)]
    store.remove_token(token.id)
    assert store.token(b"1" * 32) is None
    assert [one.owner for one in store.tokens("bob")] == ["bob"]


def test_a_space_is_found_by_name_and_subdomain(store):
    ann, bob = store.add_owner("Ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    words = space_of(store, ann, "Words", subdomain="ann-words", private=True)
    assert (words.full_name, words.private, words.sdk) == ("Ann/Words", True, "gradio")
    assert store.space("ann", "words") == store.by_subdomain("ann-words") == words
    assert store.space("bob", "words") is None
    assert store.by_subdomain("other") is None
    with pytest.raises(Conflict, match="already exists"):
        space_of(store, ann, "words", subdomain="other")
    with pytest.raises(Conflict, match=r"^subdomain$"):
        space_of(store, bob, "w", subdomain="ann-words")
    store.set_private(words.id, private=False)
    store.space_changed(words.id, "docker", 7.0)
    changed = store.space("Ann", "Words")
    assert (changed.private, changed.sdk, changed.updated_at, changed.created_at) == (False, "docker", 7.0, 1.0)
    store.remove_space(words.id)
    assert store.space("Ann", "Words") is None
    assert store.by_subdomain("ann-words") is None


def test_spaces_are_listed_by_author_and_search_the_last_changed_first(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    for now, (owner, name) in enumerate([(ann, "words"), (bob, "word_count"), (ann, "maps")]):
        space_of(store, owner, name, now=float(now))

    def names(**wanted):
        return [one.full_name for one in store.spaces(**wanted)]

    assert names() == ["ann/maps", "bob/word_count", "ann/words"]
    assert names(author="ann") == ["ann/maps", "ann/words"]
    assert names(search="WORD") == ["bob/word_count", "ann/words"]
    assert names(author="bob", search="b/word") == ["bob/word_count"]
    assert names(search="nothing") == []
    assert len(names(search="%")) == 3, "a wildcard of SQL is not one of the search"


def test_how_a_space_runs(store):
    ann = store.add_owner("ann", "pro", 1.0)
    words, maps = space_of(store, ann, "words"), space_of(store, ann, "maps")
    assert store.how_it_runs(words.id) == (None, False)
    store.set_sleep(words.id, 60.0)
    store.set_paused(words.id, paused=True)
    store.set_paused(maps.id, paused=True)
    assert store.how_it_runs(words.id) == (60.0, True)
    assert store.how_it_runs(maps.id) == (None, True)
    store.set_sleep(words.id, None)
    store.set_paused(words.id, paused=False)
    assert store.how_it_runs(words.id) == (None, False)


def test_variables_and_secrets_are_apart(store):
    ann = store.add_owner("ann", "pro", 1.0)
    words, maps = space_of(store, ann, "words"), space_of(store, ann, "maps")
    plain, secret = SpaceValue("KEY", b"plain", "about", 2.0), SpaceValue("KEY", b"\x00secret", None, 3.0)
    store.set_value(words.id, plain, secret=False)
    store.set_value(words.id, secret, secret=True)
    store.set_value(words.id, SpaceValue("A", b"", None, 4.0), secret=False)
    assert [one.key for one in store.values(words.id, secret=False)] == ["A", "KEY"]
    assert store.values(words.id, secret=True) == [secret]
    assert store.values(maps.id, secret=False) == []
    newer = SpaceValue("KEY", b"newer", None, 5.0)
    store.set_value(words.id, newer, secret=False)
    assert store.values(words.id, secret=False)[1] == newer
    store.remove_value(words.id, "KEY", secret=False)
    assert [one.key for one in store.values(words.id, secret=False)] == ["A"]
    assert store.values(words.id, secret=True) == [secret]


def test_what_belongs_to_a_space_goes_with_it(store):
    ann = store.add_owner("ann", "pro", 1.0)
    words = space_of(store, ann, "words")
    store.set_value(words.id, SpaceValue("KEY", b"x", None, 2.0), secret=True)
    store.set_paused(words.id, paused=True)
    store.remove_space(words.id)
    again = space_of(store, ann, "words")
    assert store.values(again.id, secret=True) == []
    assert store.how_it_runs(again.id) == (None, False)


def test_a_restart_and_a_second_process_see_every_write(open_store):
    first, second = open_store(), open_store()
    ann = first.add_owner("ann", "pro", 1.0)
    assert second.owner("ann") == ann
    second.set_tier(ann.id, "free")
    deadline = time.monotonic() + 5
    while first.owner("ann").tier != "free":
        assert time.monotonic() < deadline
    assert open_store().owner("ann").tier == "free"


def test_any_thread_may_use_it(store):
    owners = [store.add_owner(f"user{number}", "free", 1.0) for number in range(4)]
    failed = []

    def work(owner):
        try:
            for number in range(25):
                store.add_token(owner.id, f"t{number}", "hf_", b"%d %d" % (owner.id, number), "read", 1.0, None)
                assert store.token(b"%d %d" % (owner.id, number)).owner == owner.name
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert [len(store.tokens(owner.name)) for owner in owners] == [25] * 4


def pages_of(store, limit, **wanted):
    """The names on all pages of a listing, each page as text."""
    found, after = [], None
    while page := store.page(SpacePage(limit, after=after, **wanted)):
        found.append(" ".join(one.space.full_name for one in page))
        last = page[-1].space
        after = (getattr(last, wanted.get("order", "updated_at")), last.id)
    return found


def test_pages_of_a_listing(store):
    ann, bob = store.add_owner("Ann", "pro", 1.0), store.add_owner("bob", "free", 1.0, admin=True)
    for now, name in enumerate(["a", "b", "c", "d", "e"]):
        space_of(store, ann, name, now=float(now), private=name == "c")
    hidden = space_of(store, bob, "hidden", now=9.0, private=True)
    store.space_changed(store.space("ann", "a").id, "gradio", 8.0)
    assert pages_of(store, 2) == ["Ann/a Ann/e", "Ann/d Ann/b"]
    assert pages_of(store, 4) == ["Ann/a Ann/e Ann/d Ann/b"]
    assert pages_of(store, 9, viewers=(ann.id,)) == ["Ann/a Ann/e Ann/d Ann/c Ann/b"]
    assert pages_of(store, 9, viewers=(bob.id,)) == ["bob/hidden Ann/a Ann/e Ann/d Ann/b"]
    assert pages_of(store, 3, everything=True) == ["bob/hidden Ann/a Ann/e", "Ann/d Ann/c Ann/b"]
    assert pages_of(store, 9, everything=True, author="ANN") == ["Ann/a Ann/e Ann/d Ann/c Ann/b"]
    assert pages_of(store, 1, author="bob") == []
    assert pages_of(store, 2, order="created_at") == ["Ann/e Ann/d", "Ann/b Ann/a"]
    store.set_paused(hidden.id, paused=True)
    store.set_sleep(hidden.id, 60.0)
    first, second = store.page(SpacePage(2, everything=True))
    assert (first.space, first.sleep_s, first.paused, first.by_admin) == (hidden, 60.0, True, True)
    assert (second.sleep_s, second.paused, second.by_admin) == (None, False, False)


def test_spaces_of_the_same_time_are_on_one_page_each(store):
    ann = store.add_owner("ann", "pro", 1.0)
    for number in range(5):
        space_of(store, ann, f"s{number}", now=1764328732.1234567)
    assert pages_of(store, 2) == ["ann/s4 ann/s3", "ann/s2 ann/s1", "ann/s0"]


def test_what_belongs_to_an_organization(open_store):
    store, other = open_store(), open_store()
    ann, bob = store.add_owner("ann", "pro", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    team = store.add_owner("Team", "free", 2.0, organization_of=ann.id)
    assert (team.organization, ann.organization, team.admin) == (True, False, False)
    members = store.organizations
    assert dict(members.roles(ann.id)) == dict(other.organizations.roles(ann.id)) == {team.id: "admin"}
    assert members.roles(bob.id) == {}
    members.set_member(team.id, bob.id, "read", 3.0)
    members.set_member(team.id, bob.id, "write", 4.0)
    assert [(one.user, one.role, one.since) for one in members.members(team.id)] == [
        ("ann", "admin", 2.0),
        ("bob", "write", 3.0),
    ]
    assert [(one.organization, one.name, one.role) for one in members.memberships(bob.id)] == [
        (team.id, "Team", "write")
    ]
    for change in (
        lambda: members.set_member(team.id, ann.id, "write", 5.0),
        lambda: members.remove_member(team.id, ann.id),
        lambda: store.remove_owner(ann.id, 9.0),
    ):
        with pytest.raises(Conflict, match="admin"):
            change()
        assert dict(members.roles(ann.id)) == {team.id: "admin"}
    space = space_of(store, team, "words")
    store.invitations.add_invitation(b"1", team.id, "read", ann.id, 1.0, 9.0, 1)
    store.remove_owner(team.id, 9.0)
    assert store.space("Team", "words") is None
    assert store.existing([space.id]) == set()
    assert members.roles(bob.id) == {}
    assert store.invitations.invitation(b"1", 2.0) is None


def test_an_invitation_can_be_used_as_often_as_it_says_and_no_longer(store):
    ann = store.add_owner("ann", "pro", 1.0)
    team = store.add_owner("team", "free", 1.0, organization_of=ann.id)
    found = store.invitations
    found.add_invitation(b"1", team.id, "write", ann.id, 1.0, 9.0, 2)
    found.add_invitation(b"2", None, None, None, 1.0, 5.0, 1)
    one = found.invitation(b"1", 8.0)
    assert (one.organization, one.role, one.inviter, one.uses_left) == ("team", "write", "ann", 2)
    assert found.invitation(b"1", 9.0) is found.invitation(b"3", 1.0) is None
    assert [found.use_invitation(one.id, now) for now in (9.0, 2.0, 2.0, 2.0)] == [False, True, True, False]
    assert found.invitation(b"1", 2.0) is None
    (hub,) = found.invitations(None)
    assert (hub.organization, hub.role, hub.inviter) == (None, None, None)
    found.purge_invitations(4.0)
    assert (found.invitations(team.id), found.invitations(None)) == ([], [hub])
    found.remove_invitation(hub.id)
    assert found.invitations(None) == []


def test_names_that_look_alike_or_are_kept_are_refused(store):
    ann = store.add_owner("ann-rn1", "pro", 1.0, admin=True)
    for name in ("ann_m1", "Ann.mI", "anN-ml"):
        with pytest.raises(Conflict, match="looks too much like 'ann-rn1'"):
            store.add_owner(name, "free", 1.0)
    with pytest.raises(Conflict, match="already exists"):
        store.add_owner("ANN-RN1", "free", 1.0)
    bob = store.add_owner("bob", "free", 1.0)
    store.set_admin(bob.id, admin=True)
    store.remove_owner(ann.id, 9.0)
    with pytest.raises(Conflict, match="was deleted"):
        store.add_owner("ann.m1", "free", 8.0)
    assert store.add_owner("ann.m1", "free", 9.0).name == "ann.m1"
    for change in (lambda: store.set_admin(bob.id, admin=False), lambda: store.remove_owner(bob.id, 9.0)):
        with pytest.raises(Conflict, match="needs an admin"):
            change()
    assert store.owner("bob").admin


def test_a_space_moves_with_all_it_has(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    store.add_space(ann.id, "words", "ann-words", "spaces/1", "gradio", 1.0, private=True, creator=bob.id)
    space_of(store, bob, "maps", subdomain="bob-maps")
    words = store.space("ann", "words")
    assert (words.owner_id, words.creator) == (ann.id, bob.id)
    store.set_value(words.id, SpaceValue("KEY", b"x", None, 2.0), secret=True)
    with pytest.raises(Conflict, match="already exists"):
        store.move_space(words.id, bob.id, "maps", "other", 2.0)
    with pytest.raises(Conflict, match=r"^subdomain$"):
        store.move_space(words.id, bob.id, "words", "bob-maps", 2.0)
    store.move_space(words.id, bob.id, "texts", "bob-texts", 2.0)
    moved = store.by_subdomain("bob-texts")
    assert (moved.id, moved.full_name, moved.folder, moved.private) == (words.id, "bob/texts", "spaces/1", True)
    assert store.space("ann", "words") is store.by_subdomain("ann-words") is None
    assert [one.key for one in store.values(moved.id, secret=True)] == ["KEY"]
    assert store.existing([words.id, 99]) == {words.id}


def test_sessions_of_a_user(open_store):
    store, other = open_store(), open_store()
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    sessions = store.sessions
    for number in range(4):
        sessions.add_session(b"%d" % number, ann.id, f"d{number}", "::1", float(number), 90.0, 3)
    sessions.add_session(b"b", bob.id, "bobs", "::1", 5.0, 50.0, 3)
    assert [one.device for one in sessions.sessions(ann.id)] == ["d3", "d2", "d1"], "the oldest made room"
    first = other.sessions.session(b"1")
    assert (first.user, first.device, first.address, first.used_at, first.expires_at) == ("ann", "d1", "::1", 1.0, 90.0)
    sessions.session_used(first.id, "::2", 9.0)
    newest = sessions.sessions(ann.id)[0]
    assert (newest.id, newest.address, newest.used_at) == (first.id, "::2", 9.0)
    assert not sessions.remove_session(bob.id, first.id)
    assert sessions.remove_session(ann.id, newest.id)
    assert sessions.session(b"1") is None
    sessions.remove_sessions(ann.id, but=sessions.session(b"3").id)
    assert [one.device for one in sessions.sessions(ann.id)] == ["d3"]
    sessions.purge_sessions(50.0)
    assert (sessions.session(b"b"), len(sessions.sessions(ann.id))) == (None, 1)
    sessions.remove_sessions(ann.id)
    assert sessions.sessions(ann.id) == []


def test_a_password_and_the_links_that_set_another(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    passwords = store.passwords
    assert passwords.password(ann.id) is None
    passwords.set_password(ann.id, "hash", 1.0)
    passwords.add_reset(b"1", ann.id, 1.0, 9.0)
    passwords.add_reset(b"2", bob.id, 2.0, 9.0)
    passwords.add_reset(b"3", ann.id, 2.0, 9.0)
    assert (passwords.reset_user(b"1", 8.0), passwords.reset_user(b"1", 9.0)) == ("ann", None)
    assert [passwords.use_reset(b"1", now) for now in (9.0, 8.0, 8.0)] == [False, True, False]
    passwords.set_password(ann.id, "other", 3.0)
    assert (passwords.password(ann.id), passwords.password(bob.id)) == ("other", None)
    assert passwords.reset_user(b"3", 3.0) is None, "a new password ends all links"
    assert passwords.reset_user(b"2", 3.0) == "bob"


def test_a_scope_goes_with_what_it_is_about(store):
    ann = store.add_owner("ann", "pro", 1.0, admin=True)
    team = store.add_owner("team", "free", 1.0, organization_of=ann.id)
    words, maps = space_of(store, ann, "words"), space_of(store, ann, "maps")
    given = (TokenScope(team.id, None, "read"), TokenScope(None, words.id, "call"), TokenScope(None, maps.id, "write"))
    store.add_token(ann.id, "fine", "hf_ab", b"1" * 32, "fineGrained", 2.0, None, given)
    with pytest.raises(Conflict, match="already exists"):
        store.add_token(ann.id, "fine", "hf_ab", b"2" * 32, "fineGrained", 2.0, None, given)
    token = store.token(b"1" * 32)
    assert store.scopes(token.id) == given
    store.remove_space(maps.id)
    assert store.scopes(token.id) == given[:2]
    store.remove_owner(team.id, 9.0)
    assert store.scopes(token.id) == given[1:2]
    assert (store.space_by_id(words.id), store.space_by_id(maps.id)) == (words, None)
    space_of(store, ann, "hidden", private=True)
    assert pages_of(store, 9) == ["ann/words"]
    hidden = store.space("ann", "hidden").id
    assert pages_of(store, 9, spaces=(hidden, 99)) == ["ann/hidden ann/words"]


def test_the_log_of_a_user_keeps_the_newest(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    entries = [Entry(float(number), f"token {number % 2}", "POST /", 200, "::1", id=number + 1) for number in range(5)]
    for entry in entries:
        store.audit.add_entry(ann.id, entry, 3)
    store.audit.add_entry(bob.id, entries[0], 3)
    assert store.audit.entries(ann.id, 9) == entries[:1:-1]
    assert store.audit.entries(ann.id, 1) == entries[4:]
    assert store.audit.entries(ann.id, 9, credential="token 1") == [entries[3]]
    assert store.audit.entries(bob.id, 9) == [replace(entries[0], id=6)]


def test_the_log_of_all_accounts_is_searched_and_outlives_them(open_store, monkeypatch):
    monkeypatch.setattr(sqlite_audit, "_BATCH", 4)
    store, other = open_store(), open_store()
    ann, bob = store.add_owner("ann", "pro", 1.0, admin=True), store.add_owner("bob", "free", 1.0)

    def add(user, account, action, space=""):
        store.audit.add_entry(user, Entry(1.0, "", action, 200, "", account, space), 50)

    for number in range(20):
        add(ann.id, "ann", f"PUT /{number}", "ann/words")
        add(bob.id, "bob", f"DELETE /{number}", "ann/maps" if number % 2 else "")
    add(99, "gone", "POST /api/sessions")
    add(None, "", "spaceport tiers set")
    store.remove_owner(bob.id, 0.0)

    def found(limit=100, **wanted):
        entries, _ = other.audit.search(AuditFilter(**wanted), limit)
        return [one.action for one in entries]

    assert found(3) == ["spaceport tiers set", "POST /api/sessions", "DELETE /19"]
    assert len(found()) == 42
    assert found(account="Gone") == ["POST /api/sessions"]
    wanted = [f"DELETE /{number}" for number in (19, 17, 15, 13, 11, 1)]
    assert found(account="BOB", space="ann/MAPS", action="delete /1") == wanted
    assert found(action="%") == []
    entries, before = other.audit.search(AuditFilter(account="ann"), 15)
    more, after = other.audit.search(AuditFilter(account="ann", before=before), 15)
    assert [one.action for one in (*entries, *more)] == [f"PUT /{one}" for one in range(19, -1, -1)]
    assert after is None
    monkeypatch.setattr(sqlite_audit, "_MAX_BATCHES", 2)
    entries, before = other.audit.search(AuditFilter(action="PUT /0"), 9)
    assert (entries, before) == ([], 35), "it goes on there"
    monkeypatch.setattr(sqlite_audit, "_MAX_BATCHES", 100)
    for _ in range(60):
        add(None, "", "x")
    assert len(found(1000, account="")) == 50, "those of nobody, and of who is gone, are bounded together"
    assert found(account="bob") == []


def test_guests_and_the_link_of_a_space(open_store):
    store, other = open_store(), open_store()
    ann, bob = store.add_owner("ann", "pro", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    team = store.add_owner("team", "free", 1.0, organization_of=ann.id)
    store.organizations.set_member(team.id, bob.id, "read", 1.0)
    words, maps = space_of(store, ann, "words", private=True), space_of(store, ann, "maps", private=True)
    sharing = store.sharing
    assert sharing.shared_with(bob.id) == frozenset()
    sharing.add_guest(words.id, bob.id)
    sharing.add_guest(words.id, bob.id)
    sharing.add_guest(maps.id, team.id)
    assert other.sharing.shared_with(bob.id) == {words.id, maps.id}
    assert (sharing.guests(words.id), sharing.guests(maps.id)) == (["bob"], ["team"])
    assert [sharing.remove_guest(words.id, bob.id) for _ in range(2)] == [True, False]
    store.organizations.remove_member(team.id, bob.id)
    assert sharing.shared_with(bob.id) == frozenset()
    sharing.set_link(words.id, b"1")
    assert (sharing.link(words.id), sharing.space_of_link(b"1")) == (b"1", words.id)
    sharing.set_link(words.id, b"2")
    assert (sharing.link(words.id), sharing.space_of_link(b"1")) == (b"2", None)
    sharing.set_link(maps.id, b"3")
    sharing.set_link(words.id, None)
    assert sharing.link(words.id) is sharing.space_of_link(b"2") is None
    store.remove_space(maps.id)
    assert (sharing.space_of_link(b"3"), sharing.shared_with(ann.id)) == (None, frozenset())


def test_tiers_are_kept_by_name(open_store):
    store, other = open_store(), open_store()
    assert dict(store.tiers.tiers()) == {}
    team, free = Tier("team", 10, 60.0, 0, 5, storage=10**12), Tier("free", 1, 1.5, 2)
    store.tiers.save_tier(team)
    store.tiers.save_tier(free)
    assert dict(other.tiers.tiers()) == {"free": free, "team": team}
    store.tiers.save_tier(Tier("team", 11, 60.0, 0))
    store.tiers.remove_tier("free")
    assert dict(store.tiers.tiers()) == {"team": Tier("team", 11, 60.0, 0)}


def test_what_spaces_keep_and_what_is_on_its_way(open_store):
    store, other = open_store(), open_store()
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    words, maps = space_of(store, ann, "words"), space_of(store, ann, "maps")
    assert (store.storage.used(ann.id), store.storage.uncounted()) == (0, [])
    store.storage.announce(words.id, 70)
    store.storage.set_size(maps.id, 5)
    assert (other.storage.used(ann.id), other.storage.size(words.id), other.storage.used(bob.id)) == (75, 70, 0)
    store.storage.conclude(words.id, 70, arrived=True)
    store.storage.announce(maps.id, 30)
    store.move_space(maps.id, bob.id, "maps", "bob-maps", 2.0)
    assert (other.storage.used(ann.id), other.storage.used(bob.id)) == (70, 35)
    store.storage.conclude(maps.id, 30, arrived=False)
    assert (other.storage.used(bob.id), other.storage.uncounted(ann.id)) == (0, [])
    (unknown,) = other.storage.uncounted(bob.id)
    assert (unknown.space, unknown.folder) == (maps.id, maps.folder)
    store.storage.announce(words.id, 1)
    other.storage.forget_announced()
    assert [one.space for one in store.storage.uncounted()] == [words.id, maps.id]
    store.remove_space(words.id)
    store.storage.conclude(words.id, 1, arrived=True)
    assert store.storage.used(ann.id) == 0


def test_an_application_is_allowed_once_a_space_and_once_a_login_of_a_program(store):
    ann, bob = store.add_owner("ann", "pro", 1.0), store.add_owner("bob", "free", 1.0)
    app, applications = space_of(store, bob, "app"), store.applications
    first = applications.allow(ann.id, app.id, bob.id, "openid", "", 2.0, 5)
    assert applications.allow(ann.id, app.id, bob.id, "openid read-repos", "", 3.0, 5) == first
    assert applications.grant(ann.id, app.id).scopes == "openid read-repos"
    assert applications.grant(bob.id, app.id) is None
    programs = [applications.allow(ann.id, None, None, "openid", f"hf {number}", 4.0, 3) for number in range(3)]
    assert [one.id for one in applications.grants(ann.id)] == programs[::-1], "the oldest gave way"
    applications.grant_used(programs[0], 9.0, "10.0.0.1")
    assert [(one.user, one.used_at, one.address) for one in applications.grants(ann.id)][-1] == ("ann", 9.0, "10.0.0.1")
    assert not applications.remove_grant(bob.id, programs[0])
    assert applications.remove_grant(ann.id, programs[0])
    kept = applications.allow(ann.id, app.id, bob.id, "openid", "", 2.0, 5)
    store.remove_space(app.id)
    assert kept not in [one.id for one in applications.grants(ann.id)], "it went with its Space"


def test_tokens_of_an_application_end_with_what_they_come_from(store):
    ann, applications = store.add_owner("ann", "pro", 1.0), store.applications
    store.sessions.add_session(b"s" * 32, ann.id, "Firefox", "", 1.0, 99.0, 5)
    session = store.sessions.session(b"s" * 32).id
    grant = applications.allow(ann.id, None, None, "openid", "hf", 2.0, 5)
    for number in range(4):
        token = NewToken(bytes([number]) * 32, "openid", 50.0, session=session if number == 3 else None)
        assert applications.add_oauth_token(grant, token, 3.0, 3)
    assert applications.oauth_token(b"\0" * 32) is None, "a grant keeps the newest"
    found = applications.oauth_token(b"\1" * 32)
    assert (found.grant.id, found.grant.user, found.refresh, found.expires_at) == (grant, "ann", False, 50.0)
    store.sessions.remove_session(ann.id, session)
    assert applications.oauth_token(b"\3" * 32) is None, "it went with its session"
    assert not applications.add_oauth_token(grant, NewToken(b"4" * 32, "openid", 50.0, session=session), 3.0, 3)
    assert not applications.add_oauth_token(grant + 1, NewToken(b"4" * 32, "openid", 50.0), 3.0, 3)
    assert applications.add_oauth_token(grant, NewToken(b"r" * 32, "openid", 90.0, refresh=True), 3.0, 3)
    assert not applications.use_refresh_token(b"\1" * 32), "it is none"
    assert applications.use_refresh_token(b"r" * 32)
    assert not applications.use_refresh_token(b"r" * 32)
    assert applications.oauth_token(b"r" * 32).used
    applications.remove_oauth_token(b"\1" * 32)
    assert applications.oauth_token(b"\1" * 32) is None
    assert applications.add_oauth_token(grant, NewToken(b"5" * 32, "openid", 60.0), 55.0, 3)
    assert applications.oauth_token(b"\2" * 32) is None, "it had expired"
    applications.remove_oauth_tokens(grant)
    assert applications.oauth_token(b"5" * 32) is None


def test_a_moved_space_is_found_by_its_former_addresses_until_another_one_has_them(store):
    ann, bob = store.add_owner("ann", "free", 1.0), store.add_owner("bob", "free", 1.0)
    words = space_of(store, ann, "words")
    store.move_space(words.id, bob.id, "Texts", "bob-texts", 2.0)
    store.move_space(words.id, bob.id, "texts", "bob-texts", 3.0)  # only its case changes: no former address
    assert store.moved_space("ANN", "Words").full_name == "bob/texts"
    assert store.moved_by_subdomain("ann-words").id == words.id
    assert store.space("ann", "words") is store.by_subdomain("ann-words") is None
    assert store.moved_space("ann", "other") is store.moved_by_subdomain("bob-words") is None
    assert store.moved_space("bob", "texts").id == words.id, "its own name leads to it, too"
    with pytest.raises(Conflict, match="subdomain"):
        store.add_space(ann.id, "words", "bob-texts", "spaces/x", "gradio", 4.0, private=False)
    assert store.moved_space("ann", "words").id == words.id, "what failed has changed nothing"
    store.add_space(ann.id, "words", "ann-words", "spaces/fresh", "gradio", 4.0, private=False)
    fresh = store.space("ann", "words")
    assert store.moved_space("ann", "words").id == fresh.id
    assert store.moved_by_subdomain("ann-words") is None
    for number in range(30):
        store.move_space(words.id, bob.id, f"n{number}", f"bob-n{number}", 10.0 + number)
    assert store.moved_space("bob", "n8") is None, "the oldest are forgotten"
    assert store.moved_by_subdomain("bob-n9").id == store.moved_space("bob", "n9").id == words.id
    store.remove_space(words.id)
    assert store.moved_space("bob", "n9") is store.moved_by_subdomain("bob-n9") is None


def test_an_account_is_found_by_a_former_name_which_nobody_else_can_have_for_a_time(store):
    ann = store.add_owner("ann", "free", 1.0, admin=True)
    space_of(store, ann, "words")
    store.rename_owner(ann.id, "Anna", 10.0, 100.0)
    assert store.owner("ann") is None
    assert store.owner("anna").id == store.renamed_owner("ANN").id == ann.id
    assert store.moved_space("ann", "words").full_name == store.space("anna", "words").full_name == "Anna/words"
    for taken in ("ann", "Ann"):
        with pytest.raises(Conflict, match="renamed"):
            store.add_owner(taken, "free", 20.0)
    bob = store.add_owner("bob", "free", 20.0)
    for taken, why in (("anna", "already exists"), ("ann", "renamed")):
        with pytest.raises(Conflict, match=why):
            store.rename_owner(bob.id, taken, 20.0, 100.0)
    store.rename_owner(ann.id, "ann", 30.0, 100.0)
    assert (store.owner("ann").id, store.renamed_owner("anna").id) == (ann.id, ann.id)
    assert store.renamed_owner("ann") is None
    store.rename_owner(ann.id, "ann2", 31.0, 100.0)
    store.rename_owner(ann.id, "Ann2", 31.0, 100.0)  # only the case
    store.rename_owner(ann.id, "ann3", 32.0, 100.0)
    with pytest.raises(Conflict, match="3 other names"):
        store.rename_owner(ann.id, "ann4", 33.0, 100.0)
    other = store.add_owner("ann", "free", 131.5)
    assert store.owner("ann").id == other.id
    assert store.renamed_owner("ann") is None
    assert store.moved_space("ann", "words") is None
    store.rename_owner(ann.id, "ann4", 133.0, 100.0)
    store.add_owner("root2", "free", 134.0, admin=True)
    store.remove_owner(ann.id, 300.0)
    assert store.renamed_owner("ann3") is None
    with pytest.raises(Conflict, match="deleted or renamed"):
        store.add_owner("ann3", "free", 200.0)


def test_a_second_factor_is_confirmed_once_and_a_step_is_used_up(open_store):
    store = open_store()
    ann, bob = store.add_owner("ann", "free", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    factors = store.second_factors
    assert factors.totp(ann.id) is None
    assert factors.begin_totp(ann.id, b"first", 1.0)
    assert factors.begin_totp(ann.id, b"second", 2.0), "one that is not confirmed is replaced"
    assert factors.totp(ann.id) == Totp(b"second", confirmed=False, last_step=0)
    factors.confirm_totp(ann.id, 7, [b"a" * 32, b"b" * 32])
    assert open_store().second_factors.totp(ann.id) == Totp(b"second", confirmed=True, last_step=7)
    assert not factors.begin_totp(ann.id, b"third", 3.0)
    assert [factors.use_totp_step(ann.id, step) for step in (7, 6, 8, 8)] == [False, False, True, False]
    assert not factors.use_recovery_code(bob.id, b"a" * 32), "another user's"
    assert [factors.use_recovery_code(ann.id, b"a" * 32) for _ in range(2)] == [True, False]
    assert (factors.recovery_codes(ann.id), factors.recovery_codes(bob.id)) == (1, 0)
    factors.set_recovery_codes(ann.id, [b"c" * 32, b"d" * 32])
    assert not factors.use_recovery_code(ann.id, b"b" * 32), "new ones replace the others"
    assert [factors.remove_totp(ann.id) for _ in range(2)] == [True, False]
    assert (factors.totp(ann.id), factors.recovery_codes(ann.id)) == (None, 0)
    factors.begin_totp(bob.id, b"x", 4.0)
    factors.confirm_totp(bob.id, 1, [b"e" * 32])
    store.remove_owner(bob.id, 0.0)
    assert (factors.totp(bob.id), factors.recovery_codes(bob.id)) == (None, 0)


def test_a_passkey_is_of_one_user(open_store):
    store = open_store()
    ann, bob = store.add_owner("ann", "free", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    keys = store.passkeys
    first = keys.add_passkey(ann.id, b"one", b"public", 3, "laptop", 2.0)
    assert (first.user, first.credential, first.public_key, first.sign_count) == ("ann", b"one", b"public", 3)
    assert (first.name, first.created_at, first.used_at) == ("laptop", 2.0, None)
    second = keys.add_passkey(ann.id, b"two", b"public", 0, "phone", 3.0)
    with pytest.raises(Conflict):
        keys.add_passkey(bob.id, b"one", b"other", 0, "theft", 4.0)
    keys.passkey_used(first.id, 9, 5.0)
    used = open_store().passkeys.passkey(b"one")
    assert (used.id, used.user, used.sign_count, used.used_at) == (first.id, "ann", 9, 5.0)
    assert keys.passkey(b"three") is None
    assert not keys.rename_passkey(bob.id, first.id, "mine")
    assert keys.rename_passkey(ann.id, first.id, "desk")
    assert [one.name for one in keys.passkeys(ann.id)] == ["desk", "phone"]
    assert not keys.remove_passkey(bob.id, second.id)
    assert [keys.remove_passkey(ann.id, second.id) for _ in range(2)] == [True, False]
    assert [one.id for one in keys.passkeys(ann.id)] == [first.id]
    of_bob = keys.add_passkey(bob.id, b"two", b"public", 0, "phone", 6.0)
    store.remove_owner(bob.id, 0.0)
    assert (keys.passkey(of_bob.credential), keys.passkeys(bob.id)) == (None, [])


def test_an_account_elsewhere_is_linked_to_one_user_and_a_user_to_one_of_an_issuer(open_store):
    store = open_store()
    ann, bob = store.add_owner("ann", "free", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    links = store.linked_accounts
    links.add_link("https://a", "1", ann.id, "ann@example.org", 2.0)
    with pytest.raises(Conflict):
        links.add_link("https://a", "1", bob.id, "", 3.0)
    with pytest.raises(Conflict):
        links.add_link("https://a", "2", ann.id, "", 3.0)
    links.add_link("https://b", "1", ann.id, "", 4.0)
    links.add_link("https://a", "2", bob.id, "", 5.0)
    other = open_store().linked_accounts
    assert [other.linked_user("https://a", subject) for subject in ("1", "2", "3")] == ["ann", "bob", None]
    assert other.linked_user("https://b", "2") is None
    found = sorted(other.linked_accounts(ann.id), key=lambda one: one.issuer)
    assert found[0] == LinkedAccount("https://a", "1", "ann@example.org", 2.0)
    assert (found[1].issuer, found[1].email) == ("https://b", "")
    assert [links.remove_links(ann.id) for _ in range(2)] == [True, False]
    assert links.linked_user("https://a", "2") == "bob"
    store.remove_owner(bob.id, 0.0)
    assert links.linked_user("https://a", "2") is None


def test_an_address_for_mail_may_be_of_several_users(open_store):
    store = open_store()
    ann, bob = store.add_owner("ann", "free", 1.0, admin=True), store.add_owner("bob", "free", 1.0)
    assert store.emails.email(ann.id) == ""
    store.emails.set_email(bob.id, "Team@example.org")
    store.emails.set_email(ann.id, "team@EXAMPLE.org")
    other = open_store().emails
    assert (other.email(ann.id), other.email(bob.id)) == ("team@EXAMPLE.org", "Team@example.org")
    assert other.users_of_email("TEAM@example.org") == ["ann", "bob"]
    store.emails.set_email(ann.id, "ann@example.org")
    assert store.emails.users_of_email("team@example.org") == ["bob"]
    store.emails.set_email(ann.id, "")
    assert (store.emails.email(ann.id), store.emails.users_of_email("ann@example.org")) == ("", [])
    store.remove_owner(bob.id, 0.0)
    assert store.emails.users_of_email("team@example.org") == []
