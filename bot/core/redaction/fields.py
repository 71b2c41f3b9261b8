"""Values of JSON redacted, each by its own words and by the names of the fields it stands in."""

import json
from typing import Any

from bot.core.redaction.redactor import Redactor


def redacted(value: Any, hide: Redactor, *, names: tuple[str, ...] = ()) -> Any:
    """The value without its secrets: of the same shape, with a text for each number hidden.

    `names` are those of the field it stands in and of the object around that, the inner one last.
    """
    if isinstance(value, dict):
        return {
            hide(name).text: redacted(one, hide, names=(*names[-1:], name))
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [redacted(one, hide, names=names) for one in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and (hidden := hide(value)).found:
        return hidden.text
    named = value
    for name in reversed(names):
        named = {name: named}
    found = hide(json.dumps(named, ensure_ascii=False, separators=(",", ":"))).found
    return f"<{found[0]}>" if found and not any(hide(name).found for name in names) else value
