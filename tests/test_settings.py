import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.analysis import Level
from bot.core.detection.threshold import Rules
from bot.core.ownership import team
from bot.core.ownership.owner import Rule
from bot.core.ownership.quiet import Quiet
from bot.core.ownership.rota import Rota
from bot.core.telling import reminder
from bot.core.telling.slot import Schedule
from bot.errors import SettingsError
from bot.settings import (
    Budget,
    Channel,
    Detection,
    Hidden,
    Http,
    Llm,
    Override,
    Owner,
    PagerDuty,
    Reminders,
    Roles,
    Settings,
    Slack,
    Step,
    Team,
    Turns,
    check_for_serving,
    load,
    missing,
)
from bot.sources import fields
from bot.sources.field_names import FieldNames
from bot.sources.loki_query import Loki

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
EXAMPLE = Path(__file__).parent.parent / "triage.example.toml"


def a_file(folder: Path, text: str) -> Path:
    file = folder / "given.toml"
    file.write_text(text, encoding="utf-8")
    return file


def complaint(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load(environ, a_file(folder, text))
    return str(raised.value)


def test_nothing_set_is_everything_as_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({})
    assert settings == Settings()
    assert settings.detection.rules == Rules()
    assert settings.database_url == "sqlite:///triage.db"


def test_the_file_in_the_current_folder_is_read_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "triage.toml").write_text('teams = ["web"]')
    assert load({}).team_names == ("web",)
    assert load({}, a_file(tmp_path, 'teams = ["ops"]')).team_names == ("ops",)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = a_file(tmp_path, 'database_url = "sqlite:///a.db"\n[http]\nport = 1\nhost = "::1"')
    given = {"DATABASE_URL": "sqlite:///b.db", "TRIAGE_PORT": "2", "TRIAGE_HOST": "0.0.0.0"}
    settings = load(given, file)
    assert settings.database_url == "sqlite:///b.db"
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 2)


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    assert load({"DATABASE_URL": ""}, a_file(tmp_path, "")).database_url == "sqlite:///triage.db"


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    settings = load({"SLACK_BOT_TOKEN": " xoxb-hush\n"}, a_file(tmp_path, ""))
    assert settings.slack.bot_token.get_secret_value() == "xoxb-hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[slack]\nsigning_secret = "0123"', "slack.signing_secret: remove it"),
        ('[slack]\ncommand = "xapp-1-hush"', "slack.command: remove it"),
        ('teams = ["xoxb-1-hush"]', "teams[1]: remove it"),
        ('anthropic_api_key = "sk-ant-hush"', "anthropic_api_key: remove it"),
    ],
)
def test_a_secret_anywhere_in_the_file_is_refused_and_not_repeated(
    text: str, said: str, tmp_path: Path
) -> None:
    sentence = complaint(tmp_path, text)
    assert said in sentence
    assert "in the environment instead" in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "is not TOML: "),
        ('[slack]\nmode = "http\n\n', "(at line 2, column 13): a quote is not closed there."),
        ('teams = [\n"dev",\n\n', "(at its end, line 2)"),
        ("chanels = []", "chanels: there is no such setting; did you mean channels?"),
        ("[slack]\nmode = off", 'line 2, column 8): a text stands in quotes: mode = "…".'),
        ("x = 1979-", "docs/configuration.md shows an example."),
        ("min_count = 3", "min_count: there is no such setting; min_count belongs in [detection]"),
        ("[spike]\nmin_count = 3", "spike: there is no such setting; min_count belongs in [detec"),
        ('timezone = "UTC"', "timezone belongs in [[channels]] or [[teams]]"),
        (
            '[[sources]]\nkind = "loki"\nname = "a"\nquery = "x"\nurl = "loki:3100"',
            "sources[1]: url: must begin with http:// or https://",
        ),
        ('[slack]\ndigest = ["09:00"]', "digest belongs in [[channels]]"),
        ("colour = 3", "colour: there is no such setting; docs/configuration.md names all"),
        (
            '[[channels]]\nid = "C01"\ndigests = []',
            "channels[1].digests: there is no such setting; ",
        ),
        ("[detection]\nmincount = 3", "did you mean min_count?"),
        ("[[detection.overrides]]\nservise = 'x'", "overrides[1].servise: there is no such"),
        ("http.port = 70_000", "http.port: must be 65535 or less"),
        ("teams = [3]", "teams[1]: must be a table: [name] and lines below it"),
        ("slack = 3", "slack: must be a table"),
        ("channels = 3", "channels: must be a list"),
        ("[owners]\nservice = 'x'", "owners: must be a list: write [[owners]] above each of them"),
        ('[[channels]]\nid = "#ops"', "channels[1].id: '#ops' is no channel id; it looks like C01"),
        ('[[channels]]\ndigest = ["09:00"]', "channels[1].id: is missing"),
        (
            '[[channels]]\nid = "C01"\ntimezone = "Mars/Base"',
            "no time zone; an example is Europe/B",
        ),
        ('[[channels]]\nid = "C01"\ntimezone = "../etc"', "is no time zone"),
        (
            '[[channels]]\nid = "C01"\ndigest = ["25:00"]',
            "digest[1]: '25:00' is no time of day; an",
        ),
        ('[[channels]]\nid = "C01"\nweekdays = ["monday"]', "'mon', 'tue'"),
        ('[[channels]]\nid = "C01"\nreport = "monday 9:30"', "an example is mon 09:30, and off"),
        ('[[channels]]\nid = "C01"\n[[channels]]\nid = "C01"', "in [[channels]] twice"),
        ("[detection]\nmin_count = 0", "detection.min_count: must be more than 0"),
        ("[detection]\nmin_count = 1.5", "detection.min_count: must be a whole number"),
        ("[detection]\nmin_count = 10000000000", "min_count: must be 1000000000 or less"),
        ("[detection]\npeak_factor = inf", "detection.peak_factor: must be 1000000 or less"),
        ("[detection]\npeak_factor = nan", "detection.peak_factor: must be "),
        ("[detection]\nswing_factor = 1e308", "swing_factor: must be 1000000 or less"),
        ("[detection]\nmean_factor = inf", "detection.mean_factor: must be 1000000 or less"),
        ("[detection]\nchance_factor = inf", "chance_factor: must be 1000000 or less"),
        ("[detection]\ngap_factor = inf", "detection.gap_factor: must be 1000000 or less"),
        ("[detection]\nmost_traffic = nan", "detection.most_traffic: must be "),
        ("[detection]\nquiet_days = inf", "detection.quiet_days: must be 10000 or less"),
        ("[detection]\nquiet_days = nan", "detection.quiet_days: must be "),
        ("[detection]\nquiet_days = 0.9", "detection.quiet_days: must be 1 or more"),
        (
            '[[detection.overrides]]\nservice = "a"\nquiet_days = inf',
            "detection.overrides[1].quiet_days: must be 10000 or less",
        ),
        ('[[owners]]\nteam = "dev"', "owners[1]: give at least one of service, pattern"),
        ('[[owners]]\nteam = "dev"\npattern = "("', "owners[1]: the rule for team 'dev' has a pat"),
        ('[[teams]]\nname = "dev"\nchannel = "#dev"', "teams[1].channel: '#dev' is no channel id"),
        ('[[teams]]\nname = "dev"\ngroup = "@dev"', "is no id of a user group"),
        ('[[teams]]\nname = "dev"\nmembers = ["ana"]', "'ana' is no id of a person"),
        ('[[teams]]\nname = "dev"\non_call = "ana"', "neither a person (U0123ABC) nor a user"),
        (
            '[[teams]]\nname = "dev"\non_call = "U01"\nrota = {people=["U01"], since=2026-11-02}',
            "leave one out",
        ),
        ('[[teams]]\nname = "dev"\nrota = {people = [], since = 2026-11-02}', "rota.people"),
        ('[roles]\nmute = ["ana"]', "neither a person (U0123ABC) nor a user group"),
        ('[[teams]]\nname = "dev"\nquiet_hours = "22-7"', "an example is 22:00-07:00"),
        ('[[teams]]\nname = "dev"\nquiet_hours = "07:00-07:00"', "end at another time"),
        ('[[teams]]\nchannel = "C0123"', "teams[1].name: is missing"),
        ('[[reminders.steps]]\nafter_minutes = 5\nwhom = "ops"', "neither a person"),
        (
            'reminders.steps = [{after_minutes=9, whom="team"}, {after_minutes=9, whom="U01"}]',
            "each step comes later",
        ),
        ("teams = []", "teams: name 1 to 100 teams"),
        ('teams = ["web", " "]', "teams[2].name: the name of a team has 1 to 60 characters"),
        (f'teams = ["{"x" * 61}"]', "teams[1].name: the name of a team has 1 to 60 characters"),
        ('teams = ["web", "Web"]', "teams: a team is named twice"),
        (f"teams = {[str(n) for n in range(101)]}", "teams: name 1 to 100 teams"),
        ('[[owners]]\nteam = "dba"\nservice = "db"', "the team 'dba', which is not one of `teams`"),
        ('[[owners]]\nteam = "nope"\nservice = "db"', "one of `teams`: add it there, or check"),
        ("[llm.budget.teams]\nplattform = 1.0", "one of `teams`: did you mean platform?"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(
    text: str, said: str, tmp_path: Path
) -> None:
    assert said in complaint(tmp_path, text)


def test_all_that_is_wrong_is_said_at_once_by_the_names_it_was_set_by(tmp_path: Path) -> None:
    given = {"TRIAGE_PORT": "http", "SLACK_API_URL": "slack.com"}
    sentence = complaint(tmp_path, "[detection]\nmin_count = 0", **given)
    assert "  TRIAGE_PORT: must be a whole number\n" in sentence
    assert "  SLACK_API_URL: an address begins with https://" in sentence
    assert "  detection.min_count: " in sentence


def test_what_only_the_environment_has_wrong_is_not_said_of_the_file(tmp_path: Path) -> None:
    assert complaint(tmp_path, "", TRIAGE_PORT="http").startswith("Wrong settings:\n  TRIAGE_PORT")


def test_a_secret_without_quotes_is_not_repeated(tmp_path: Path) -> None:
    sentence = complaint(tmp_path, "[slack]\nbot_token = xoxb-1-hush")
    assert "a text stands in quotes: bot_token" in sentence
    assert "hush" not in sentence


def test_a_secret_in_the_wrong_place_is_told_where_it_belongs_by_how_it_begins(
    tmp_path: Path,
) -> None:
    sentence = complaint(tmp_path, '[slack]\ntoken = "xoxb-1-hush"')
    assert "set SLACK_BOT_TOKEN in the environment instead" in sentence
    assert "hush" not in sentence


def test_what_does_not_fit_together_is_said_along_with_what_is_wrong_by_itself(
    tmp_path: Path,
) -> None:
    sentence = complaint(
        tmp_path,
        'slack.bot_token = "xoxb-1"\ndetection.min_count = 0\nllm.budget.teams.dba = 1.0\n'
        'owners = [{team = "dbb", service = "db"}, {team = "dbb", service = "sql"}]\n',
    )
    assert [line.partition(":")[0] for line in sentence.splitlines()] == [
        f"A secret stands in {tmp_path / 'given.toml'}, as slack.bot_token",
        f"Wrong settings in {tmp_path / 'given.toml'}",
        "  detection.min_count",
        "  [llm.budget.teams] names the team 'dba', which is not one of `teams`",
        "  [[owners]] names the team 'dbb', which is not one of `teams`",
    ]


def test_a_row_that_is_wrong_hides_nothing_that_is_wrong_beside_it(tmp_path: Path) -> None:
    sentence = complaint(
        tmp_path,
        'channels = [{id = "ops"}, {id = "C01", teams = ["dba"]}]\n'
        'sources = [{kind = "loki", name = "l"}]\nowners = [{team = "dbb", service = "db"}]\n',
    )
    assert [line.partition(":")[0] for line in sentence.splitlines()[1:]] == [
        "  channels[1].id",
        "  sources[1]",
        "  [[channels]] names the team 'dba', which is not one of `teams`",
        "  [[owners]] names the team 'dbb', which is not one of `teams`",
    ]


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        (
            "http.port = 'x'",
            ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "No [[channels]] in triage.toml"],
        ),
        ("channels = [{id = 'ops'}]", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        (
            "slack.mode = 'http'\nchannels = [{id = 'ops'}]",
            ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"],
        ),
        ("slack.mode = 'off'\nhttp.port = 'x'", []),
        ("slack.mode = 'of'", []),
    ],
)
def test_what_is_missing_is_said_along_with_what_is_wrong(
    tmp_path: Path, text: str, lacks: list[str]
) -> None:
    file = tmp_path / "given.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load({}, file, lacking=missing)
    lines = [line for line in str(raised.value).splitlines()[1:] if not line.startswith(" ")]
    assert [re.split(r" is |:", line)[0] for line in lines] == lacks


