"""Write the question to a model: from a signature's evidence, by a prompt."""

from bot.core.asking import evidence, step
from bot.core.asking.evidence import Evidence, Exhibit
from bot.core.asking.prompt import Prompt
from bot.core.redaction import Redactor
from prompts import Library

TEMPLATE = "analysis"


def write(
    library: Library, known: Evidence, *, nonce: str, redact: Redactor, version: str = ""
) -> Prompt:
    """All that would leave the network about a signature, under a version of the prompt or the
    current one.

    `nonce` is new for each request, and stands in no text of the evidence. A version of the prompt
    that shows no steps offers none.
    """
    exhibit = _without(nonce, evidence.exhibit(known, redact))
    steps = step.offered(known)
    numbered = list(enumerate(steps, start=1))
    values = {"nonce": nonce, "facts": exhibit.facts, "texts": exhibit.texts, "steps": numbered}
    rendered = library.render(TEMPLATE, values, version=version)
    return Prompt(
        id=rendered.manifest.id,
        version=rendered.manifest.version,
        system=rendered.system,
        user=rendered.user,
        nonce=nonce,
        texts=tuple(text for _, text in exhibit.texts),
        facts=exhibit.facts,
        steps=steps if all(one in rendered.user for one in steps) else (),
        max_tokens=rendered.manifest.max_tokens,
        names=exhibit.names,
    )


def _without(nonce: str, exhibit: Exhibit) -> Exhibit:
    """The exhibit without the nonce. Nobody outside knows it; but if it were guessed, its fence
    must not be forged."""
    return Exhibit(
        facts=tuple(fact.replace(nonce, "…") for fact in exhibit.facts),
        texts=tuple((label, text.replace(nonce, "…")) for label, text in exhibit.texts),
        names=exhibit.names,
    )
