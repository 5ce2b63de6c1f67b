"""Every text of Dexter's own has its German, and says what its English says."""

import pickle
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.table import COMMANDS
from bot.console.argv import usage
from bot.doctor import NAMES, Finding, report
from bot.words import ENGLISH, LANGUAGE_NAMES, LANGUAGES, words_for, words_here
from core.errors import ModelBusy, NotFound
from core.sentences import Sentence, all_of, joined, kept, one_of, read, said
from tests.doubles.catalogue import Key, Odd, filled_in, keys, named, probed

ROOT = Path(__file__).parents[2]
FOUND = [*keys(ROOT), *named()]
KEYS = {(key.text, key.many): key.where for key in FOUND if isinstance(key, Key)}
with (LANGUAGES / "de.po").open("rb") as opened:
    GERMAN = {
        (message.id, "") if isinstance(message.id, str) else tuple(message.id): message.string
        for message in read_po(opened)
        if message.id
    }
DE = words_for("de-DE")


def places(text):
    """Return the places of a text and how each is written."""
    return sorted(set(re.findall(r"\{(\w+(?::[^}]*)?)\}", text)))


def wordless(text):
    return not re.search(r"[A-Za-z]", re.sub(r"\{[^}]*\}", "", text))


def test_no_key_is_put_together_as_the_code_runs():
    assert [f"{key.where}: {key.code}" for key in FOUND if isinstance(key, Odd)] == []


def test_no_english_is_filled_into_a_sentence_of_another_language():
    assert [f"{odd.where}: {odd.code}" for odd in filled_in(ROOT)] == []


def test_what_the_doctor_looks_at_is_called_something_in_german_unless_it_has_a_name_of_its_own():
    assert "Slack bot token" in probed(ROOT)
    assert probed(ROOT) - set(NAMES) == {"Discord", "Slack", "Ollama"}
    found = report([Finding("Disk", "broken", said("")), Finding("Weights qwen", "ok", said(""))], DE)
    assert [row[0] for row in found.parts[1].rows] == ["Festplatte", "Gewichte qwen"]
    assert found.parts[2].text.startswith("Zu beheben: Festplatte.")


@pytest.mark.parametrize("why", ["Slack is limiting Dexter.", "{odd} Slack failed (503).", "{}", "", "[1]", '{"a": 1}'])
def test_a_sentence_that_was_written_down_is_read_back_and_any_other_text_is_taken_to_the_letter(why):
    assert str(read(kept(said(why)))) == why
    tries = said("given up after {tries} tries; the last one said: {why}", tries=3, why=said(why))
    assert read(kept(tries)) == tries


def test_every_text_has_its_german():
    assert len(KEYS) > 400
    missing = [f"{where}: {key[0]}" for key, where in KEYS.items() if key not in GERMAN and not wordless(key[0])]
    assert missing == []


def test_no_german_is_left_over_from_a_text_that_nobody_says_any_more():
    assert [key[0] for key in GERMAN if key not in KEYS] == []


def test_a_translation_has_the_places_of_its_english_and_no_others():
    wrong = []
    for (one, many), said_ in GERMAN.items():
        texts = said_ if isinstance(said_, tuple) else (said_,)
        for english, german in zip((one, many) if many else (one,), texts, strict=True):
            same_names = [place.partition(":")[0] for place in places(english)] == [
                place.partition(":")[0] for place in places(german)
            ]
            same = places(english) == places(german) or (same_names and "%" in english)  # a date has its own form
            wrong += [] if same and german else [english]
    assert wrong == []


def test_no_translation_says_du_or_leaves_english_quotes():
    texts = [text for said_ in GERMAN.values() for text in (said_ if isinstance(said_, tuple) else (said_,))]
    assert [text for text in texts if re.search(r"\b([Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich)\b", text)] == []
    assert [text for text in texts if text.count("„") != text.count("“") or "”" in text] == []
    assert [text for text in texts if re.search(r"\b(fuer|ueber|koennen|muessen|waehl\w+|groess\w+)\b", text)] == []


def test_every_language_of_the_catalogue_can_be_set():
    assert {"en", *(file.stem for file in LANGUAGES.glob("*.po"))} == set(LANGUAGE_NAMES)


