"""Other packages bring kinds of sources of their own, by an entry point."""

import sys
from pathlib import Path

import pytest

from bot.sources import pulled

PACKAGE = """
from typing import Literal
from bot.sources.pulled import Source
class Mine(Source):
    kind: Literal["mine"] = "mine"
NOTHING = 1
"""
POINTS = "[triage.sources]\nmine = other_source:Mine\nbroken = other_source:NOTHING\n"


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "other_source-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: other-source\nVersion: 1\n")
    (info / "entry_points.txt").write_text(POINTS)
    (tmp_path / "other_source.py").write_text(PACKAGE)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


def test_a_kind_of_another_package_is_found_by_its_name() -> None:
    assert pulled.kind("mine").__name__ == "Mine"


def test_one_that_makes_no_source_is_refused() -> None:
    with pytest.raises(ValueError, match="does not make a source"):
        pulled.kind("broken")


@pytest.mark.parametrize("name", pulled.KINDS)
def test_each_kind_of_ours_is_there_and_says_its_name(name: str) -> None:
    assert pulled.kind(name).model_fields["kind"].default == name
