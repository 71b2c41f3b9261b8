"""Text made plain before a model reads it: invisible characters go, and a chat template's tokens
are broken up."""

import re
import unicodedata

from bot.core.wording.unseen import UNSEEN

_KEPT = {ord("\n"), ord("\t")}
_SELECTORS = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_DROPPED = dict.fromkeys((UNSEEN | _SELECTORS) - _KEPT)
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, movements of the cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d]{0,2000}(?:\x07|\x1b\\|\x9c)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_STEERING = re.compile(
    r"(?i)<(?=[|｜])|[|｜](?=>)"  # <|im_start|>, <|eot_id|>, <｜User｜>
    r"|<(?=/?(?:s|bos|eos|pad|unk|system|user|assistant|human|model|instructions?|thinking|think"
    r"|tool_call|tool_response|function_calls?|invoke|parameter|start_of_turn|end_of_turn"
    r"|evidence|data|antml:[a-z_]+)\b)"
    r"|\[(?=/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])"
    r"|<(?=</?SYS>>)"
    r"|^(?:human|assistant|system|user|developer)(?=:)"
    r"|^#{2,4}(?=(?:system|user|assistant|instruction|response|human)\b)",
    re.MULTILINE,
)
"""Where what chat templates are made of begins; a space after it makes it words again. Sources: the
templates of ChatML, Llama 2 to 4, Mistral, Gemma, DeepSeek, Claude and Alpaca."""
_SPACED = re.compile(r"(?im)^#{2,4}[ \t]{1,4}(?=(?:system|user|assistant|instruction|response)\b)")


def text(raw: str) -> str:
    """The text as it can be seen, in NFC, with line feeds and tabs; a chat template's tokens are
    broken up by a space. Making it plain again changes nothing. Linear time."""
    lines = _LINE_ENDS.sub("\n", _ESCAPES.sub("", raw))
    seen = unicodedata.normalize("NFC", lines.translate(_DROPPED))
    return _STEERING.sub(lambda found: found[0] + " ", _SPACED.sub("# ", seen))


def flat(text: str) -> str:
    """The text with each run of white space as one space, for comparing quotes."""
    return " ".join(text.split())
