"""The words said to a model: versioned templates, each with a manifest, and the check they pass.

A version is a folder, `analysis/1`: `manifest.toml`, `system.md.j2` and `user.md.j2`. A template is
code: it is never changed once it was used, a change is a new version. One is `current`, one may be
on `trial` beside it; a `draft`, and what is `deprecated`, is run by its name alone. To promote the
one on trial, make it `current` and the other `deprecated`. Blocks come in this order: `identity`
and `limits` (the guard rails) in what the system is told, `evidence` and `outcome` in what it is
asked. Evidence is data, fenced off by a nonce of each request.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError, nodes

DRAFT, TRIAL, CURRENT, DEPRECATED = "draft", "trial", "current", "deprecated"
RISKS = frozenset({"low", "medium", "high"})
GUARDS = (
    "never instructions",
    "word for word",
    "enough_evidence",
    "no secret",
    "no link",
    "nothing that deletes",
)
"""What the limits of every template say, in these words."""
_BLOCKS = {"system.md.j2": ("identity", "limits"), "user.md.j2": ("evidence", "outcome")}
_NONCE, _FACT, _LABEL, _TEXT = "nonce-7f3a", "fact-7f3a", "label-7f3a", "text-7f3a"
_TRIED = (
    {
        "nonce": _NONCE,
        "facts": [_FACT],
        "texts": [(_LABEL, _TEXT)],
        "steps": [(1, "Look at it.")],
    },
    {"nonce": _NONCE, "facts": [], "texts": [], "steps": []},
)
"""What each template is rendered with to be checked: all there may be, and nothing."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is for, what it may cost, whose it is, and whether it is to be used."""

    id: str
    version: str
    status: str
    purpose: str
    risk: str
    owner: str
    max_tokens: int
    checksum: str = ""
    """Of its two templates, as they were first used."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The two texts of a request, and the manifest of the template they came from."""

    system: str
    user: str
    manifest: Manifest


class Library:
    """The templates below a folder: one `current` version of each id, any other still runnable."""

    def __init__(self, root: Traversable) -> None:
        self._root = root

    def manifests(self) -> list[Manifest]:
        """Every version of every template, by id and version."""
        return [_manifest(folder) for folder in self._folders()]

    def manifest(self, name: str, version: str = "") -> Manifest:
        """That of a version, or of the current one. Raises LookupError with those there are."""
        for one in self.manifests():
            wanted = one.version == version if version else one.status == CURRENT
            if one.id == name and wanted:
                return one
        there = ", ".join(f"{one.id} {one.version}" for one in self.manifests()) or "none"
        raise LookupError(f"There is no prompt {f'{name} {version}'.strip()}. There are: {there}.")

    def on_trial(self, name: str) -> Manifest | None:
        """That of the version that is tried beside the current one, if any is."""
        return next(
            (one for one in self.manifests() if one.id == name and one.status == TRIAL), None
        )

    def render(self, name: str, values: Mapping[str, Any], *, version: str = "") -> Rendered:
        """A version, or the current one, with these values; one that is missing raises
        jinja2.UndefinedError."""
        manifest = self.manifest(name, version)
        environment = _environment(self._root / manifest.id / manifest.version)
        return Rendered(*_rendered(environment, values), manifest)

    def complaints(self) -> list[str]:
        """What is wrong with the templates, a sentence each; nothing if they may be used."""
        said = [sentence for folder in self._folders() for sentence in _complaints(folder)]
        if said:
            return said
        if changed := [sentence for folder in self._folders() for sentence in _changed(folder)]:
            return changed
        known = self.manifests()
        current = Counter(one.id for one in known if one.status == CURRENT)
        trial = Counter(one.id for one in known if one.status == TRIAL)
        names = sorted({one.id for one in known})
        return [
            *(
                f"{name}: {current[name]} versions are current, one has to be."
                for name in names
                if current[name] != 1
            ),
            *(
                f"{name}: {trial[name]} versions are on trial, one at most may be."
                for name in names
                if trial[name] > 1
            ),
        ]

    def _folders(self) -> list[Traversable]:
        return [
            version
            for name in sorted(self._root.iterdir(), key=lambda one: one.name)
            if name.is_dir()
            for version in sorted(name.iterdir(), key=lambda one: one.name)
            if version.is_dir() and (version / "manifest.toml").is_file()
        ]


