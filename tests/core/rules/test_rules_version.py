import re
import subprocess
import sys
from dataclasses import replace

from bot.core.rules import verdicts
from bot.core.rules.version import text_of, version


def test_the_version_is_the_same_in_every_process() -> None:
    asked = [sys.executable, "-c", "from bot.core.rules.version import version; print(version())"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.strip() == version()


def test_another_word_anywhere_in_a_table_is_another_text() -> None:
    other = replace(verdicts.TIMEOUT, actions=("Wait.",))
    assert text_of({"a": (verdicts.TIMEOUT,)}) != text_of({"a": (other,)})


def test_a_long_pattern_counts_to_its_end_and_a_set_has_no_order() -> None:
    long = "a" * 300
    assert text_of(re.compile(long + "b")) != text_of(re.compile(long + "c"))
    assert text_of(frozenset("abcdef")) == text_of(frozenset("fedcba"))
