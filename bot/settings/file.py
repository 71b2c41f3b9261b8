"""The settings as they are read: `triage.toml`, and the environment for secrets."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.errors import SettingsError
from bot.settings.explained import Place, explain, where
from bot.settings.settings import Settings
from bot.sources import pulled

FILE = Path("triage.toml")
_FROM_ENVIRONMENT = {
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_API_URL": ("slack", "api_url"),
    "TRIAGE_HOST": ("http", "host"),
    "TRIAGE_PORT": ("http", "port"),
    "TRIAGE_API_KEY": ("http", "api_key"),
    "TRIAGE_GITHUB_SECRET": ("http", "github_secret"),
    "ANTHROPIC_API_KEY": ("llm", "anthropic_key"),
    "TRIAGE_LLM_KEY": ("llm", "server_key"),
    "PAGERDUTY_TOKEN": ("pagerduty", "token"),
    "DATABASE_URL": ("database_url",),
}
_SECRETS = (
    "bot_token",
    "app_token",
    "signing_secret",
    "api_key",
    "github_secret",
    "anthropic_key",
    "server_key",
    "app_key",
    "token",
)
_BY_PREFIX = {
    "xoxb-": "SLACK_BOT_TOKEN",
    "xapp-": "SLACK_APP_TOKEN",
    "sk-ant-": "ANTHROPIC_API_KEY",
}
_SECRET_PREFIXES = (*_BY_PREFIX, "xoxp-", "xoxe.", "sntry")


Lacking = Callable[[Settings], Sequence[str]]
"""Says what some command cannot do without and is not there, each with its remedy."""


def load(
    environ: Mapping[str, str], file: Path | None = None, *, lacking: Lacking = lambda _: ()
) -> Settings:
    """The settings of a file (`triage.toml` in this folder, if there is one) and the environment.

    Raises SettingsError, which names each wrong setting and what to do about it, and also what
    `lacking` would find missing then.
    """
    values = _read(file)
    secrets = dict(_secrets(values))
    given = {name: environ[name].strip() for name in _FROM_ENVIRONMENT if environ.get(name)}
    found = _without(values, list(secrets))
    for name, value in given.items():
        found = _with(found, _FROM_ENVIRONMENT[name], value)
    found = _with_secrets_of_sources(found, environ)
    variables: dict[Place, str] = {_FROM_ENVIRONMENT[name]: name for name in given}
    problems = explain(
        _problems(found), Settings, variables=variables, file=(file or FILE) if values else None
    )
    said = [*_misplaced(secrets, values, file or FILE), problems]
    wrong = "\n".join(one for one in said if one)
    if wrong:
        raise SettingsError("\n".join([wrong, *_lacking(found, lacking)]))
    return Settings.model_validate(found)


def _with(values: Mapping[str, Any], place: tuple[str, ...], value: str) -> dict[str, Any]:
    """The values with one more set. If there is no table where one should be, nothing is: that is
    told elsewhere."""
    name, *inner = place
    if not inner:
        return {**values, name: value}
    table = values.get(name, {})
    return {**values, name: {**table, inner[0]: value} if isinstance(table, dict) else table}


def _with_secrets_of_sources(values: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The values, with the secrets of each source added to it."""
    tables = values.get("sources")
    if not isinstance(tables, list):
        return values
    return {**values, "sources": [_with_secrets(one, environ) for one in tables]}


def _with_secrets(table: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(table, dict):
        return table
    variables = {one: pulled.variable(str(table.get("name")), one) for one in _secrets_of(table)}
    given = {one: environ[name].strip() for one, name in variables.items() if environ.get(name)}
    return {**table, **given}


def _secrets_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        return pulled.kind(str(table.get("kind", ""))).secrets()
    except ValueError:
        return ()


def _read(file: Path | None) -> dict[str, Any]:
    path = file or FILE
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"There is no settings file {path}: check the path, or let `triage setup` write one."
        ) from None
    except IsADirectoryError:
        raise SettingsError(
            f"{path} is a folder: name the settings file in it with --config."
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}. Let this user read it, or name another with "
            "--config."
        ) from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8: save it as such.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_no_toml(path, str(error))) from error


_AT_LINE = re.compile(r"\(at line (\d+), ")
_UNQUOTED = re.compile(r"\s*([\w.-]+)\s*=\s*[A-Za-z/@:][^\s\"'\[\]{}=,]*\s*(?:#.*)?$")


