"""What is said about files: to the person why one was not read, to the members what a file is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.attachments.process import Outcome
from bot.shapes import Post, Prose
from bot.words import ENGLISH, Words, key
from core.sentences import Sentence, said

WHY: Mapping[str, str] = {
    "other": key("{name} is no kind of file that I read, or not what its name says."),
    "archive": key("{name} is an archive: attach the files in it that matter."),
    "locked": key("{name} is protected by a password: attach a copy without one."),
    "legacy": key("{name} is in an old format: save it as .docx, .pptx, .xlsx or PDF, and attach that."),
    "empty": key("{name} has no text in it."),
    "scanned": key("{name} has no text on its {pages:,} pages, only pictures: attach those that matter as images."),
    "bomb": key("{name} would be {megabytes:,} MB once unpacked, as no real document is: I did not open it."),
    "entities": key("{name} has XML entities in it, as no Office program writes them: I did not open it."),
    "pixels": key("{name} has {width:,} × {height:,} pixels, which is too many: make it smaller."),
    "memory": key("{name} takes more memory than I give to one file."),
    "time": key("{name} takes longer to read than I give to one file."),
    "broken": key("{name} is damaged: I cannot read it."),
    "crash": key("{name} breaks what reads it: it is damaged, or made to do harm."),
    "extra": key("To read {name}, I need what `make setup` installs: the extra `documents`."),
    "busy": key("Too many files are being read just now: please attach {name} again in a minute."),
    "late": key("{name} did not arrive in time. Please attach it again."),
    "size": key("{name} has {size:,} bytes; a file may have {most:,}."),
    "more": key("{name}: a question may come with {most:,} files."),
    "images": key("{name}: a question may come with {most:,} images."),
    "sound": key("{name} is sound or video, which I do not read: attach what is said in it as text."),
}
"""Reasons by code. A reader only ever gives a code and figures, so that a file cannot put words into Dexter's mouth."""
_FORMATS = {"docx": "Word", "rtf": "rich text", "csv": "table", "html": "web page", "mail": "e-mail"}
_COUNTED = {"pdf": ("PDF", "page"), "pptx": ("PowerPoint", "slide"), "sheets": ("spreadsheet", "sheet")}


def why(code: str, name: str, **figures: int) -> Sentence:
    """Return the sentence for a code; an unknown one, or one whose figures are missing, is a crash."""
    try:
        sentence = said(WHY[code], name=name, **figures)
        str(sentence)
    except (KeyError, ValueError):
        return said(WHY["crash"], name=name)
    return sentence


def label(outcome: Outcome) -> str:
    """Return in English what a file is, for the members: `PDF, 20 pages`."""
    if outcome.kind == "image":
        return f"image, {outcome.width} x {outcome.height} pixels"
    if outcome.kind not in _COUNTED:
        return _FORMATS.get(outcome.kind, "")
    name, part = _COUNTED[outcome.kind]
    return f"{name}, {outcome.parts:,} {part}{'' if outcome.parts == 1 else 's'}"


def beside(post: Post | None, unread: Sequence[Sentence], words: Words = ENGLISH) -> Post | None:
    """Return `post` with a word about files that could not be read whole; where there is no post, that word alone."""
    if not unread:
        return post
    lines = [words("About your files:"), "", *(f"- {words.say(each)}" for each in unread)]
    told = Prose("\n".join(lines))
    return replace(post, parts=(*post.parts, told)) if post else Post((told,), private=True)
