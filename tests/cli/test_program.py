"""The table of commands, and how the program ends."""

from importlib import import_module
from pathlib import Path

import pytest
import typer

from bot.cli import commands
from bot.cli.program import COMMANDS


def test_every_command_is_a_module_and_the_other_way_round() -> None:
    (folder,) = map(Path, commands.__path__)
    assert {file.stem for file in folder.glob("[!_]*.py")} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_overview_says_what_the_help_of_a_command_begins_with(command: str) -> None:
    loaded = typer.main.get_command(import_module(f"bot.cli.commands.{command}").app)
    assert loaded.help
    assert loaded.help.startswith(COMMANDS[command].removesuffix("."))
    assert "xample" in (loaded.epilog or "") or command == "db"
