"""The wheel is the program: nothing it needs stays behind in the checkout."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "storage", "prompts")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = ("-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    run(sys.executable, *build, cwd=ROOT)
    (path,) = folder.glob("triage_bot-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a fresh environment that has the wheel, and borrows what it depends on."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True)
    commands = home / "bin"
    pip = (sys.executable, "-m", "pip", "--python", commands / "python", "--quiet")
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=home)
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return commands


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_nothing_but_the_packages_and_its_metadata(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".db", ".env"))]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_installed_program_does_not_import_the_checkout(
    package: str, installed: Path, tmp_path: Path
) -> None:
    where = f"import {package}; print({package}.__file__)"
    found = run(installed / "python", "-c", where, cwd=tmp_path).strip()
    assert Path(found).is_relative_to(installed.parent)


def test_the_command_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    assert "Usage" in run(installed / "triage", "--help", cwd=tmp_path, NO_COLOR="1")


RUNTIME, AWS, BUILD, SBOM, DEV = (
    ROOT / f"requirements{part}.lock" for part in ("", "-aws", "-build", "-sbom", "-dev")
)


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;]+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", [RUNTIME, AWS, BUILD, SBOM, DEV], ids=lambda lock: lock.name)
def test_a_lock_pins_by_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    entries = re.sub(r"\\\n", "", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    loose = [line for line in entries if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:\w{64}", line)]
    assert entries
    assert not loose
    assert "://" not in text


def test_the_locks_agree() -> None:
    assert pins(RUNTIME).items() <= pins(AWS).items()
    assert pins(AWS).items() | pins(BUILD).items() <= pins(DEV).items()


def test_the_locks_are_as_new_as_pyproject() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = settings["dependency-groups"]
    wanted = {
        RUNTIME: settings["project"]["dependencies"],
        AWS: settings["project"]["optional-dependencies"]["aws"],
        BUILD: groups["build"],
        SBOM: groups["sbom"],
        DEV: [line for line in groups["dev"] if isinstance(line, str)],
    }
    unmet = [
        f"{lock.name}: {line}"
        for lock, lines in wanted.items()
        for line in lines
        for need in [Requirement(line)]
        if not need.specifier.contains(pins(lock).get(canonicalize_name(need.name), "0"))
    ]
    assert not unmet, "run `make lock`"
