"""What programs may have by name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.wishes import Striking, public, struck, target


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1"],
)  # fmt: skip
def test_addresses_at_home_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_in_the_world_are(address: str) -> None:
    assert public(address)


def test_a_host_has_a_name_and_a_port() -> None:
    assert target("API.Example.com") == ("api.example.com", 443)
    assert target("api.example.com:8443") == ("api.example.com", 8443)
    assert target("[::1]:80") == ("::1", 80)


@given(
    st.lists(st.text("abc", min_size=1, max_size=6), max_size=4),
    st.lists(st.text('abcd"', max_size=8), max_size=12),
)
@example(["abca", "caab"], ["xabca", "ab", "caa", "b"])
@example(["abcabca"], ["abcabc", "abca"])
def test_a_text_in_pieces_is_struck_like_the_whole_of_it(secrets: list[str], pieces: list[str]) -> None:
    words = [SecretStr(each) for each in secrets]
    striking = Striking(words)
    shown = [striking.next(piece) for piece in pieces] + [striking.next("", last=True)]
    assert "".join(shown) == struck("".join(pieces), words)


def test_what_cannot_become_a_secret_is_shown_at_once() -> None:
    striking = Striking([SecretStr("s3cret")])
    assert striking.next("hello s3") == "hello "
    assert striking.next("ctor") == "s3ctor"
    assert Striking([]).next("all of it") == "all of it"


def test_secrets_are_struck_out_also_as_json_writes_them_and_the_longer_first() -> None:
    secrets = [SecretStr('a"bc'), SecretStr('a"bcde'), SecretStr("no")]
    assert struck('x a"bcde y a"bc z a\\"bcde no', secrets) == "x *** y *** z *** no"
    assert struck({"k": ['a"bc', 5, None]}, secrets) == {"k": ["***", 5, None]}
    assert struck("text", []) == "text"
