"""The switches may be set by whoever may write the database."""

import getpass
import os

import pytest

from bot.cli.commands.flags import somebody


@pytest.mark.parametrize("unknown", [KeyError("getpwuid(): uid not found: 54321"), OSError()])
def test_who_has_no_name_has_a_number(unknown: Exception) -> None:
    """`docker run --user 54321`, OpenShift; Python 3.13 raises another error than those before."""

    def name() -> str:
        raise unknown

    assert somebody(name) == f"uid {os.getuid()}"


def test_who_has_a_name_goes_by_it() -> None:
    assert somebody() == getpass.getuser()
