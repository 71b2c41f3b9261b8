"""Labelled lines made of the log statements in a project's source, for `tests.bench.signatures`.

    python -m tests.bench.statements SOURCES... --into FOLDER

Each of SOURCES is a tree of C, Go, Java, C# or Python; FOLDER gets one .jsonl a tree. A statement
is rendered several times, its arguments as their names let one expect: a path for `filename`, an
address for `peer`, a word for `name`. The statement is the label. What says what happened (an
error, a state, a function) is drawn once a statement, since two reasons are two findings
(docs/decisions/0018). Nobody's rules are asked, and the same sources give the same lines.
"""

import argparse
import ast
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

MOST_STATEMENTS = 500
"""Of one project: a large one is no more general than a small one."""
MOST_LINES = 12
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Hole:
    """What a statement leaves open: the expression that fills it, and how it is printed."""

    hint: str
    kind: str = "s"


Statement = tuple[str | Hole, ...]


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("sources", type=Path, nargs="+", metavar="SOURCES", help="trees of source")
    cli.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="gets the lines")
    asked = cli.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    for tree in asked.sources:
        some = chosen(tree)
        rows = [row for statement in some for row in rendered(statement)]
        random.Random(len(rows)).shuffle(rows)
        with (asked.into / f"{tree.name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        print(f"{tree.name:24} {len(some):5} statements {len(rows):6} lines")


def chosen(tree: Path) -> list[Statement]:
    """Statements that read differently, so many at most, in an order that says nothing."""
    found = {label(one): one for one in statements(tree) if says_something(one)}
    names = sorted(found)
    random.Random(7).shuffle(names)
    return [found[name] for name in names[:MOST_STATEMENTS]]


def statements(tree: Path) -> Iterator[Statement]:
    for path in sorted(tree.rglob("*")):
        reader = READERS.get(path.suffix)
        if reader and path.is_file() and not _TESTS.search(str(path.relative_to(tree))):
            yield from reader(path.read_text(encoding="utf-8", errors="replace"))


_TESTS = re.compile(r"(?i)(?:^|/)(?:\w*tests?|vendor|third_party|examples?|node_modules)/|_test\.")


def label(statement: Statement) -> str:
    text = "".join(part if isinstance(part, str) else "<*>" for part in statement)
    return " ".join(text.split()).rstrip(".!:; ")


def says_something(statement: Statement) -> bool:
    """Whether people could tell what it is about with all values left out."""
    said = " ".join(part for part in statement if isinstance(part, str))
    return len(said) <= LONGEST and len(re.findall(r"[^\W\d_]{3,}", said)) >= 3


# ---- source to statements


def read_python(source: str) -> Iterator[Statement]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and call.args and _LOGS.search(ast.unparse(call.func)):
            yield from of_python(call.args)


_LOGS = re.compile(
    r"(?i)\blog(?:ger|ging)?\.(?:debug|info|warn|warning|error|exception|critical|msg)$"
)


def of_python(args: Sequence[ast.expr]) -> Iterator[Statement]:
    first, *rest = args
    if isinstance(first, ast.Call) and len(first.args) == 1:  # a translated message
        first = first.args[0]
    if isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mod):
        right = first.right
        rest = right.elts if isinstance(right, ast.Tuple) else [right]
        first = first.left
    if isinstance(first, ast.JoinedStr):
        yield tuple(
            str(part.value) if isinstance(part, ast.Constant) else Hole(ast.unparse(part)[1:-1])
            for part in first.values
        )
    elif isinstance(first, ast.Constant) and isinstance(first.value, str):
        if len(rest) == 1 and isinstance(rest[0], ast.Dict):
            rest = rest[0].values
        yield tuple(printed(first.value, [ast.unparse(one) for one in rest]))


_PRINTED = re.compile(
    r"%(?:\((?P<name>\w+)\))?[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t|L)?"
    r"(?P<kind>[a-zA-Z%])(?P<more>(?<=p)[A-Z]\w*)?"
)
_BRACED = re.compile(r"\{(?P<name>[\w.@$]*)(?:[:,][^{}]*)?\}")


def printed(text: str, args: Sequence[str]) -> Iterator[str | Hole]:
    """The pieces of a text as printf, Python and Go have it."""
    given, end = iter(args), 0
    for found in _PRINTED.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        if found["kind"] == "%":
            yield "%"
        else:
            yield Hole(found["name"] or next(given, ""), "s" if found["more"] else found["kind"])
    yield text[end:]


def braced(text: str, args: Sequence[str]) -> Iterator[str | Hole]:
    """The pieces of a text as SLF4J and .NET have it."""
    given, end = iter(args), 0
    for found in _BRACED.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        yield Hole(found["name"] or next(given, ""))
    yield text[end:]


