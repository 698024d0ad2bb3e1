"""What a README's front matter says of signing in, and what scopes allow."""

from __future__ import annotations

import pytest

from spaceport.hub.identity.oauth_scopes import rights_of, split
from spaceport.hub.identity.rights import Right
from spaceport.hub.spaces.readme import faults, oauth, parse


def options(text):
    return oauth(parse(f"---\n{text}\n---\n"))


@pytest.mark.parametrize("text", ["title: x", "hf_oauth: false", 'hf_oauth: "true"', "hf_oauth: 1"])
def test_an_app_signs_in_only_where_its_author_says_so(text):
    assert options(text) is None


def test_scopes_are_those_that_the_hub_has():
    found = options("hf_oauth: true\nhf_oauth_scopes: [jobs, write-repos, inference-api, write-repos]")
    assert found.scopes == ("openid", "profile", "inference-api", "write-repos")
    assert (found.unknown, found.lifetime_s, found.organizations) == (("jobs",), 8 * 3600.0, ())
    assert options("hf_oauth: true\nhf_oauth_scopes: read-repos").scopes == ("openid", "profile", "read-repos")
    assert options("hf_oauth: true\nhf_oauth_authorized_org: crew").organizations == ("crew",)
    assert options("hf_oauth: true\nhf_oauth_authorized_org: [a, b]").organizations == ("a", "b")


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("1", 60.0), ("43200", 43200 * 60.0), ("0", 28800.0), ("43201", 28800.0), ("1.5", 28800.0), ("true", 28800.0)],
)
def test_a_token_lasts_from_a_minute_to_thirty_days(line, seconds):
    text = f"hf_oauth: true\nhf_oauth_expiration_minutes: {line}"
    assert options(text).lifetime_s == seconds
    assert bool(faults(parse(f"---\n{text}\n---\n"))) == (seconds == 28800.0), "what does not fit is told"


@pytest.mark.parametrize(
    "text",
    [
        "hf_oauth: sometimes",
        "hf_oauth: 1",
        "hf_oauth_scopes: {a: b}",
        "hf_oauth_scopes: [1]",
        "hf_oauth_authorized_org: 7",
    ],
)
def test_what_is_wrong_is_told(text):
    (fault,) = faults(parse(f"---\n{text}\n---\n"))
    assert text.partition(":")[0] in fault


def test_more_words_than_fifty_are_refused():
    texts = ["hf_oauth_scopes: [" + ", ".join(f"s{number}" for number in range(count)) + "]" for count in (50, 51)]
    assert [len(faults(parse(f"---\n{text}\n---\n"))) for text in texts] == [0, 1]


def test_scopes_allow_what_they_say_and_no_more():
    assert split("profile openid x openid") == ("openid", "profile", "x")
    nothing = rights_of(("openid", "profile", "unknown"), 7)
    assert (nothing.right(7, 1), nothing.right(8, None)) == (0, 0)
    more = rights_of(("inference-api", "read-repos", "write-repos"), 7)
    assert (more.right(7, 1), more.right(8, 1)) == (Right.WRITE, Right.CALL)
