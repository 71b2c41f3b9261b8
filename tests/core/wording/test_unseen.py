import unicodedata

import pytest

from bot.core.wording.unseen import UNSEEN, clean


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Zl", "Zp"])
def test_whatever_unicode_shows_nothing_of_is_there(category: str) -> None:
    """But for what is shown: signs of Arabic, Syriac, Kaithi, hieroglyphs."""
    shown = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")
    found = {code for code in range(0x110000) if unicodedata.category(chr(code)) == category}
    missed = {unicodedata.name(chr(code), "") for code in found - UNSEEN}
    assert all(name.startswith(shown) for name in missed)


@pytest.mark.parametrize("seen", "aä漢🙋\ufe0f\ufffd \u00a0")
def test_what_people_read_is_not(seen: str) -> None:
    assert ord(seen) not in UNSEEN


@pytest.mark.parametrize("hidden", ["\u00ad", "\u061c", "\u180e", "\ufff9", "\U000e0041"])
def test_what_hides_is(hidden: str) -> None:
    assert ord(hidden) in UNSEEN


def test_text_does_not_run_backwards_or_hide() -> None:
    assert clean("a\u202eb\u2066c\u200bd\u00ade\U000e0041") == "a�b�c�d�e�"


def test_a_tab_and_whatever_steers_a_terminal_is_a_space() -> None:
    assert clean("main.go\n\t/srv/main.go:7\r\x1b[31m\x7f\x9b") == "main.go  /srv/main.go:7  [31m  "
