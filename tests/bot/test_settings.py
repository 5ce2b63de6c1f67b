import pytest

from bot.settings import load, secrets
from core.entities import Role
from core.errors import Misconfigured


@pytest.fixture
def clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DEXTER_CONFIG", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DISCORD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_a_file_the_defaults_hold(clean):
    settings = load(environ={})
    assert settings.database_url.startswith("sqlite:///")
    assert settings.people.default is Role.MEMBER


def test_the_file_is_read_and_the_environment_wins(clean, monkeypatch):
    (clean / "dexter.toml").write_text(
        '[log]\nlevel = "debug"\nformat = "json"\n[people.roles]\n"slack:U1" = "operator"\n'
    )
    monkeypatch.setenv("DEXTER_LOG__LEVEL", "error")
    settings = load()
    assert (settings.log.level, settings.log.format) == ("error", "json")
    assert settings.people.roles == {"slack:U1": Role.OPERATOR}


def test_customary_names_of_tokens_work(clean):
    settings = load(environ={"SLACK_BOT_TOKEN": "xoxb-secret-1"})
    assert settings.slack.bot_token.get_secret_value() == "xoxb-secret-1"
    assert "xoxb-secret-1" not in repr(settings)
    assert "xoxb-secret-1" in secrets(settings, {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[log]\nlevle = 'debug'", "log.levle"),
        ("[log]\nlevel = 'loud'", "log.level"),
        ("[slack]\nbot_token = 5", "slack.bot_token"),
        ("not toml", "is not TOML"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(clean, text, says):
    (clean / "dexter.toml").write_text(text)
    with pytest.raises(Misconfigured, match=says) as refused:
        load(environ={})
    assert "loud" not in str(refused.value).split("Input should")[0]


def test_a_file_that_is_not_there_is_named(clean):
    with pytest.raises(Misconfigured, match=r"nowhere\.toml cannot be read"):
        load(clean / "nowhere.toml", environ={})