def test_a_team_says_how_it_is_reached_and_when_it_is_left_alone(tmp_path: Path) -> None:
    text = """
        [[teams]]
        name = "dev"
        [[teams]]
        name = "ops"
        channel = "C0OPS"
        group = "S0OPS"
        on_call = "U0ANA"
        quiet_hours = "22:00 - 07:00"
        timezone = "Europe/Berlin"
        [[teams]]
        name = "web"
        rota = { people = ["U0ANA", "U0LI"], since = 2026-11-02, days = 14 }
        [reminders]
        severity = "critical"
        steps = [{ after_minutes = 5, whom = "on-call" }, { after_minutes = 15, whom = "U0LEAD" }]
    """
    settings = load({}, a_file(tmp_path, text))
    night = Quiet(time(22), time(7), ZoneInfo("Europe/Berlin"))
    monday = datetime(2026, 11, 2, 9)  # noqa: DTZ001  (by the clocks of its zone)
    turns = Rota(("U0ANA", "U0LI"), monday, 14, ZoneInfo("UTC"))
    ops = team.Team("ops", channel="C0OPS", group="S0OPS", on_call="U0ANA", quiet=night)
    assert settings.reached(str) == (team.Team("dev"), ops, team.Team("web", rota=turns))
    five, fifteen = timedelta(minutes=5), timedelta(minutes=15)
    steps = (reminder.Step(five, "on-call"), reminder.Step(fifteen, "U0LEAD"))
    assert settings.reminders.escalation == reminder.Escalation(steps, Level.CRITICAL)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no settings file .*nope\.toml"):
        load({}, tmp_path / "nope.toml")
    with pytest.raises(
        SettingsError, match="is a folder: name the settings file in it with --config"
    ):
        load({}, tmp_path)
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"odd\.toml is not UTF-8"):
        load({}, tmp_path / "odd.toml")


