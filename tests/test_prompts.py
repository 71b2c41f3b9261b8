import re
import shutil
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import prompts
from prompts import Library

VALUES = {
    "nonce": "n0nce",
    "facts": ["service: checkout"],
    "texts": [("title", "it broke")],
    "steps": [(1, "See what is full.")],
}


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the version in use as the first and only one, to be changed."""
    root = tmp_path / "prompts"
    used = prompts.library().manifest("analysis").version
    folder = root / "analysis" / "1"
    shutil.copytree(Path(prompts.__file__).parent / "analysis" / used, folder)
    edit(folder / "manifest.toml", f'version = "{used}"', 'version = "1"')
    return root


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_templates_that_ship_have_nothing_wrong_with_them() -> None:
    assert prompts.library().complaints() == []


def test_the_limits_come_before_the_evidence_and_the_outcome_last() -> None:
    said = prompts.library().render("analysis", VALUES)
    assert said.system.index("You are the error analyst") < said.system.index("Limits")
    assert said.user.index("evidence n0nce begins") < said.user.index("it broke")
    assert said.user.index("it broke") < said.user.index("evidence n0nce ends")
    assert said.user.index("evidence n0nce ends") < said.user.index("1. See what is full.")


def test_a_value_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(UndefinedError):
        prompts.library().render("analysis", {"nonce": "n", "facts": []})


def test_evidence_is_never_a_template() -> None:
    values = {**VALUES, "facts": ["{{ 7 * 7 }} {% raw %}"]}
    assert "{{ 7 * 7 }} {% raw %}" in prompts.library().render("analysis", values).user


@pytest.mark.parametrize("guard", prompts.GUARDS)
def test_a_template_that_lost_one_of_its_guard_rails_is_complained_of(
    shelf: Path, guard: str
) -> None:
    template = shelf / "analysis" / "1" / "system.md.j2"
    first, *rest = guard.split()
    broken = re.compile(first + "".join(rf"\s+{word}" for word in rest))
    template.write_text(broken.sub("…", template.read_text("utf-8")), "utf-8")
    assert Library(shelf).complaints() == [f"analysis 1: the limits do not say {guard!r}."]


def test_a_template_without_its_block_of_limits_is_complained_of(shelf: Path) -> None:
    template = shelf / "analysis" / "1" / "system.md.j2"
    edit(template, "{% block limits %}", "")
    text = template.read_text("utf-8").rstrip().removesuffix("{% endblock %}")
    template.write_text(text, "utf-8")
    assert any("has blocks identity, not" in said for said in Library(shelf).complaints())


def test_evidence_outside_the_fence_is_complained_of(shelf: Path) -> None:
    edit(shelf / "analysis" / "1" / "user.md.j2", "evidence {{ nonce }} ends", "evidence ends")
    assert any("fenced off" in said for said in Library(shelf).complaints())


NOT_SENT = {
    "a condition that never holds": ("{% if false %}", "{% endif %}"),
    "a condition on the evidence": ("{% if texts %}", "{% endif %}"),
    "a comment": ("{#", "#}"),
}


@pytest.mark.parametrize("around", NOT_SENT.values(), ids=NOT_SENT)
def test_limits_that_are_written_and_not_sent_are_complained_of(
    shelf: Path, around: tuple[str, str]
) -> None:
    template = shelf / "analysis" / "1" / "system.md.j2"
    before, after = around
    text = template.read_text("utf-8").rstrip().removesuffix("{% endblock %}")
    text = text.replace("{% block limits %}", f"{{% block limits %}}{before}")
    template.write_text(f"{text}{after}{{% endblock %}}", "utf-8")
    said = Library(shelf).complaints()
    assert [f"analysis 1: the limits do not say {guard!r}." for guard in prompts.GUARDS] == said[
        :-1
    ]
    assert "or the limits do not name it" in said[-1]


@pytest.mark.parametrize("moved", ["{{ fact }}", "{{ text }}", "{{ label }}"])
def test_evidence_after_the_fence_is_complained_of(shelf: Path, moved: str) -> None:
    inside = {"{{ fact }}": "facts", "{{ text }}": "texts", "{{ label }}": "texts"}[moved]
    names = "fact" if inside == "facts" else "label, text"
    template = shelf / "analysis" / "1" / "user.md.j2"
    beyond = f"ends =====\n{{% for {names} in {inside} %}}{moved}{{% endfor %}}"
    edit(template, "ends =====", beyond)
    assert any("fenced off" in said for said in Library(shelf).complaints())


def test_a_template_that_cannot_be_rendered_is_complained_of(shelf: Path) -> None:
    edit(shelf / "analysis" / "1" / "user.md.j2", "What is known", "{{ whatever }}")
    assert Library(shelf).complaints() == [
        "analysis 1: it cannot be rendered: 'whatever' is undefined."
    ]


def test_a_deprecated_version_stays_runnable_and_the_current_one_is_the_default(
    shelf: Path,
) -> None:
    shutil.copytree(shelf / "analysis" / "1", shelf / "analysis" / "2")
    edit(shelf / "analysis" / "1" / "manifest.toml", '"current"', '"deprecated"')
    edit(shelf / "analysis" / "2" / "manifest.toml", 'version = "1"', 'version = "2"')
    library = Library(shelf)
    assert library.complaints() == []
    assert library.render("analysis", VALUES).manifest.version == "2"
    assert library.render("analysis", VALUES, version="1").manifest.status == "deprecated"


def test_a_version_that_was_used_and_then_edited_is_complained_of(shelf: Path) -> None:
    edit(shelf / "analysis" / "1" / "user.md.j2", "What is known of", "All that is known of")
    (said,) = Library(shelf).complaints()
    assert said.startswith("analysis 1: its templates have the checksum ")
    assert "make the change a new version" in said


def a_version(shelf: Path, version: str, *, status: str) -> Path:
    """A copy of the first version beside it."""
    folder = shelf / "analysis" / version
    shutil.copytree(shelf / "analysis" / "1", folder)
    edit(folder / "manifest.toml", 'version = "1"', f'version = "{version}"')
    edit(folder / "manifest.toml", '"current"', f'"{status}"')
    return folder


def test_a_draft_may_still_change_and_what_is_on_trial_may_not(shelf: Path) -> None:
    draft = a_version(shelf, "2", status="draft")
    edit(draft / "user.md.j2", "What is known of", "All that is known of")
    assert Library(shelf).complaints() == []
    edit(draft / "manifest.toml", '"draft"', '"trial"')
    (said,) = Library(shelf).complaints()
    assert said.startswith("analysis 2: its templates have the checksum ")


def test_one_version_may_be_on_trial_beside_the_current_one(shelf: Path) -> None:
    assert Library(shelf).on_trial("analysis") is None
    a_version(shelf, "2", status="trial")
    library = Library(shelf)
    assert library.complaints() == []
    assert library.manifest("analysis").version == "1"
    tried = library.on_trial("analysis")
    assert tried
    assert tried.version == "2"
    a_version(shelf, "3", status="trial")
    assert Library(shelf).complaints() == ["analysis: 2 versions are on trial, one at most may be."]


def test_to_promote_what_is_on_trial_is_a_change_of_status(shelf: Path) -> None:
    tried = a_version(shelf, "2", status="trial")
    edit(tried / "manifest.toml", '"trial"', '"current"')
    edit(shelf / "analysis" / "1" / "manifest.toml", '"current"', '"deprecated"')
    library = Library(shelf)
    assert library.complaints() == []
    assert library.render("analysis", VALUES).manifest.version == "2"
    assert library.on_trial("analysis") is None


def test_two_current_versions_are_complained_of(shelf: Path) -> None:
    shutil.copytree(shelf / "analysis" / "1", shelf / "analysis" / "2")
    edit(shelf / "analysis" / "2" / "manifest.toml", 'version = "1"', 'version = "2"')
    assert Library(shelf).complaints() == ["analysis: 2 versions are current, one has to be."]


def test_a_prompt_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(LookupError, match=r"no prompt analysis 9. There are: analysis 1"):
        prompts.library().render("analysis", VALUES, version="9")
