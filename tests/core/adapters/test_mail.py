"""Letters against a real mail server on a socket: encrypted, to those who are allowed, once."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.adapters.mail import Server, SmtpMail, composed
from core.errors import BadRequest, DexterError, Misconfigured, NotAllowed, Unavailable
from core.reports.files import File
from core.reports.letter import Letter
from tests.doubles.certificates import Certificates
from tests.doubles.smtp_server import PASSWORD, USER, Box, mail_server

TO = "ada@example.org"


def letter(**changes: Any) -> Letter:
    values: dict[str, Any] = {
        "key": "k3f9x2mqabcd.ada@example.org", "to": TO, "subject": "Models, last week", "text": "It was näive 🦊.\n",
        "html": "<p>It was <b>näive</b> 🦊.</p>", "pictures": (File("models-1.png", "image/png", b"\x89PNG", "bars"),),
        "files": (File("models.csv", "text/csv", b"a,b\r\n1,2\r\n"),),
    }  # fmt: skip
    return Letter(**{**values, **changes})


def mail(box: Box, **changes: Any) -> SmtpMail:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": box.port,
        "tls": "none",
        "sender": "dexter@example.org",
        "seconds": 5.0,
    }
    return SmtpMail(
        Server(**{**values, **changes}), ["example.org", "@example.com", "Bob@Other.net"], pauses=(0.0, 0.0)
    )


async def test_a_letter_arrives_with_its_words_in_both_forms_its_pictures_and_its_files() -> None:
    async with mail_server() as box:
        await mail(box).send(letter())
    (got,) = box.letters
    assert (got["To"], got["Subject"]) == (TO, "Models, last week")
    assert got["From"] == "Dexter <dexter@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    plain, html = (got.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "It was näive 🦊."
    assert "<b>näive</b> 🦊" in html.get_content()
    by_name = {part.get_filename(): part for part in got.walk() if part.get_filename()}
    assert by_name["models-1.png"]["Content-ID"] == "<models-1.png>"
    assert by_name["models-1.png"].get_payload(decode=True) == b"\x89PNG"
    assert by_name["models.csv"].get_payload(decode=True) == b"a,b\r\n1,2\r\n"


async def test_it_is_encrypted_and_the_server_knows_who_sends_it(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    who = {"user": USER.decode(), "password": SecretStr(PASSWORD.decode()), "authority": certificates.authority}
    async with mail_server(certificates, login=True) as box:
        await mail(box, host="localhost", tls="starttls", **who).send(letter())
    assert (box.encrypted, box.logins) == ([True], [USER])


async def test_nothing_is_said_to_a_server_that_cannot_encrypt_or_is_not_who_it_says(tmp_path: Path) -> None:
    async with mail_server() as box:
        with pytest.raises(Unavailable, match="did not take the letter"):
            await mail(box, tls="starttls").send(letter())
    assert box.tries == 0
    async with mail_server(Certificates(tmp_path)) as box:  # signed by nobody that is trusted
        with pytest.raises(Unavailable, match="did not take the letter"):
            await mail(box, host="localhost", tls="starttls").send(letter())
    assert (box.tries, box.letters) == (0, [])


async def test_a_wrong_password_is_told_and_tried_once(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    async with mail_server(certificates, login=True) as box:
        who = {"user": "dexter", "password": SecretStr("wr0ng"), "authority": certificates.authority}
        with pytest.raises(Unavailable, match=r"it refused `mail\.user` and `mail\.password`") as failed:
            await mail(box, host="localhost", tls="starttls", **who).send(letter())
    assert "wr0ng" not in str(failed.value)
    assert {*box.logins} == {b"dexter"}  # by each way to log in that the server offers, in one connection


@pytest.mark.parametrize("mood", ["busy", "drop"])
async def test_a_server_that_is_busy_or_drops_the_line_is_tried_again(mood: str) -> None:
    async with mail_server() as box:
        box.moods = [mood, mood]
        await mail(box).send(letter())
    assert (box.tries, len(box.letters)) == (3, 1)


@pytest.mark.parametrize(
    ("mood", "tries", "why"),
    [("busy", 3, "451 4.3.0 Come back later"), ("refuse", 1, "554 5.7.1 No letters of this sort"),
     ("nobody", 1, "550 5.1.1 There is nobody of that name"), ("drop", 3, "did not take the letter")],
)  # fmt: skip
async def test_what_stays_so_is_told_after_a_bounded_number_of_tries(mood: str, tries: int, why: str) -> None:
    async with mail_server() as box:
        box.moods = [mood] * 9
        with pytest.raises(Unavailable, match=why):
            await mail(box).send(letter())
    assert (box.tries, box.letters) == (tries, [])


async def test_a_server_that_hangs_is_given_up() -> None:
    async with mail_server() as box:
        box.moods = ["hang"] * 9
        with pytest.raises(Unavailable, match="it did not answer in 0 s"):
            await mail(box, seconds=0.3).send(letter())
        assert box.tries == 3


async def test_a_letter_that_came_twice_has_one_message_id_so_that_it_is_known_as_one() -> None:
    async with mail_server() as box:
        box.moods = ["drop after"]
        await mail(box).send(letter())
        await mail(box).send(letter(key="another.ada@example.org"))
    first, again, other = (each["Message-ID"] for each in box.letters)
    assert first == again == "<k3f9x2mqabcd.ada.example.org@example.org>"
    assert other != first


async def test_nobody_listens_is_a_sentence() -> None:
    async with mail_server() as box:
        pass
    with pytest.raises(Unavailable, match=r"did not take the letter to ada@example\.org"):
        await mail(box).send(letter())


@pytest.mark.parametrize("address", ["ada@example.org", "ADA@Example.Org", "x@example.com", "bob@other.net"])
def test_who_is_allowed_gets_mail(address: str) -> None:
    mail(Box()).check(address)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("eve@evil.example", NotAllowed),
        ("ada@example.org.evil.net", NotAllowed),
        ("ada@sub.example.org", NotAllowed),
        ("eve@other.net", NotAllowed),
        ("ada@example.org, eve@evil.net", BadRequest),
        ("ada@example.org\nBcc: eve@evil.net", BadRequest),
        ("ada@example.org\r\nRCPT TO:<eve@evil.net>", BadRequest),
        ("Ada <ada@example.org>", BadRequest),
        ("ada", BadRequest),
        ("@example.org", BadRequest),
        ("", BadRequest),
    ],
)
async def test_others_and_what_is_no_address_get_none(address: str, error: type[DexterError]) -> None:
    async with mail_server() as box:
        with pytest.raises(error):
            await mail(box).send(letter(to=address))
    assert box.tries == 0


async def test_no_server_is_a_sentence_that_names_the_setting() -> None:
    with pytest.raises(Misconfigured, match=r"mail\.host"):
        await mail(Box(), host="").send(letter())
    with pytest.raises(NotAllowed, match=r"mail\.allowed"):
        await SmtpMail(Server(), []).send(letter())


def test_no_header_takes_a_line_break() -> None:
    made = composed(
        letter(subject="Hi\r\nBcc: eve@evil.net\x00\x1b[31m " + "x" * 500, key="a\r\nX-Evil: 1"), "d@example.org"
    )
    written = made.as_bytes()
    assert made["Bcc"] is None
    assert made["X-Evil"] is None
    assert made["Subject"].startswith("Hi Bcc: eve@evil.net [31m xxx")
    assert len(made["Subject"]) == 150
    assert b"\nBcc:" not in written
    assert b"\nX-Evil" not in written