def test_keys_are_long_and_two_hold_while_one_is_replaced(tmp_path: Path) -> None:
    both = {"TRIAGE_API_KEY": f"{'k' * 32}, {'o' * 32}"}
    assert load(both, a_file(tmp_path, "")).http.keys == ("k" * 32, "o" * 32)
    assert "openssl rand -hex 32" in complaint(tmp_path, "", TRIAGE_API_KEY="secret")
    assert "TRIAGE_API_KEY" in complaint(tmp_path, "http.api_key = 'x'")


def test_a_channel_has_its_times_in_its_zone(tmp_path: Path) -> None:
    text = '[[channels]]\nid = "C01"\ndigest = ["08:30", "17:00"]\nweekdays = ["mon", "fri"]\n'
    (channel,) = load({}, a_file(tmp_path, f'{text}timezone = "Asia/Tokyo"')).channels
    schedule = channel.schedule
    assert schedule.times == (time(8, 30), time(17))
    assert schedule.weekdays == frozenset({0, 4})
    assert schedule.zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("given", "times", "weekdays"),
    [
        ("", (time(9, 30),), {0}),
        ('report = "Fri  17:00"', (time(17),), {4}),
        ('report = "off"', (), set()),
    ],
)
def test_a_channel_has_a_time_for_the_report_of_the_week(
    tmp_path: Path, given: str, times: tuple[time, ...], weekdays: set[int]
) -> None:
    text = f'[[channels]]\nid = "C01"\ntimezone = "Asia/Tokyo"\n{given}'
    (channel,) = load({}, a_file(tmp_path, text)).channels
    assert channel.weekly == Schedule(times, frozenset(weekdays), ZoneInfo("Asia/Tokyo"))


