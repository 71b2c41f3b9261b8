import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signing import explanation, signature


def masked(line: str) -> dict[str, str]:
    return {part.text: part.shown for part in explanation.of(line).parts}


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("cannot load cart 8812", {"8812": "<num>"}),
        ("gave up after 31 ms on /srv/a/b.js", {"31 ms": "<num>", "/srv/a/b.js": "<path>"}),
        ("took=3.2s level=error", {"3.2s": "<value>"}),
        ("status code 404", {"404": "404"}),
        ("status code 502", {"502": "5xx"}),
        ("disk full", {}),
        ("", {}),
    ],
)
def test_each_part_that_varies_is_named_and_so_is_each_code(
    line: str, parts: dict[str, str]
) -> None:
    assert masked(line) == parts


def test_every_part_has_a_reason() -> None:
    found = explanation.of("user 'ana' of tenant=acme-7 paid 12 with status code 402")
    assert found.parts
    assert all(part.why for part in found.parts)


def test_the_header_is_set_aside_with_what_it_says() -> None:
    found = explanation.of("2026-11-21 02:17:02,552 ERROR [shop.cart] cannot load cart 17")
    assert found.aside == "2026-11-21 02:17:02,552 ERROR [shop.cart] "
    assert found.header.time
    assert found.kept == "cannot load cart …"


def test_what_must_not_be_seen_is_not_seen() -> None:
    found = explanation.of("password=hunter22 of jane@corp.example refused")
    said = repr(found)
    assert "hunter22" not in said.replace(repr(found.header), "")
    assert not any("hunter22" in part.text or "jane" in part.text for part in found.parts)


@given(st.text())
def test_any_line_can_be_explained_and_keeps_its_signature(line: str) -> None:
    assert explanation.of(line).signature == signature.of_line(line)