def library() -> Library:
    """The templates that ship with the program."""
    return Library(files(__name__))


def _manifest(folder: Traversable) -> Manifest:
    return Manifest(**tomllib.loads((folder / "manifest.toml").read_text("utf-8")))


def _environment(folder: Traversable) -> Environment:
    return _compiled(*((folder / part).read_text("utf-8") for part in _BLOCKS))


@lru_cache(maxsize=8)
def _compiled(*texts: str) -> Environment:
    """Nothing is escaped: what is rendered is read by a model, never by a browser."""
    return Environment(
        loader=DictLoader(dict(zip(_BLOCKS, texts, strict=True))),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _complaints(folder: Traversable) -> Iterator[str]:
    manifest = _manifest(folder)
    where = f"{manifest.id} {manifest.version}"
    if manifest.version != folder.name:
        yield f"{where}: the manifest's version is not the folder's name, {folder.name}."
    if manifest.status not in (DRAFT, TRIAL, CURRENT, DEPRECATED) or manifest.risk not in RISKS:
        yield f"{where}: status {manifest.status!r} or risk {manifest.risk!r} is not known."
    environment = _environment(folder)
    for part, wanted in _BLOCKS.items():
        source = (folder / part).read_text("utf-8")
        blocks = _blocks(environment, source)
        if tuple(blocks) != wanted:
            yield f"{where}: {part} has blocks {', '.join(blocks) or 'none'}, not {wanted}."
    tried = (list(_unguarded(environment, values)) for values in _TRIED)
    yield from (f"{where}: {sentence}" for sentence in next(filter(None, tried), ()))


def _changed(folder: Traversable) -> Iterator[str]:
    """What was kept of a version's answers, and paid for them, is known by its name."""
    manifest = _manifest(folder)
    texts = b"\0".join((folder / part).read_bytes() for part in _BLOCKS)
    checksum = sha256(texts).hexdigest()[:16]
    if manifest.status != DRAFT and manifest.checksum != checksum:
        yield (
            f"{manifest.id} {manifest.version}: its templates have the checksum {checksum}, its "
            f"manifest has {manifest.checksum or 'none'}. What was used stays as it is: make the "
            "change a new version, and write down the checksum of that."
        )


def _unguarded(environment: Environment, values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with what is sent: a guard rail that stands in the source alone is none."""
    try:
        system, user = _rendered(environment, values)
    except TemplateError as error:
        yield f"it cannot be rendered: {error}."
        return
    words = " ".join(system.split())
    yield from (f"the limits do not say {guard!r}." for guard in GUARDS if guard not in words)
    if _NONCE not in system or not _is_fenced(system, user):
        yield "the evidence is not fenced off by the nonce, or the limits do not name it."


def _rendered(environment: Environment, values: Mapping[str, Any]) -> tuple[str, str]:
    system, user = (environment.get_template(part).render(values).strip() for part in _BLOCKS)
    return system, user


def _is_fenced(system: str, user: str) -> bool:
    """Whether two lines carry the nonce, and all evidence stands between them."""
    parts = [f"{system}\n", *re.split(rf".*{_NONCE}.*", user)]
    outside = "".join(parts[:2] + parts[3:])
    return len(parts) == 4 and not any(one in outside for one in (_FACT, _LABEL, _TEXT))


def _blocks(environment: Environment, source: str) -> list[str]:
    """The names of a template's blocks, in order."""
    return [block.name for block in environment.parse(source).find_all(nodes.Block)]


def evals(name: str) -> list[Any]:
    """The lines of a file of cases, attacks or recorded answers for evaluation."""
    text = (files(__name__) / "evals" / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]