_CALL = re.compile(
    r"\b(?!\w*(?:sn?printf|asprintf|strl?cat|vty_out|usage)\b)(?:\w+[.:>-]{1,2})*"
    r"(?:z?log\w*|flog_\w+|\w*_(?:log|err|warn|notice|info|crit|fatal)|\w*log_\w+|syslog|verbose"
    r"|DBG[0-9]|SCLog\w+|(?:Log)?(?:Debug|Info|Information|Notice|Warn|Warning|Error|Fatal"
    r"|Critical|Trace)f?|debug|info|warn|error|trace)\s*\("
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_PRI = re.compile(r"\bPR[IF]\w+\b|\bESC\w+\b")


def read_printf(source: str) -> Iterator[Statement]:
    yield from calls(source, printed)


def read_braces(source: str) -> Iterator[Statement]:
    yield from calls(source, braced)


def calls(
    source: str, pieces: Callable[[str, Sequence[str]], Iterator[str | Hole]]
) -> Iterator[Statement]:
    for call in _CALL.finditer(source):
        args = arguments(source, call.end())
        at = next((at for at, arg in enumerate(args[:4]) if '"' in arg), None)
        if at is not None and not re.search(r"\w\(", _STRING.sub("", args[at])):
            yield tuple(joined(args[at], args[at + 1 :], pieces))


def joined(
    arg: str,
    rest: Sequence[str],
    pieces: Callable[[str, Sequence[str]], Iterator[str | Hole]],
) -> Iterator[str | Hole]:
    """A literal, or several put together, with what is added between them."""
    if "+" not in _STRING.sub("", arg):
        text = "".join(_STRING.findall(_PRI.sub('"d"', arg)))
        yield from pieces(unescaped(text), rest)
        return
    end = 0
    for found in _STRING.finditer(arg):
        if added := arg[end : found.start()].strip("+ \t\n"):
            yield Hole(added)
        yield from pieces(unescaped(found[1]), rest)
        end = found.end()
    if added := arg[end:].strip("+ \t\n"):
        yield Hole(added)


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda one: {"n": " ", "t": " "}.get(one[1], one[1]), text)


def arguments(source: str, start: int) -> list[str]:
    """The arguments of a call, up to 2,000 characters of source."""
    depth, place, args, begin = 1, start, [], start
    stop = min(len(source), start + 2_000)
    while place < stop:
        if found := _STRING.match(source, place):
            place = found.end()
            continue
        char = source[place]
        depth += (char in "([{") - (char in ")]}")
        if not depth or (depth == 1 and char == ","):
            args.append(source[begin:place].strip())
            begin = place + 1
        if not depth:
            return args
        place += 1
    return []


READERS: dict[str, Callable[[str], Iterator[Statement]]] = {
    ".py": read_python,
    ".c": read_printf,
    ".go": read_printf,
    ".java": read_braces,
    ".cs": read_braces,
}

# ---- statements to lines

_WORDS = """
    amber anchor apollo atlas aurora backup banner basil beacon billing birch blue bravo bridge
    cactus canary cargo cedar cherry cobalt comet copper coral delta denim drift eagle echo ember
    falcon fern flint forest frost garnet ginger glacier granite harbor hazel heron indigo iris
    ivory jade jasper juniper karma kestrel lagoon lantern lemon lilac lotus lunar magnet maple
    marble meadow mercury mint mosaic nectar nickel nimbus nova oasis olive onyx opal orbit
    orders otter payments pearl pepper pine plum quartz quill raven reports ridge river ruby sage
    sierra silver slate solar spruce staging stone sunset tango teal tiger topaz tulip ultra
    umber vapor velvet violet walnut willow winter yarrow zephyr zinc
"""
WORDS = _WORDS.split()
_PEOPLE = "alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy"
PEOPLE = _PEOPLE.split()
REASONS = (
    "connection refused",
    "Permission denied",
    "no such file or directory",
    "context deadline exceeded",
    "Invalid argument",
    "unexpected end of input",
    "Operation not permitted",
    "timed out",
)
STATES = ("active", "FAILED", "Pending", "running", "CLOSED", "Unknown", "ready")
TYPES = ("read", "update", "Primary", "BASIC", "peer", "full")
CODE = ("handle_request", "processBatch", "Session.open", "flush_all", "NodeManager")

_CODES = re.compile(r"(?i)err|code|status|state|^(?:rc?|ret|rv|res)$")
"""Numbers that say what happened."""

Draw = Callable[[random.Random], str]


def number(chance: random.Random) -> str:
    return str(chance.randrange(10 ** chance.randrange(1, 7)))


def hexadecimal(chance: random.Random) -> str:
    return f"{chance.getrandbits(48):x}"


def address(chance: random.Random) -> str:
    return ".".join(str(chance.randrange(1, 255)) for _ in range(4))


def endpoint(chance: random.Random) -> str:
    return f"{address(chance)}:{chance.randrange(1024, 65536)}"


def host(chance: random.Random) -> str:
    return f"{chance.choice(WORDS)}-{chance.randrange(1, 60)}.{chance.choice(WORDS)}.example.net"


