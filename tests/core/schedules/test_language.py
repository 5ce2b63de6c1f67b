"""What people type, in English and German, and what is understood of it."""

from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import islice

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from bot.words import words_for
from core.adapters.calendars import Calendars
from core.errors import BadRequest
from core.schedules.draft import Setting
from core.schedules.language import understood
from core.schedules.occurrences import next_few, occurrences
from core.schedules.rule import Rule
from core.schedules.words import said_back

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # a Sunday; in Berlin it is 21:00
CALENDARS = Calendars()
BERLIN = Setting(NOW, "Europe/Berlin", CALENDARS.holidays, lambda name: CALENDARS.named(name, "DE"), "DE")
NOWHERE = Setting(NOW, "Europe/Berlin", CALENDARS.holidays, CALENDARS.named)
DE = words_for("de")


def times(text: str, setting: Setting = BERLIN) -> str:
    found = next_few(understood(text, setting), NOW, CALENDARS.holidays)
    return ", ".join(f"{at:%a %d.%m.%y %H:%M}" for at in found)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["every Monday 9:00", "Mondays at 9am", "jeden Montag um 9", "montags 9 Uhr", "Weekly on Monday at 9:00",
             "every Monday", "jede Woche montags um 9.00 Uhr", "every monday at nine", "cron 0 9 * * mon"],
            "Mon 23.11.26 09:00, Mon 30.11.26 09:00, Mon 07.12.26 09:00",
        ),
        (
            ["every weekday at 9", "weekdays 9:00", "Montag bis Freitag um 9", "mon-fri 9:00", "Mo-Fr 9 Uhr",
             "cron 0 9 * * 1-5", "0 9 * * mon-fri", "werktags um 9", "every business day at 9",
             "jeden Arbeitstag um 9"],
            "Mon 23.11.26 09:00, Tue 24.11.26 09:00, Wed 25.11.26 09:00",
        ),
        (
            ["daily 17:30", "every day at 5:30 pm", "täglich um 17:30", "jeden Tag 17 Uhr 30", "cron 30 17 * * *",
             "taeglich 17.30 Uhr"],
            "Mon 23.11.26 17:30, Tue 24.11.26 17:30, Wed 25.11.26 17:30",
        ),
        (
            ["every 2 weeks on Tuesday and Thursday at 8am", "alle 2 Wochen dienstags und donnerstags um 8",
             "every other week on Tuesday, Thursday 8:00", "alle zwei Wochen am Dienstag und Donnerstag 8 Uhr"],
            "Tue 24.11.26 08:00, Thu 26.11.26 08:00, Tue 08.12.26 08:00",
        ),
        (["alle 2 Wochen dienstags", "every other Tuesday", "jeden zweiten Dienstag", "fortnightly on Tuesday"],
         "Tue 24.11.26 09:00, Tue 08.12.26 09:00, Tue 22.12.26 09:00"),
        (
            ["on the first Monday of the month at 10", "every first Monday at 10", "jeden ersten Montag im Monat um 10",
             "am ersten Montag des Monats um 10 Uhr", "1st Monday of each month 10:00"],
            "Mon 07.12.26 10:00, Mon 04.01.27 10:00, Mon 01.02.27 10:00",
        ),
        (["on the last business day of the month", "am letzten Werktag des Monats", "last working day of every month"],
         "Mon 30.11.26 09:00, Thu 31.12.26 09:00, Fri 29.01.27 09:00"),
        (["on the 15th of the month at noon", "am 15. jedes Monats um 12 Uhr", "monthly on the 15th at 12:00"],
         "Tue 15.12.26 12:00, Fri 15.01.27 12:00, Mon 15.02.27 12:00"),
        (["on the last day of the month at 18:00", "am letzten Tag des Monats um 18 Uhr"],
         "Mon 30.11.26 18:00, Thu 31.12.26 18:00, Sun 31.01.27 18:00"),
        (["every 15 minutes between 9 and 17", "alle 15 Minuten zwischen 9 und 17 Uhr", "von 9 bis 17 Uhr alle 15 min",
          "every 15 minutes from 9am to 5pm"],
         "Mon 23.11.26 09:00, Mon 23.11.26 09:15, Mon 23.11.26 09:30"),
        (["every hour", "hourly", "stündlich", "jede Stunde", "every 60 minutes", "cron 0 * * * *"],
         "Sun 22.11.26 22:00, Sun 22.11.26 23:00, Mon 23.11.26 00:00"),
        (["tomorrow 14:00", "morgen um 14 Uhr", "Monday 14:00", "on 23 November at 2pm", "2026-11-23 14:00",
          "am 23.11.2026 um 14", "in 1 day at 14:00", "next Monday at 14:00", "14:00 on November 23, 2026"],
         "Mon 23.11.26 14:00"),
        (["on 24 December 2026 8:00", "am 24. Dezember um 8", "December 24 8am", "24.12. 8 Uhr"], "Thu 24.12.26 08:00"),
        (["in 3 hours", "in drei Stunden", "in 180 minutes"], "Mon 23.11.26 00:00"),
        (["in half an hour", "in einer halben Stunde", "in 30 minutes"], "Sun 22.11.26 21:30"),
        (["every year on 24 December at 8", "every 24 December 8:00", "jeden 24. Dezember um 8 Uhr",
          "jährlich am 24. Dezember um 8"],
         "Thu 24.12.26 08:00, Fri 24.12.27 08:00, Sun 24.12.28 08:00"),
        (["weekdays at 9:00, 13:00 and 17:00", "mo-fr 9:00, 13:00, 17:00"],
         "Mon 23.11.26 09:00, Mon 23.11.26 13:00, Mon 23.11.26 17:00"),
        (["every Saturday and Sunday at 10", "am Wochenende um 10", "weekends 10:00", "every weekend at 10"],
         "Sat 28.11.26 10:00, Sun 29.11.26 10:00, Sat 05.12.26 10:00"),
        (["quarterly on the 1st at 9", "every 3 months on the 1st", "alle 3 Monate am 1. um 9", "vierteljährlich"],
         "Tue 01.12.26 09:00, Mon 01.03.27 09:00, Tue 01.06.27 09:00"),
    ],
)  # fmt: skip
def test_the_words_people_use_are_understood(texts: list[str], expected: str) -> None:
    assert {text: times(text) for text in texts} == dict.fromkeys(texts, expected)


