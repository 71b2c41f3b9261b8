"""The layers of CONTRIBUTING.md, held against the code as it stands."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "storage", "prompts")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Libraries that one part of the program keeps to itself.
KEPT_BY = {
    "alembic": ("storage",),
    "anthropic": ("bot.llm",),
    "apscheduler": ("bot.schedule",),
    "jinja2": ("prompts", "bot.workspace"),
    "PIL": ("bot.slack.png",),
    "slack_bolt": ("bot.slack", "bot.workspace"),
    "slack_sdk": ("bot.slack", "bot.workspace"),
    "sqlite3": ("storage",),
    "sqlmodel": ("storage",),
    "typer": ("bot.cli",),
}
SHARED = {"sqlmodel.Session"}  # flows own the transaction, so they name it
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns", "monotonic_ns"}
TIMELESS = ("bot.core", "bot.flows", "bot.sources", "bot.llm", "storage", "prompts")
VAGUE = re.compile(r"util|helper|manager|misc|common|process(or)?\b|\bdata\b")


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@cache
def nodes_of(path: Path) -> Sequence[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


def imported_by(path: Path) -> Iterator[tuple[str, int]]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def layers() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["id"] == "layers")
    return set(re.findall(r"[\w.]+", " ".join(contract["layers"])))


def test_imports_point_down_only() -> None:
    """In a process of its own: it disables every logger there is."""
    said = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_module_of_the_bot_stands_in_a_layer() -> None:
    here = {path.stem for path in (ROOT / "bot").iterdir()} - {"__init__", "__pycache__"}
    assert {f"bot.{name}" for name in here} <= layers()


@pytest.mark.parametrize("library", KEPT_BY)
def test_a_library_stays_with_the_part_that_knows_it(library: str) -> None:
    strangers = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in FILES
        for name, line in imported_by(path)
        if is_within(name, (library,))
        and name not in SHARED
        and not is_within(module_of(path), KEPT_BY[library])
    ]
    assert not strangers, f"{library} belongs to {' and '.join(KEPT_BY[library])}"


def test_rules_flows_and_storage_are_told_the_time() -> None:
    asking = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}()"
        for path in FILES
        if is_within(module_of(path), TIMELESS)
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]
    assert not asking, "take `now` as an argument"


def test_names_say_what_is_in_them() -> None:
    assert not [str(path.relative_to(ROOT)) for path in FILES if VAGUE.search(path.stem)]


def test_each_decision_is_listed_by_what_it_is_about() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for name in decisions if f"({name})" not in listed] == []


IMPORT_ALL = """
import importlib, sys, threading

def refuse(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    binds = event == "socket.bind" and arguments[1] != ("::1", 0)  # urllib3 looks for IPv6 so
    if writes or binds or event in {"sqlite3.connect", "socket.connect", "subprocess.Popen"}:
        raise SystemExit(f"{module}: {event} {arguments!r}")

sys.addaudithook(refuse)
for module in sys.argv[1:]:
    importlib.import_module(module)
assert threading.active_count() == 1, threading.enumerate()
"""


def test_nothing_happens_on_import() -> None:
    alembics = ("storage.migrations",)  # env.py is a script that alembic runs
    modules = [name for name in map(module_of, FILES) if not is_within(name, alembics)]
    run = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
