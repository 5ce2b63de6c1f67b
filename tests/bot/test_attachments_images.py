"""Pictures: made small, turned upright, written anew, and nothing in them but what can be seen."""

import base64
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.attachments import Attachments, Gathered, Offer
from bot.attachments.gather import IMAGES
from bot.attachments.words import why


async def gathered(*files: tuple[str, bytes]) -> Gathered:
    def offer(name: str, content: bytes) -> Offer:
        async def fetch(_most: int) -> bytes:
            return content

        return Offer(name, len(content), "image/png", fetch)

    return await Attachments().gather([offer(*file) for file in files])


def written(picture: Image.Image, kind: str, **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


KINDS = [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/png"), ("WEBP", "image/jpeg")]


@pytest.mark.parametrize(("kind", "media"), KINDS)
async def test_four_kinds_are_shown_to_models_small_enough(kind: str, media: str) -> None:
    found = await gathered(("a.bin", written(Image.new("RGB", (3000, 1500), "red"), kind)))
    (file,) = found.files
    assert file.image is not None
    assert (file.text, file.kind) == ("", "image, 1568 x 784 pixels")
    assert (file.image.media, file.image.width, file.image.height) == (media, 1568, 784)
    shown = Image.open(BytesIO(base64.b64decode(file.image.data)))
    assert shown.size == (1568, 784)
    red, green, _ = shown.convert("RGB").getpixel((100, 100))
    assert red > 240 > 15 > green


async def test_where_and_when_and_by_whom_a_picture_was_taken_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Secret Camera", {1: "N", 2: (52.0, 31.0, 0.0)}
    exif[0x0112] = 6  # lying on its side
    hidden = {"exif": exif, "comment": b"Secret Comment", "icc_profile": b"Secret Profile"}
    photo = written(Image.new("RGB", (400, 200), "blue"), "JPEG", **hidden)
    note = PngInfo()
    note.add_text("Author", "Secret Author")
    found = await gathered(("a.jpg", photo), ("b.png", written(Image.new("RGB", (20, 10)), "PNG", pnginfo=note)))
    for file in found.files:
        assert file.image is not None
        data = base64.b64decode(file.image.data)
        assert b"Secret" not in data
        assert not Image.open(BytesIO(data)).getexif()
    assert found.files[0].kind == "image, 200 x 400 pixels"


async def test_what_is_see_through_stands_on_white() -> None:
    (file,) = (await gathered(("a.png", written(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")))).files
    assert file.image is not None
    assert Image.open(BytesIO(base64.b64decode(file.image.data))).getpixel((5, 5)) == (255, 255, 255)


async def test_a_picture_of_noise_is_made_to_fit() -> None:
    noise = Image.effect_noise((1600, 1600), 200).convert("RGB")
    (file,) = (await gathered(("a.png", written(noise, "PNG")))).files
    assert file.image is not None
    assert file.image.media == "image/jpeg"
    assert len(file.image.data) < 1_500_000


async def test_a_question_comes_with_so_many_pictures_even_if_all_have_one_name() -> None:
    found = await gathered(*[("image.png", written(Image.new("RGB", (5, 5)), "PNG"))] * (IMAGES + 1))
    assert len(found.files) == IMAGES
    assert [str(each) for each in found.unread] == ["image.png: a question may come with 4 images."]


async def test_a_damaged_picture_is_refused() -> None:
    whole = written(Image.effect_noise((200, 200), 50), "PNG")
    found = await gathered(("a.png", whole[: len(whole) // 2]), ("b.jpg", b"\xff\xd8\xff" + bytes(100)))
    assert [str(each) for each in found.unread] == [str(why("broken", name)) for name in ("a.png", "b.jpg")]
