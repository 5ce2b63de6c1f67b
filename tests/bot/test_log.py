import json
import logging

import pytest
import structlog

from bot.log import Redaction, set_up
from bot.settings import Settings

PLANTED = {
    "slack": "xoxb-1234567890-abcdefghij",
    "app": "xapp-1-A0123-456-deadbeef",
    "openai": "sk-proj-abcdefghijklmnopqrst",
    "google": "AIzaSyA1234567890abcdefghijklmn",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "own": "correct horse battery staple",
}


@pytest.fixture
def lines(tmp_path):
    root = logging.getLogger()
    handlers, level, root.handlers[:] = root.handlers[:], root.level, []
    file = tmp_path / "logs" / "dexter.log"

    def write(*, debug_text=False, form="json"):
        settings = Settings(log={"file": file, "format": form, "level": "debug", "debug_text": debug_text})
        set_up(settings, [PLANTED["own"]])
        return structlog.get_logger("dexter.test")

    def read():
        for handler in root.handlers:
            handler.flush()
        return file.read_text()

    yield write, read
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_line_carries_its_ids_as_json(lines):
    write, read = lines
    write().info("asked", run="k3f9", tenant="slack:T1", person="slack:U1")
    line = json.loads(read())
    assert {
        "event": "asked",
        "run": "k3f9",
        "tenant": "slack:T1",
        "person": "slack:U1",
        "level": "info",
    }.items() <= line.items()


def test_secrets_are_struck_out_of_fields_messages_tracebacks_and_other_libraries_lines(lines):
    write, read = lines
    log = write()
    for name, secret in PLANTED.items():
        log.warning(f"message with {secret}", **{name: f"field with {secret}"})
        logging.getLogger("somelibrary").warning("a library says %s", secret)
        try:
            raise ValueError(f"raised with {secret}")
        except ValueError:
            log.exception("failed")
    log.warning("url", at="postgresql://dexter:hunter2pass@db/dexter")
    text = read()
    assert not [secret for secret in (*PLANTED.values(), "hunter2pass") if secret in text]
    assert text.count("***") >= 3 * len(PLANTED)


def test_what_people_and_models_write_is_left_out_unless_debugging_asks_for_it(lines):
    write, read = lines
    write().info("said", question="our secret plan", answer="the answer text")
    assert "our secret plan" not in read()
    write(debug_text=True).info("said", question="our other plan")
    assert "our other plan" in read()


def test_a_known_secret_inside_a_longer_one_leaves_nothing_behind():
    assert Redaction(["abcdef", "abcdefghi"], text=False).strike("x abcdefghi y") == "x *** y"