@pytest.mark.parametrize("locale", ["de", "de-DE", "de_AT.UTF-8", "DE", "de@euro"])
def test_a_platforms_locale_is_understood(locale):
    assert words_for(locale)("Again") == "Noch einmal"


@pytest.mark.parametrize("locale", ["", "C", "C.UTF-8", "POSIX", "en-GB", "xx", "../de", "deu", "german", "\0"])
def test_any_other_locale_is_english(locale):
    assert words_for(locale) is ENGLISH


@given(st.text(max_size=40))
def test_no_locale_is_too_odd(locale):
    assert words_for(locale).language in LANGUAGE_NAMES


def test_the_terminal_goes_by_the_variables_that_every_program_looks_at():
    assert words_here({"LANG": "de_DE.UTF-8"}) is words_for("de_DE.UTF-8")
    assert words_here({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}) is ENGLISH
    assert words_here({}) is ENGLISH


def test_numbers_percentages_and_dates_are_written_as_the_reader_writes_them():
    at = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    assert ENGLISH.some(4120, "{count} token", "{count} tokens") == "4,120 tokens"
    assert DE.some(4120, "{count} token", "{count} tokens") == "4.120 Tokens"
    assert DE.some(1, "{count} call", "{count} calls") == "1 Aufruf"
    assert DE("${cost:.4f}", cost=0.0041) == "0,0041 $"
    assert DE("{n:.0%}", n=0.7) == "70\N{NO-BREAK SPACE}%"
    assert DE("{at:%Y-%m-%d %H:%M}", at=at) == "22.11.2026 09:05"
    assert ENGLISH("{at:%Y-%m-%d %H:%M}", at=at) == "2026-11-22 09:05"


def test_what_people_and_models_write_is_a_value_and_never_a_template():
    hostile = "{name.__class__} {0} %s {question}"
    assert DE("**{name}** asks: {question}", name=hostile, question="?") == f"**{hostile}** fragt: ?"
    with pytest.raises(KeyError):
        ENGLISH("{name.__class__}", name="x")


def test_an_error_is_said_in_the_readers_language_and_survives_being_sent():
    error = NotFound("There is no collaboration “{wanted}” here.", wanted="k3f9")
    assert str(error) == "There is no collaboration “k3f9” here."
    sent = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    assert (str(sent), DE.error(sent)) == (str(error), "Eine Frage „k3f9“ gibt es hier nicht.")
    busy = pickle.loads(pickle.dumps(ModelBusy("{name} gave an empty reply.", name="m", retry_after=2.5)))  # noqa: S301
    assert (busy.retry_after, DE.error(busy)) == (2.5, "m hat leer geantwortet.")


def test_an_error_without_places_is_taken_to_the_letter():
    assert str(NotFound("no {such} thing")) == DE.error(NotFound("no {such} thing")) == "no {such} thing"


def test_sentences_inside_sentences_are_said_in_the_readers_language_too():
    last = said("The last error: {error}", error=said("{name} gave an empty reply.", name="m"))
    both = joined([said("The others had decided already."), last])
    assert DE.say(both) == "Die anderen hatten schon entschieden. Der letzte Fehler: m hat leer geantwortet."
    assert Sentence.model_validate_json(both.model_dump_json()) == both
    assert (str(all_of(["a"])), str(all_of("ab")), str(one_of("abc"))) == ("a", "a and b", "a, b or c")
    assert DE.say(one_of("abc")) == "a, b oder c"


def test_only_the_beginning_that_is_dexters_own_is_translated():
    own = said("No agreement: the committee is divided, and another round did not bring it together.")
    text = f"{own}\n\n**ann:** No agreement at all."
    assert DE.told(text, own).startswith("Keine Einigung: Das Gremium")
    assert DE.told(text, own).endswith("\n\n**ann:** No agreement at all.")
    assert DE.told("A model's own words.", None) == "A model's own words."
    assert ENGLISH.told(text, own) == text


def test_help_is_german_where_the_environment_is():
    shown = usage(COMMANDS, DE)
    assert "Aufruf: dexter <Befehl> …" in shown
    assert len(shown.splitlines()) == len(usage(COMMANDS).splitlines())


def test_who_reads_english_pays_for_no_catalogue():
    code = "import sys, bot.words as w; w.words_here({'LANG': 'en_US.UTF-8'}); print('babel' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