def test_other_thresholds_are_tried_for_all_or_for_some_before_what_is_set_for_them() -> None:
    as_set = Detection.model_validate(
        {"overrides": [{"service": "Batch-*", "min_count": 50, "quiet_days": 1.0}]}
    )
    tried = as_set.but(
        ["batch-*:spike.min_count=20", "e-7k2:back.quiet_days=9", "spike.peak_factor=4"]
    ).rules
    batch, one = tried.of("batch-import", "E-9XM"), tried.of("batch-import", "E-7K2")
    assert (batch.min_count, batch.quiet_days, batch.peak_factor) == (20, 1.0, 4.0)
    assert (one.min_count, one.quiet_days, one.peak_factor) == (10, 9.0, 4.0)
    assert tried.of("web", "E-9XM") is tried
    assert as_set.rules.of("batch-import", "E-7K2").min_count == 50


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("web:established_days=3", "established_days is about customers: set it without 'web'"),
        ("web:min_count=0", "web:min_count: must be more than 0"),
        ("web:", "'web:' gives no value; an example: spike.min_count=20"),
        ("E-7K2:nonsense=1", "There is no threshold 'nonsense'"),
    ],
)
def test_what_cannot_be_tried_is_named(given: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        Detection().but([given])


def test_what_an_override_does_not_give_is_as_in_detection(tmp_path: Path) -> None:
    text = """
    [detection]
    peak_factor = 4.0
    [[detection.overrides]]
    service = "Batch-*"
    min_count = 50
    [[detection.overrides]]
    signature = "e-7k2"
    burst_hours = 6
    """
    rules = load({}, a_file(tmp_path, text)).detection.rules
    batch, one = rules.of("batch-import", "E-7K2"), rules.of("web", "E-7K2")
    assert (batch.min_count, batch.peak_factor, batch.burst_hours) == (50, 4.0, 2)
    assert (one.min_count, one.peak_factor, one.burst_hours) == (10, 4.0, 6)
    assert batch.override == "service = Batch-*: min_count = 50"
    assert rules.of("web", "E-9XM") is rules


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("min_count = 50", "detection.overrides[1]: say which signatures are meant: service ="),
        ('service = ""\nmin_count = 50', "detection.overrides[1]: say which signatures are meant"),
        ('service = "web"', "detection.overrides[1]: give at least one threshold"),
        ('service = "web"\nmin_count = 0', "detection.overrides[1].min_count: "),
        ('service = "web"\nmin_cuont = 5', "min_cuont: there is no such setting"),
        ('signature = "7K2?"\nmin_count = 5', "one looks like E-7K2"),
    ],
)
def test_an_override_that_says_nothing_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in complaint(tmp_path, f"[[detection.overrides]]\n{text}")