def _no_toml(path: Path, said: str) -> str:
    """What is wrong with a file that cannot be parsed, and where: often a text without quotes. The
    text is not repeated, since it may be a secret."""
    lines = path.read_text(encoding="utf-8").rstrip().splitlines() or [""]
    where = said.replace("at end of document", f"at its end, line {len(lines)}")
    found = _AT_LINE.search(said)
    line = lines[int(found[1]) - 1] if found and int(found[1]) <= len(lines) else ""
    if "character '\\n'" in said:
        remedy = "a quote is not closed there"
    elif text := _UNQUOTED.match(line):
        remedy = f'a text stands in quotes: {text[1]} = "…"'
    else:
        remedy = "docs/configuration.md shows an example"
    return f"{path} is not TOML: {where}: {remedy}."


def _secrets(values: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """The places and values of secrets that belong into the environment."""
    for place, value in _leaves(values):
        if place[-1] in _SECRETS or str(value).startswith(_SECRET_PREFIXES):
            yield place, str(value)


def _misplaced(
    secrets: Mapping[Place, str], values: Mapping[str, Any], file: Path
) -> Iterator[str]:
    for place, value in secrets.items():
        yield (
            f"A secret stands in {file}, as {where(place)}: remove it, make a new one, "
            f"and set {_variable(place, value, values)} in the environment instead."
        )


def _without(values: Any, places: Sequence[Place]) -> Any:
    """The values without those at some places."""
    gone = {place[0] for place in places if len(place) == 1}
    inner = {one: [place[1:] for place in places if place[:1] == (one,)] for one, *_ in places}
    if isinstance(values, dict):
        kept = ((key, value) for key, value in values.items() if key not in gone)
        return {key: _without(value, inner.get(key, [])) for key, value in kept}
    if isinstance(values, list):
        items = ((key, value) for key, value in enumerate(values) if key not in gone)
        return [_without(value, inner.get(key, [])) for key, value in items]
    return values


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every single value, with the keys that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*place, number))
    elif place:
        yield place, value


def _variable(place: Place, value: str, values: Mapping[str, Any]) -> str:
    """The variable to set instead of a secret in the file, found by how that begins, where it
    stands, or else by its name."""
    if place[0] == "sources":
        return pulled.variable(str(values["sources"][place[1]].get("name")), str(place[-1]))
    exact = (known for known, path in _FROM_ENVIRONMENT.items() if path == place)
    of_name = (known for known, path in _FROM_ENVIRONMENT.items() if path[-1] == place[-1])
    if of_prefix := [name for prefix, name in _BY_PREFIX.items() if value.startswith(prefix)]:
        return of_prefix[0]
    if place[0] == "llm":
        return next(exact, "ANTHROPIC_API_KEY, or TRIAGE_LLM_KEY for a server of yours,")
    return next(of_name, "it")


def _problems(values: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """What is wrong by itself; then what would not fit together if that were left out."""
    found = _errors(values)
    yield from found
    places = [one["loc"] for one in found]
    if all(places) and not any(place[0] == "teams" for place in places):
        yield from (one for one in _errors(_without(values, _rows(places))) if not one["loc"])


def _errors(values: Mapping[str, Any]) -> list[ErrorDetails]:
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _rows(places: Sequence[Place]) -> list[Place]:
    """The tables to leave out so that the rest can be judged: the one of several in which something
    is wrong, or else just that value."""
    numbered = (
        (place, [n for n, key in enumerate(place) if isinstance(key, int)]) for place in places
    )
    return [place[: at[0] + 1] if at else place for place, at in numbered]


def _lacking(values: Mapping[str, Any], lacking: Lacking) -> Iterator[str]:
    """What would still be missing, without what the wrong tables decide."""
    places = [one["loc"] for one in _errors(values) if one["loc"]]
    sound = _without(values, _rows(places))
    if ("slack", "mode") in places:  # nobody knows which tokens it takes, or whether any
        sound = _with(sound, ("slack", "mode"), "off")
    if _errors(sound):
        return
    tables = {f"[{place[0]}]" for place in places}
    for line in lacking(Settings.model_validate(sound)):
        if not any(table in line for table in tables):
            yield line