def test_zones_are_named_by_city_and_whole_and_tomorrow_is_tomorrow_there() -> None:
    assert understood("every Monday 9:00 in New York", BERLIN).zone == "America/New_York"
    assert understood("every Monday 9:00 New York time", BERLIN).zone == "America/New_York"
    assert understood("every Monday 9:00 europe/london", BERLIN).zone == "Europe/London"
    assert understood("daily 9:00 UTC", BERLIN).zone == "UTC"
    assert understood("daily 9:00 in Kathmandu", BERLIN).zone == "Asia/Kathmandu"
    assert times("tomorrow 8:00 in Lord Howe") == "Tue 24.11.26 08:00"  # there it is Monday already


def test_holidays_start_end_and_jitter_are_understood() -> None:
    rule = understood("every weekday at 9 except holidays in DE-BE from 1 December until 1 March jitter 5 min", NOWHERE)
    assert (rule.place, rule.no_holidays, rule.jitter) == ("DE-BE", True, 5)
    assert (rule.begins, rule.ends) == (date(2026, 12, 1), date(2027, 3, 1))
    assert understood("werktags ausser an Feiertagen in Bayern um 9 ab morgen", BERLIN).place == "DE-BY"
    assert times("every Friday at 9 except holidays from 25 December").startswith("Fri 08.01.27")  # 25.12. and 1.1.
    assert times("every business day at 9 from 24 December").startswith("Thu 24.12.26 09:00, Mon 28.12.26")
    assert understood("on the last business day of the month", NOWHERE).place == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31 February", "There is no 31 February, so this never comes."),
        ("am 31. Februar um 9", "There is no 31 February"),
        ("every 31 February", "There is no 31 February"),
        ("cron 0 0 31 2 *", "There is no 31 February"),
        ("30.2.2027 9:00", "There is no 30 February"),
        ("5.13.2027", "There is no month 13"),
        ("today 9:00", "“today 9:00” is in the past already"),
        ("on 1 January 2020 at 9", "is in the past already"),
        ("every Monday until 1 March 2020", "is in the past already"),
        ("every Monday in Atlantis", "I know no time zone “Atlantis”"),
        ("every Monday Europe/Berln", "Did you mean Europe/Berlin"),
        ("every 30 seconds", "more often than every minute"),
        ("every 0 minutes", "more often than every minute"),
        ("in 20 Sekunden", "more often than every minute"),
        ("every 36 hours", "named in days"),
        ("every fluffy Monday at 9", "I do not understand “every fluffy”"),
        ("every Monday at 25:00", "I do not understand “at 25:00”"),
        ("every Monday at 9:75", "I do not understand “at 9:75”"),
        ("every Monday at 13pm", "I do not understand “at 13pm”"),
        ("12/24/2026 9:00", "I do not understand “12/24/2026”"),
        ("", "When?"),
        ("🦊", "I do not understand “🦊”"),
        ("daily 9 except holidays in Atlantis", "I know no holidays of “Atlantis”"),
        ("every Monday at 9 and tomorrow", "one day and days that come again"),
        ("in 3 hours every Monday", "names one moment and other times"),
        ("every 15 minutes at 9:10", "times of day and an interval"),
        ("every 15 minutes between 17 and 9", "the first one has to be the earlier"),
        ("every year", "Say on which day of the year"),
        ("daily 9 jitter 5 days", "jitter"),
        ("cron 0 25 * * *", "cannot be the hour of a cron line"),
        ("cron 0 9 * * 8", "cannot be the day of the week"),
        ("cron 0 9 * *", "I do not understand"),
        ("cron * * * * * every Monday", "A cron line says all the times by itself"),
        ("every 9999 weeks", "no time that I can keep"),
        ("every Monday " * 30, "too long"),
    ],
)
def test_what_cannot_be_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        understood(text, BERLIN)
    assert said in str(refused.value)
    assert str(DE.error(refused.value))