def test_rules_for_owners_keep_their_order(tmp_path: Path) -> None:
    text = '[[owners]]\nteam = "dev"\nservice = "web"\n[[owners]]\nteam = "noise"\npattern = "bot"'
    settings = load({}, a_file(tmp_path, text))
    assert settings.owner_rules == (Rule("dev", service="web"), Rule("noise", pattern="bot"))


def test_serving_names_all_that_is_missing_and_where_to_find_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        check_for_serving(load({}, a_file(tmp_path, "")))
    by_setup, bot, app, channel = str(raised.value).splitlines()
    assert "`triage setup` walks you through it" in by_setup
    assert (
        bot
        == "SLACK_BOT_TOKEN is not set: copy it from your Slack app's page “OAuth & Permissions”."
    )
    assert app.startswith("SLACK_APP_TOKEN is not set")
    assert channel.startswith("No [[channels]]")


def test_swapped_tokens_are_told_from_missing_ones(tmp_path: Path) -> None:
    swapped = {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"}
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN does not start with xoxb-"):
        check_for_serving(load(swapped, a_file(tmp_path, '[[channels]]\nid = "C01"')))


def test_serving_over_http_needs_the_signing_secret_and_no_app_token(tmp_path: Path) -> None:
    file = a_file(tmp_path, '[slack]\nmode = "http"\n[[channels]]\nid = "C01"')
    with pytest.raises(SettingsError, match=r"^SLACK_SIGNING_SECRET is not set"):
        check_for_serving(load({"SLACK_BOT_TOKEN": "xoxb-1"}, file))
    check_for_serving(load({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0f"}, file))


def test_the_example_is_fit_to_serve_and_says_what_is_usual() -> None:
    settings = load(TOKENS, EXAMPLE)
    check_for_serving(settings)
    assert replace(settings.detection.rules, overrides=()) == Rules()
    assert settings.slack.model_dump(exclude={"bot_token", "app_token", "signing_secret"}) == (
        Settings().slack.model_dump(exclude={"bot_token", "app_token", "signing_secret"})
    )
    assert settings.http == Settings().http


def test_the_page_on_settings_names_each_of_them() -> None:
    page = (EXAMPLE.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    secret = {"bot_token", "app_token", "signing_secret", "api_key", "github_secret"}
    secret |= {"anthropic_key", "server_key", "token"}
    names = {
        *Settings.model_fields,
        *FieldNames.model_fields,
        *(Slack.model_fields.keys() - secret),
        *(Http.model_fields.keys() - secret),
        *Detection.model_fields,
        *Override.model_fields,
        *Channel.model_fields,
        *Team.model_fields,
        *Reminders.model_fields,
        *Turns.model_fields,
        *(PagerDuty.model_fields.keys() - secret),
        *Roles.model_fields,
        *Step.model_fields,
        *Owner.model_fields,
        *Hidden.model_fields,
        *(Llm.model_fields.keys() - secret - {"budget"}),
        *Budget.model_fields,
    }
    assert {one for one in names if not re.search(rf"`{one}`|\b{one}\]", page)} == set()


@pytest.mark.parametrize("role", FieldNames.model_fields)
def test_the_page_on_settings_has_the_usual_names_of_fields(role: str) -> None:
    page = (EXAMPLE.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    names = " ".join(f"`{name}`" for name in fields.usual(role))
    assert f"| `{role}` | {names} |" in page


def test_what_a_site_hides_is_hidden(tmp_path: Path) -> None:
    file = tmp_path / "triage.toml"
    file.write_text("[[redaction.rules]]\nname = 'staff'\npattern = 'EMP-[0-9]+'\n")
    assert load({}, file).redactor()("by EMP-77").text == "by <staff>"


def test_a_pattern_that_is_none_is_refused_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "triage.toml"
    file.write_text("[[redaction.rules]]\nname = 'staff'\npattern = 'x(?=y)'\n")
    with pytest.raises(SettingsError, match=r"(?s)redaction.*'staff'.*look-around"):
        load({}, file)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[llm]\nprovider = 'openai_compatible'", "name the models"),
        ("[llm]\nbase_url = 'http://gateway.example'", "begins with https://"),
        ("[llm]\nbase_url = 'gateway'", "begins with https://"),
        ("[llm]\ncheap = ''", "cheap: must not be empty"),
        ("[llm]\ndeadline_seconds = 0", "deadline_seconds: must be 1"),
        ("[llm]\napi_version = 'v1'", "api_version: "),
        ("[llm.trial]\nshadow_share = 2", "shadow_share: must be 1"),
        ("[llm]\nprices = { mine = [-1, 0] }", "prices"),
        ("[llm.budget]\nday_usd = -1", "day_usd: must be 0"),
        ("[llm.budget]\nday_usd = inf", "day_usd: must be"),
        ("[llm.budget]\nteams = { nobody = 1 }", "'nobody'"),
        (
            "[llm.budget]\nfeatures = { analyse = 1 }",
            ".analyse: must be 'analysis', 'shadow' or 'evaluation'; did you mean analysis?",
        ),
        ("[llm]\nprovider = 'openai-compatible'", "did you mean openai_compatible?"),
        (
            "[llm]\nprovider = 'openai_compatible'\ncheap = 'a'\nstrong = 'a'",
            "base_url is missing: the address of your server",
        ),
        (
            "[llm]\ncheap = 'small'\nprices = { smal = [0, 0] }",
            "'smal', which is no model of [llm], and none for small; did you mean small?",
        ),
    ],
)
def test_what_is_wrong_about_models_is_named(tmp_path: Path, text: str, names: str) -> None:
    assert names in complaint(tmp_path, text)


def test_the_key_of_a_model_comes_from_the_environment_alone(tmp_path: Path) -> None:
    assert load({"ANTHROPIC_API_KEY": " sk-ant-1 "}, a_file(tmp_path, "")).llm.key == "sk-ant-1"
    said = complaint(tmp_path, "[llm]\nanthropic_key = 'sk-ant-1'")
    assert "ANTHROPIC_API_KEY" in said
    assert "sk-ant-1" not in said


def test_a_key_of_a_model_in_the_file_is_not_taken_for_that_of_our_hooks(tmp_path: Path) -> None:
    said = complaint(tmp_path, "[llm]\napi_key = 'sk-abc'")
    assert "set ANTHROPIC_API_KEY, or TRIAGE_LLM_KEY for a server of yours," in said
    assert "TRIAGE_API_KEY" not in said


def test_a_price_of_a_model_that_is_asked_by_hand_alone_may_be_given(tmp_path: Path) -> None:
    file = a_file(tmp_path, "[llm]\nprices = { other = [1, 2] }")
    assert load({}, file).llm.prices == {"other": (1, 2)}


def test_an_address_without_a_key_is_half_a_setting_and_nothing_else_is(tmp_path: Path) -> None:
    half = load({}, a_file(tmp_path, "[llm]\nbase_url = 'https://gateway.example'"))
    with pytest.raises(SettingsError, match="set that, or for a server of yours provider = "):
        check_for_serving(half)
    file = a_file(tmp_path, "[llm]\ncheap = 'claude-haiku-5-5'")
    assert load({}, file).llm.unfinished == ""
    file = a_file(tmp_path, "[llm]\nbase_url = 'https://gateway.example'")
    assert load({"ANTHROPIC_API_KEY": "k"}, file).llm.unfinished == ""


@pytest.mark.parametrize("key", ["two words", "schlüssel", "two\nlines"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    said = complaint(tmp_path, "", ANTHROPIC_API_KEY=key)
    assert "ANTHROPIC_API_KEY" in said
    assert key not in said


def test_a_gateway_on_this_machine_needs_no_certificate(tmp_path: Path) -> None:
    file = a_file(tmp_path, "[llm]\nbase_url = 'http://127.0.0.1:4000'")
    assert load({}, file).llm.address == "http://127.0.0.1:4000"


LOKI = """
[[sources]]
kind = "loki"
name = "eu-prod"
url = "https://loki.example"
query = '{app="shop"}'
"""


def test_a_source_has_the_settings_of_its_kind_and_its_secret_from_the_environment(
    tmp_path: Path,
) -> None:
    (source,) = load({"TRIAGE_EU_PROD_TOKEN": " glsa_1 "}, a_file(tmp_path, LOKI)).sources
    assert isinstance(source, Loki)
    assert (source.origin, source.query) == ("loki/eu-prod", '{app="shop"}')
    assert source.token.get_secret_value() == "glsa_1"
    assert "glsa_1" not in repr(source)


def test_a_secret_of_a_source_in_the_file_is_refused_with_the_variable_it_belongs_in(
    tmp_path: Path,
) -> None:
    said = complaint(tmp_path, f"{LOKI}token = 'glsa_1'")
    assert "as sources[1].token" in said
    assert "set TRIAGE_EU_PROD_TOKEN in the environment" in said
    assert "glsa_1" not in said


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ('[[sources]]\nname = "a"', "sources[1]: '' is no kind of source; there are"),
        ('[[sources]]\nkind = "lokki"\nname = "a"', "did you mean loki?"),
        (
            '[[sources]]\nkind = "loki"\nname = "a"',
            "sources[1]: url: is missing; query: is missing",
        ),
        (f"{LOKI}qurey = 'x'", "qurey: there is no such setting; did you mean query?"),
        (f"{LOKI}{LOKI}", "sources: two sources have the same name"),
        (f"{LOKI}every_seconds = 1", "every_seconds: must be 15 or more"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(tmp_path: Path, file: str, said: str) -> None:
    assert said in complaint(tmp_path, file)


FIELDS = """
[fields]
customer = ["kunde.nummer", "*"]
host = []
"""


def test_names_of_fields_hold_for_all_sources_but_those_that_say_their_own(tmp_path: Path) -> None:
    other = LOKI.replace("eu-prod", "us-prod") + "fields.customer = ['client']\n"
    settings = load({}, a_file(tmp_path, FIELDS + LOKI + other))
    one, two = settings.asked
    assert one.fields.given == {"customer": ("kunde.nummer", "*"), "host": ()}
    assert two.fields.given == {"customer": ("client",), "host": ()}
    assert settings.fields.given == one.fields.given


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("[fields]\nlevel = ['lvl']", "fields: what you call level is called severity here"),
        ("[fields]\ncustomr = ['x']", "fields.customr: there is no such setting; did you mean cu"),
        ("[fields]\ncustomer = 'x'", "fields.customer: must be a list"),
        ("[fields]\nmessage = []", "fields.message: must not be empty"),
        ("[fields]\nhost = ['']", "fields.host[1]: must not be empty"),
        ("[fields]\nhost = ['a']\nservice = ['a']", "'a' stands under service and host"),
        (f"{LOKI}fields.tenant = ['x']", "sources[1]: fields: what you call tenant is called cust"),
    ],
)
def test_what_is_wrong_with_names_of_fields_is_told(tmp_path: Path, file: str, said: str) -> None:
    assert said in complaint(tmp_path, file)
