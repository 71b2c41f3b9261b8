"""Choosing a provider, finding out whether it keeps to a schema, and paying for it only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.spending.outcome import Config, Invalid, Ok
from bot.flows.probe import ask
from bot.llm.claude import Claude
from bot.llm.openai_compatible import OpenAICompatible
from bot.llm.port import connect
from tests.llm.provider import a_completion, a_message, an_error, playing, says


@pytest.mark.parametrize(
    ("provider", "kind"), [("anthropic", Claude), ("openai_compatible", OpenAICompatible)]
)
def test_a_provider_has_its_adapter(provider: str, kind: type) -> None:
    assert isinstance(connect(provider, key="k", base_url="http://127.0.0.1:9"), kind)


def test_a_model_that_keeps_to_a_schema_passes() -> None:
    with playing(says(a_completion({"colour": "red", "number": 7}))) as provider:
        model = connect("openai_compatible", key="", base_url=provider.url)
        assert isinstance(ask(model, "qwen3-8b", within_seconds=20), Ok)
    (request,) = provider.requests
    assert "json" not in str(request.body["messages"]).lower(), "nothing but the schema asks for it"


def test_a_server_that_ignores_the_schema_is_found_out() -> None:
    with playing(says(a_message("Red, and seven!"))) as provider:
        model = connect("anthropic", key="k", base_url=provider.url)
        assert isinstance(ask(model, "claude-haiku-5-5", within_seconds=20), Invalid)


def test_a_wrong_key_is_found_out() -> None:
    with playing(says(an_error(), status=401)) as provider:
        model = connect("anthropic", key="k", base_url=provider.url)
        assert isinstance(ask(model, "claude-haiku-5-5", within_seconds=20), Config)


@pytest.mark.parametrize("arguments", [["--help"], ["ingest", "calm.log"]])
def test_what_asks_no_model_does_not_load_its_library(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "calm.log").write_text("2026-11-18 10:00:00 ERROR checkout: cart is empty\n")
    script = (
        "import sys\n"
        "from bot.__main__ import main\n"
        "try: main()\n"
        "finally: print({'anthropic', 'httpx2'} & {*sys.modules})\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "set()"
