"""Whoever types what the README says meets a command that is there."""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
import typer

from bot.cli.program import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"(?:(?<![/\w.-])|(?<=\.venv/bin/))triage ([a-z]+)\b(.*)")
OPTION = re.compile(r"--[a-z][a-z-]+")


def typed() -> Iterator[str]:
    """What the README gives to type: in blocks, and between the words."""
    for block in BLOCK.findall(README):
        yield from (line.partition("#")[0] for line in block.splitlines())
    yield from CODE.findall(README)


def rows() -> Iterator[str]:
    """The table of commands."""
    _, _, section = README.partition("## On the command line\n")
    section, _, _ = section.partition("\n## ")
    yield from (line for line in section.splitlines() if line.startswith("| `triage"))


GIVEN = sorted({(found[1], found[2]) for code in typed() for found in TYPED.finditer(code)})


def options_of(commands: Iterable[str]) -> set[str]:
    """All that these commands take, and the commands below them."""
    tops = [
        typer.main.get_command(import_module(f"bot.cli.commands.{one}").app) for one in commands
    ]
    below = [sub for top in tops for sub in getattr(top, "commands", {}).values()]
    named = {name for one in [*tops, *below] for param in one.params for name in param.opts}
    return named | {"--help"}


@pytest.mark.parametrize(("command", "rest"), GIVEN)
def test_what_it_gives_to_type_is_there(command: str, rest: str) -> None:
    assert command in COMMANDS
    assert set(OPTION.findall(rest)) <= options_of([command])


@pytest.mark.parametrize("row", list(rows()))
def test_the_options_that_its_table_names_are_there(row: str) -> None:
    named = set(re.findall(r"`(?:triage )?([a-z]+)\b", row)) & COMMANDS.keys()
    assert set(OPTION.findall(row)) <= options_of(named)


def test_its_table_names_every_command() -> None:
    named = {word for row in rows() for word in re.findall(r"`(?:triage )?([a-z]+)\b", row)}
    assert named >= COMMANDS.keys()


def test_the_targets_that_it_names_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {found[1] for code in typed() for found in re.finditer(r"\bmake ([a-z]+)", code)}
    assert "demo" in named
    assert named <= targets


def test_the_files_that_it_links_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