def url(chance: random.Random) -> str:
    scheme = chance.choice(("http", "https"))
    return f"{scheme}://{host(chance)}/{chance.choice(WORDS)}/{number(chance)}"


def path(chance: random.Random) -> str:
    folder = chance.choice(("/var/lib", "/etc", "/srv/data", "/tmp"))
    return f"{folder}/{chance.choice(WORDS)}/{chance.choice(WORDS)}{chance.choice(('', '.conf'))}"


def name(chance: random.Random) -> str:
    return chance.choice(WORDS)


def numbered_name(chance: random.Random) -> str:
    return f"{chance.choice(WORDS)}-{chance.randrange(1, 300)}"


def uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def duration(chance: random.Random) -> str:
    return f"{chance.random() * 90:.3f}{chance.choice(('s', 'ms'))}"


BY_HINT: Sequence[tuple[str, Sequence[Draw]]] = (
    (r"uuid|guid|instance$|request_?id|trace", (uuid,)),
    (r"ur[li]s?$|endpoint", (url, endpoint)),
    (r"path|file|dir(?:ectory)?$|folder|fname|socket$", (path,)),
    (r"\bip$|addr|remote|peer|neighbou?r|prefix|subnet|nexthop", (address, endpoint)),
    (r"host|server|node|domain|broker|bookie|client$", (host, numbered_name)),
    (r"port$|pid$|size|len|count|num|total|bytes|n$|idx|index|offset|seq|limit|max|min", (number,)),
    (r"time|duration|elapsed|interval|delay|took|took_ms|age$|ttl", (duration, number)),
    (r"user|login|owner|account", (lambda chance: chance.choice(PEOPLE),)),
    (r"ids?$|key$|hash|digest|token|cookie|serial|version", (numbered_name, hexadecimal, number)),
    (r"^is|enabled$|^has|exists|flag$", (lambda chance: chance.choice(("true", "false")),)),
    (r"name|label|topic|queue|plugin|service|unit|vrf|zone|pool|group", (name, numbered_name)),
    (r"iface|interface|ifp|device|dev$|link", (lambda chance: f"eth{chance.randrange(32)}",)),
)
"""The end of what fills a hole, and what it may then be; otherwise any of these:"""
ANYTHING: Sequence[Draw] = (number, numbered_name, name, hexadecimal, path, host)
FIXED: Sequence[tuple[str, Sequence[str]]] = (
    (r"err|exc|^ex?$|reason|cause|msg|message|strerror|detail|failure|why|problem", REASONS),
    (r"stat|phase|result|outcome", STATES),
    (r"type|kind|mode|action|method|op$|cmd|command|event|level|role|proto|what", TYPES),
    (r"func|class|__", CODE),
)
"""What says what happened."""


def rendered(statement: Statement) -> Iterator[dict[str, str]]:
    name = label(statement)
    chance = random.Random(name)
    draws = [
        part
        if isinstance(part, str)
        else number
        if isinstance(after, str) and _UNIT.match(after)
        else draw(part, chance)
        for part, after in zip(statement, (*statement[1:], ""), strict=True)
    ]
    for _ in range(chance.choice((2, 3, 5, MOST_LINES))):
        parts = [part if isinstance(part, str) else part(chance) for part in draws]
        line = " ".join("".join(parts).split())
        yield {"raw": line, "content": line, "event": name}


_UNIT = re.compile(r"(?:%| ?(?:[kmKMG]i?[bB]|bytes|[mun]?s|secs?|seconds|minutes|times)\b)")


def draw(hole: Hole, chance: random.Random) -> Draw:
    """How a hole of one statement is filled each time."""
    hint = re.findall(r"\w+", hole.hint) or [""]
    last = hint[0] if hole.hint.endswith(")") and len(hint) < 3 else hint[-1]
    if hole.kind in "diuU" and _CODES.search(last):
        code = str(chance.randrange(1, 99))
        return lambda _: code
    if hole.kind in "diuU":
        return number
    if hole.kind in "xXp":
        return lambda chance: f"{'0x' * (hole.kind == 'p')}{hexadecimal(chance)}"
    if hole.kind in "feEgG":
        return lambda chance: f"{chance.random() * 100:.2f}"
    if hole.kind in "tT":
        return lambda chance: chance.choice(("true", "false"))
    value = by_name(last, chance)
    if hole.kind in "qr":
        mark = '"' if hole.kind == "q" else "'"
        return lambda chance: f"{mark}{value(chance)}{mark}"
    return value


def by_name(last: str, chance: random.Random) -> Draw:
    for pattern, texts in FIXED:
        if re.search(pattern, last, re.IGNORECASE):
            said = chance.choice(texts)
            return lambda _: said
    for pattern, draws in BY_HINT:
        if re.search(pattern, last, re.IGNORECASE):
            return chance.choice(draws)
    return chance.choice(ANYTHING)


if __name__ == "__main__":
    main()
