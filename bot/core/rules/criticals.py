"""Which texts report a state that must not wait for a digest."""

import re

from bot.core.rules import bystander
from bot.core.rules.reading import find

_LIMIT = 16_000
_NAME = r"(?=\S{0,80}[^a-z\s])\S{1,80}"
"""Of a thing, as "/data", 'users' or idx_7: no word of a sentence."""

_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "data corruption",
        (
            r"data(?:base|file|base file)? (?:is |was |has been |may be |file )?corrupt(?:ed|ion)?",
            (
                r"(?:page|block|index|table|file ?system|superblock|wal|journal|segment|translog"
                r"|metadata|inode|ledger|partition|shard|store|catalog|log file|record batch)s?"
                rf"(?: {_NAME})? (?:(?:\S{{1,80}} )?(?:is|are|was|has been|seems) )?"
                r"corrupt(?:ed|ion)?(?! by)"
            ),
            (
                r"corrupt(?:ed|ion)? (?:page|block|index|table|data|database|file ?system|wal"
                r"|journal|segment|translog|metadata|inode|superblock|shard|store|checkpoint"
                r"|of in-memory)"
            ),
            r"database disk image is malformed",
            r"invalid page (?:in block|header)",
            r"page verification failed, calculated checksum",
            r"read checksum error for \d+b block",
            r"does not appear to be a wiredtiger file",
            r"encountered an illegal file format or internal value",
            r"wt_try_salvage",
            r"block checksum mismatch",
            r"index contains unexpected zero page",
            r"missing chunk number \d+ for toast",
            r"is marked as crashed(?: and should be repaired)?",
            r"structure needs cleaning",
            r"(?:corruptindex|corruptrecord|datacorruption|indexcorrupted)\w*",
            r"(?:sqlstate|error:?|code:?)\W{0,3}xx00[12]",
            r"ora-01578",
            r"msg 82[345], level",
            r"error:? 82[345], severity",
            r"sql server\W{1,3}error:? 82[345]",
            r"logical consistency-based i/o error",
            r"statuscode\.data_loss|code = dataloss",
        ),
    ),
    (
        "out of memory",
        (
            r"out of memory(?! (?:card|chip|foam|game|kit|module|stick)s?\b)",
            r"out[-_]of[-_]memory",
            r"out of shared memory",
            r"killed process \d+ \(\S{1,80}\)",
            r"outofmemory(?:error|exception)?",
            r"oom(?:kill\w*|[- ]kill\w*)?",
            r"systemoom",
            r"memoryerror",
            r"enomem",
            (
                r"(?:cannot|can't|could not|failed to|unable to) allocate (?:\d+ bytes|memory"
                r"|[\d.]+ ?[kmgt]i?b)"
            ),
            r"java heap space",
            r"gc overhead limit exceeded",
            r"allowed memory size of \d+ bytes exhausted",
            r"memory exhausted",
            r"std::bad_alloc",
            r"memory allocation of \d+ bytes failed",
            r"ora-0403[016]",
        ),
    ),
    (
        "resource exhausted",
        (
            r"no space left(?: on device)?",
            r"enospc|edquot|emfile|enfile",
            (
                r"(?:disk|volume|file ?system|tablespace|filegroup)s?"
                rf"(?:(?: {_NAME})? full|(?: \S{{1,80}})? (?:is|are) full)"
                r"(?! (?:copy|name|page|price|report|scan|screen|size|stack|text)s?\b)"
            ),
            r"disk quota exceeded",
            r"(?:not enough|insufficient|out of|no free) disk(?: space)?",
            r"not enough space on the disk",
            r"diskpressure|outofdisk",
            r"flood[- ]stage disk watermark",
            r"remount(?:ing|ed) (?:file ?system|root) read-?only",
            r"transaction log for database \S{1,80} is full",
            r"unable to extend (?:table|index|segment|lob segment|temp segment|undo segment)",
            r"ora-0(?:0257|165[0-9]|1688)",
            r"too many open files",
            r"(?:out of|no more|ran out of) file (?:descriptors|handles)",
            r"file table overflow",
            r"unable to create (?:new )?native thread",
            r"can't start new thread",
            r"failed to create new os thread",
            r"pidpressure",
        ),
    ),
    (
        "crash",
        (
            r"seg(?:mentation )?fault(?:ed)?",
            r"segmentation violation",
            r"sig(?:segv|abrt|bus|ill|fpe)",
            r"core dumped|code=dumped",
            r"status=(?:4/ill|6/abrt|7/bus|8/fpe|11/segv)",
            r"kernel panic",
            r"kernel bug at",
            r"unable to handle kernel",
            r"(?<!not )(?<!don't )panic:",
            r"panicked at",
            r"panic serving",
            r"fatal error: (?:concurrent map|all goroutines|stack overflow|unexpected signal)",
            r"a fatal error has been detected by the java runtime",
            r"access violation(?: reading| writing| at)",
            r"accessviolationexception",
            r"double free or corruption",
            r"double free detected",
            r"attempting double-free",
            r"corrupted double-linked list",
            r"stack smashing detected",
            r"(?:terminated|killed|died|exited)(?: by| from| on| with)? signal:? (?:4|6|7|8|11)",
            r"\(pid \d+\) was terminated by signal (?!(?:1|2|15)\b)\d+",
            r"(?:caught|fatal|got|received|unexpected) signal:? (?:4|6|7|8|11)",
            r"exit(?:ed)?(?: with)?(?: code| status)+:? (?:134|139)",
            r"process is terminated due to stackoverflow\w*",
            r"stack overflow detected",
            r"crashloopbackoff",
        ),
    ),
)

_PATTERNS = tuple(
    (kind, re.compile(r"(?<![\w-])(?:" + "|".join(alternatives) + r")(?![\w])", re.ASCII))
    for kind, alternatives in _KINDS
)

_HINTS = (
    *(
        "corrupt",
        "consistency-based",
        "malformed",
        "invalid page",
        "verification",
        "zero page",
        "checksum",
        "wiredtiger file",
        "illegal file",
        "wt_try_salvage",
        "toast",
        "crash",
    ),
    *("cleaning", "xx00", "ora-0", "82", "data_loss", "dataloss", "memory", "oom", "enomem"),
    *("allocate", "heap space", "overhead", "bad_alloc", "no space", "enospc", "edquot", "mfile"),
    *("nfile", "full", "quota", "disk", "extend", "open files", "file desc", "file hand"),
    *("overflow", "thread", "pidpressure", "seg", "sig", "dumped", "kernel", "panic"),
    *("fatal error", "violation", "double", "smashing", "process", "remount", "exit", "status="),
)
"""At least one of these is part of every pattern: most texts need no more than this."""


def critical(text: str) -> str:
    """Which kind of critical state the text reports, or "".

    One of "out of memory", "crash", "resource exhausted", "data corruption". To be asked only for
    errors or worse: a line that says all is well again may use the same words. What stands in a
    field that others fill counts only where no rule knows what is said elsewhere. Reads the first
    16,000 characters, in linear time.
    """
    read = text[:_LIMIT]
    if not (kind := _kind(read)):
        return ""
    elsewhere = bystander.without_values(read)
    return _kind(elsewhere) or ("" if find(elsewhere) else kind)


def _kind(text: str) -> str:
    low = text.lower()
    if not any(map(low.__contains__, _HINTS)):
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(low)), "")
