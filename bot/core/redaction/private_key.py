"""Private keys in the blocks their tools write them in, whole, cut off, or with escaped lines."""

import re
from collections.abc import Iterable, Iterator

from bot.core.redaction.rule import SPACE, rule

_LABEL = (
    r"(?:(?:[A-Z0-9]{1,12}[ ]){0,4}(?:PRIVATE|SECRET)[ ]KEY(?:[ ]BLOCK)?"
    r"|OpenVPN[ ](?:Static[ ]key[ ]V\d|tls-crypt[\w-]{0,16}[ ]\w{1,12}[ ]key))"
)
_BASE64 = r"[A-Za-z0-9+/=]"
_BREAK = r"(?:\\n|[\r\n])"

RULES = (
    rule(
        "private-key",
        "PEM (RFC 7468), OpenSSH and PGP; to the end of the text where the block is cut off",
        rf"""-----?[ ]?BEGIN[ ]{_LABEL}[ ]?-----?
            (?P<secret>[^-]{{0,20000}}(?:-(?!---)[^-]{{0,2000}}){{0,20}})
            (?:-----?[ ]?END[ ]{_LABEL}[ ]?-----?|\Z|(?=-))""",
        sign="---- ?BEGIN (?:[A-Z0-9 ]*KEY|OpenVPN)",
        confirms=lambda found: found["secret"].strip("\\n\r\n ") != "<private-key>",
    ),
    rule(
        "private-key",
        "the lines of such a block whose beginning was cut off",
        rf"""(?P<secret>(?:(?:^|{_BREAK})[ \t]{{0,8}}{_BASE64}{{40,76}}(?={_BREAK})){{2,200}}
            (?:{_BREAK}[ \t]{{0,8}}{_BASE64}{{1,76}})?
            (?={_BREAK}-----END))""",
        sign="-----END",
    ),
    rule(
        "private-key",
        "PuTTY's .ppk files",
        rf"Private-Lines:[ ]\d{{1,3}}(?P<secret>(?:\r?\n{_BASE64}{{1,80}}){{1,200}})",
        sign="Private-Lines: ",
    ),
    rule(
        "private-key",
        "a whole block of PEM in Base64, as kubeconfig and Kubernetes' secrets have it",
        rf"""(?<!{_BASE64})LS0tLS1CRUdJTi(?:BSU0EgUFJJ|BQUklWQVRF|BFQyBQUklW|BPUEVOU1NI|BFTkNSWVBU|BEU0EgUFJJ
            |BQR1AgUFJJ)[A-Za-z0-9+/]{{16,20000}}={{0,2}}""",
        sign="LS0tLS1CRUdJTiB",
    ),
    rule(
        "private-key",
        "the private members of a JSON Web Key (RFC 7518): d of RSA and curves, k of those shared",
        r"""(?<=[\"\s,{])(?:d|k|p|q|dp|dq|qi)\\{0,4}\"\s?:\s?\\{0,4}\"
            (?P<secret>[A-Za-z0-9_-]{32,1024})\\{0,4}\"""",
        sign=rf"(?:d|k|p|q|dp|dq|qi)[\\]*\"{SPACE}?:{SPACE}?[\\]*\"[A-Za-z0-9_-]",
    ),
    rule(
        "private-key",
        "Ansible's vaults: a header, then lines of hexadecimal digits",
        rf"""\$ANSIBLE_VAULT;[\d.]{{1,8}};AES\d{{0,4}}(?:;[\w.-]{{1,64}})?
            (?P<secret>(?:{_BREAK}[ \t]{{0,16}}[0-9a-f]{{2,80}}){{1,2000}})""",
        sign=r"\$ANSIBLE_VAULT;",
    ),
    rule(
        "private-key",
        "the key log of TLS (NSS): a label, a random number, and the secret of the session",
        r"""\b(?:CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:HANDSHAKE_)?TRAFFIC_SECRET(?:_\d)?|EXPORTER_SECRET
            |CLIENT_EARLY_TRAFFIC_SECRET|EARLY_EXPORTER_SECRET)[ ][0-9a-fA-F]{64}[ ]
            (?P<secret>[0-9a-fA-F]{64,128})""",
        sign=r"(?:CLIENT_RANDOM|_SECRET(?:_\d)?) [0-9a-fA-F]",
    ),
    rule(
        "private-key",
        "the identities of age",
        r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,60}\b",
        sign="AGE-SECRET-KEY-1",
    ),
)


_BEGINS = re.compile(
    rf"-----? ?BEGIN {_LABEL} ?-----?(?!.*---- ?END)|Private-Lines: \d|\$ANSIBLE_VAULT;"
)
_GOES_ON = re.compile(rf"\s*(?:{_BASE64}{{0,80}}|[A-Z][A-Za-z-]{{2,20}}: .{{0,120}})\s*")
_ENDS = re.compile(r"---- ?END|Private-MAC:")


def kept_whole(lines: Iterable[str]) -> Iterator[str]:
    """The lines, but the beginning of a key and its lines in one piece.

    For who redacts line by line: inside a key no line shows that it is of one.
    """
    held: list[str] = []
    for line in lines:
        ends = _ENDS.search(line)
        if held and not (ends or _GOES_ON.fullmatch(line)):
            yield "\n".join(held)
            held = []
        if not (held or _BEGINS.search(line)):
            yield line
            continue
        held.append(line)
        if ends:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)