def test_whose_holidays_is_asked_where_nobody_has_said() -> None:
    with pytest.raises(BadRequest, match="Whose holidays"):
        understood("every Monday 9:00 except holidays", NOWHERE)


@given(st.text(max_size=80))
def test_any_text_is_understood_or_refused_with_a_sentence(text: str) -> None:
    with suppress(BadRequest):
        assert next_few(understood(text, BERLIN), NOW, CALENDARS.holidays, 1)


WORDS = """every jeden 2 other Monday dienstags weekday business day of the month first last 15th until from between
and 9 17:30 at um 8am in hours minutes weeks December 24 2027 except holidays tomorrow New York jitter 5 to half alle
Wochen am 31. Februar cron * 24.12. 2027-01-01 zwischen bis , Uhr"""
PIECES = st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join)


@given(PIECES)
def test_any_row_of_known_words_is_understood_with_a_time_to_come_or_refused(text: str) -> None:
    with suppress(BadRequest):
        rule = understood(text, BERLIN)
        assert next_few(rule, NOW, CALENDARS.holidays, 1)
        assert str(said_back(rule))
        assert DE.say(said_back(rule))
        assert Rule.model_validate_json(rule.model_dump_json()) == rule


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    span = st.lists(st.integers(low, high), min_size=2, max_size=2, unique=True).map(
        lambda two: f"{min(two)}-{max(two)}"
    )
    step = st.tuples(span, st.integers(1, high)).map(lambda two: f"{two[0]}/{two[1]}")
    return st.one_of(st.just("*"), one, span, step, st.tuples(one, one).map(",".join))


@given(st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 6)).map(" ".join))
def test_cron_lines_mean_what_they_mean_to_croniter(line: str) -> None:
    utc = Setting(NOW, "UTC", CALENDARS.holidays, CALENDARS.named)
    ours = list(islice(occurrences(understood(f"cron {line}", utc), NOW, CALENDARS.holidays), 5))
    theirs = croniter(line, NOW)
    expected = [theirs.get_next(datetime) for _ in ours]
    assert ours == expected


SAID = {
    "every Monday 9:00": (
        "every Monday at 09:00, Europe/Berlin time",
        "jeden Montag um 09:00 Uhr, Zeitzone Europe/Berlin",
    ),
    "every 2 weeks on Tuesday and Thursday at 8am": (
        "every 2 weeks on Tuesday and Thursday at 08:00, Europe/Berlin time",
        "alle 2 Wochen am Dienstag und Donnerstag um 08:00 Uhr, Zeitzone Europe/Berlin",
    ),
    "on the last business day of the month": (
        "on the last business day of each month at 09:00, Europe/Berlin time, public holidays of DE",
        "am letzten Arbeitstag jedes Monats um 09:00 Uhr, Zeitzone Europe/Berlin, Feiertage von DE",
    ),
    "every 15 minutes between 9 and 17": (
        "every day every 15 minutes from 09:00 to 17:00, Europe/Berlin time",
        "jeden Tag alle 15 Minuten von 09:00 bis 17:00, Zeitzone Europe/Berlin",
    ),
    "tomorrow 14:00": (
        "once, on 23 November 2026 at 14:00, Europe/Berlin time",
        "einmal, am 23. November 2026 um 14:00 Uhr, Zeitzone Europe/Berlin",
    ),
    "in 3 hours": (
        "once, on Mon 23 November 2026 00:00, Europe/Berlin time",
        "einmal, am Mo 23. November 2026 00:00, Zeitzone Europe/Berlin",
    ),
    "weekdays at 9 except holidays until 1 March jitter 5 min": (
        "on every day from Monday to Friday at 09:00, Europe/Berlin time, except public holidays (DE), "
        "until 1 March 2027, up to 5 min later by chance",
        "an jedem Tag von Montag bis Freitag um 09:00 Uhr, Zeitzone Europe/Berlin, außer an Feiertagen (DE), "
        "bis 1. März 2027, zufällig bis zu 5 min später",
    ),
    "cron 0 9 13 * 5": (
        "on day 13 of each month, or any Friday at 09:00, Europe/Berlin time",
        "an Tag 13 jedes Monats oder an jedem Freitag um 09:00 Uhr, Zeitzone Europe/Berlin",
    ),
    "every 24 December 8:00": (
        "on day 24 in December at 08:00, Europe/Berlin time",
        "an Tag 24 im Dezember um 08:00 Uhr, Zeitzone Europe/Berlin",
    ),
    "quarterly on the 1st at 9": (
        "on day 1 of every 3 months at 09:00, Europe/Berlin time",
        "an Tag 1 alle 3 Monate um 09:00 Uhr, Zeitzone Europe/Berlin",
    ),
}


@pytest.mark.parametrize("text", SAID)
def test_what_was_understood_is_said_back_in_english_and_german(text: str) -> None:
    said = said_back(understood(text, BERLIN))
    assert (str(said), DE.say(said)) == SAID[text]
