"""Which words of a text are names, and whether what is known names them too."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.core.rules import verdicts

UNPROVEN = "[not in the evidence]"

_WORD = re.compile(r"\d{1,3}(?:,\d{3})+|[\w$@#%~.:/\\-]+")
_PARTS = re.compile(r"[./:@\\=-]")
_JOINED = re.compile(
    r"[a-z0-9][A-Z]|[A-Z]{4}|[A-Za-z]\d|\d[A-Za-z]|-\d|_|\w[.\\@:]\w|^[/~]|\d{3}", re.ASCII
)
"""A word that is put together: `PaymentError`, `db-7`, `max_connections`, `api.example`, a path."""
_SMALL = re.compile(r"\d{1,2}(?:[.:]\d{1,2})?(?:xx|ms|s|m|h|d|k|kb|mb|gb|%)?", re.ASCII)
"""A count, a time or a span: nobody's name."""
_NUMBERED = re.compile(
    r"\b(?:ticket|issue|incident|bug|pr|version|release|build|revision|tag)s? (?:no\.? )?$|\bno\. $"
)
_RELEASED = re.compile(r"\b(?:(?:back|upgrade|downgrade|up|down|return) to|since|with|from) $")
_WITHIN = re.compile(r"[a-z0-9,;)] $")
_PROPER = re.compile(r"[A-Z][A-Za-z]{2,}", re.ASCII)
_HYPHENED = re.compile(r"[a-z]+(?:-[a-z]+)+", re.ASCII)
_ENDS_A_NAME = """
    db svc service server host master slave primary replica node pod cluster gw gateway api app web
    prod production staging dev cache queue worker broker proxy lb north south east west
"""
_PLACES = frozenset(_ENDS_A_NAME.split())
"""What ends the name of a machine or a service: `redis-master`."""
_COMMON = """
    i/o e.g i.e a.m p.m utc tcp udp http https dns tls ssl sql json xml yaml html css api cpu ram
    oom url uri uuid smtp ssh jvm 4xx 5xx monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december english
    kubernetes docker linux windows java python node ruby php go rust postgresql postgres mysql
    mariadb mongodb redis kafka rabbitmq elasticsearch cassandra oracle sqlite nginx apache tomcat
    javascript typescript aws azure google slack stripe
    application infrastructure network database configuration low medium high critical
"""
_ORDINARY = """
    a about above access according account across action active actual add added after again all
    allocation almost along already also although always among amount an analysis and another
    answer any anyone anything app appear approach are area around as ask assign at attempt author
    authority auto available average avoid back background backlog balance bandwidth bank base
    basket batch because become been before begin behaviour behind below best better between
    beyond bill block book both branch break bring broken browser bug build bump burst business
    but button buy by byte cache call came can cannot capture card care careful carry cart case
    catch category cause central certain chain change charge chart check checkout choose class
    clean clear click client clock close co code collect column come common company compare
    complete component compute concern concurrent confirm connect consider consume contact contain
    content context continue control convert copy correct cost could count country coupon course
    cover crash create cross currency current customer cut cycle daily damage dashboard data date
    day deal decide decline default delay deliver demand depend deploy derive describe design
    detail determine develop device did differ direct disk display do document does done double
    down download draft drive driver drop due duplicate during each early edge edit either else
    empty enable encode end engine enough ensure enter entire entry equal error escalate
    especially estimate evaluate even event ever every everyone everything evidence exact examine
    example exceed except excess exchange exclude execute exhaust exist expect expire explain
    explicit export expose express extend extra face fail fall false far fast fault feature feed
    few field file fill final find fine finish first fit fix flag flow follow for force form found
    fraction free frequent fresh from full function further future gap gather get give given go
    good great ground group grow guess had half hand handle happen hard has have he head health
    healthy heavy help hence her here high his hit hold holiday hour how however huge idea
    identify idle if ignore image immediate impact import improve in include increase indeed
    independent index indicate individual initial inner input insert inside inspect instead intend
    internal into invalid investigate invoice invoke is isolate issue it item its itself job join
    just keep kernel key kind know lack large last late latency latest layer lead leak learn least
    leave left legacy length less let level library like limit line link list little load local
    locate lock log long look loop lose lost low lower mail main make malformed manual many map
    mark match maximum may maybe me mean measure member memory merge message middle might migrate
    minimum minor minute miss missing mistake mode model modern moment monitor month more most
    mostly move much multi multiple must name narrow nature near nearly need neither never new
    next night no nobody non none nor normal not note nothing notify now null number object
    observe occur of off offer office often old on once one online only open operate operator
    option or order origin other otherwise our out outage outer output outside over overall
    overlap own owner pack page pair parse part partial partner party pass past patch path pattern
    pause pay payload payment peak people per percent perhaps period permission person pick place
    plan plausible please plus point policy pool poor port possible post potential pre preceding
    prefer prepare present press presumably prevent previous price primary print prior priority
    probably problem proceed process produce product profile program proof proper protect prove
    provide provider public pull purchase push put quarter query question queue quick quite quote
    range rare rate rather raw re reach read ready real reason rebuild receive recent recognise
    record recover reduce refer refresh refund refuse regard region register regular reject relate
    release relevant reload rely remain remote remove render renew repair repeat replace replay
    reply report represent request require resend reset resize resolve resource respond rest
    restart restore restrict result resume retry return reverse review revise right roll root
    rotate round route row rule run safe same sample save say scale scan schedule scope screen
    script search second section see seem seen segment select self semi send separate sequence
    serve server session set setting several shape share she sheet shift ship shop short should
    show side sign signal signature similar simple since single site size skip slow small so some
    somebody someone something sometimes soon sort source space spare specific speed spike split
    spread stable staff stage stale stand standard start state station status stay steady step
    stick still stock stop storage store strange stream string strong stuck sub subject subscribe
    succeed such sudden suggest suit sum supply support sure suspect switch symptom sync system
    table take target task team tell temporary tenant term test text than that the their them then
    there therefore these they thing think third this those though thread threshold throttle
    through throughput throw thus ticket tight time to today together token tool top total touch
    trace track trade traffic transfer transport treat trend trigger true trust try turn twice two
    type typical un unable unclear under unexpected unit unknown unless unlikely until untrusted
    unusual up update upgrade upload upstream us use user usual valid value variable vary verify
    version very via view visible visit volume wait want warm warn was way we web week well went
    were what whatever when where whether which while who whole whose why wide widen will window
    with within without word work worker workload worse worst would write written wrong year yes
    yet you your zero
"""
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "n", "er", "al", "ment", "ments", "ion", "ions")
_ENGLISH = re.compile(r"[a-z]{3,}(?:tions?|ments?|ness|ability|ically)")


@dataclass(frozen=True, slots=True)
class Known:
    """The words of some texts, whole and in their parts, and the texts, in lower case."""

    words: frozenset[str]
    text: str

    def has(self, word: str) -> bool:
        """Whether the texts name it."""
        whole = rf"(?<!\w){re.escape(word)}(?!\w)"
        return word in self.words or bool(re.search(whole, self.text))


def known(texts: str) -> Known:
    """What these texts and our own tables name."""
    return Known(_ours() | _words(texts), texts.lower())


def marked(said: str, named: Known) -> str:
    """The text with every name that is not known replaced by a mark that says so."""

    def instead(found: re.Match[str]) -> str:
        before = said[max(0, found.start() - 24) : found.start()]
        is_path = found[0][0] in "/~" or "//" in found[0]
        words = [found[0]] if is_path else found[0].split("/")
        return "/".join(_word(word, named, before=before) for word in words)

    return _WORD.sub(instead, said)


def _word(word: str, named: Known, *, before: str) -> str:
    bare = _bare(word)
    if not _is_a_name(bare, before) or (named.has(bare.lower()) and not _is_mixed(bare)):
        return word
    return word.replace(bare, UNPROVEN)


def _is_a_name(bare: str, before: str) -> bool:
    if not bare.isascii() and not _is_latin(bare):
        return True
    if _SMALL.fullmatch(bare.lower()):
        return _is_numbered(bare, before.lower())
    if _PROPER.fullmatch(bare):
        return bool(_JOINED.search(bare) or _WITHIN.search(before)) or not _is_ordinary(
            bare.lower()
        )
    if _HYPHENED.fullmatch(bare):
        *_, last = parts = bare.split("-")
        return last in _PLACES or not all(map(_is_ordinary, parts))
    return bool(_JOINED.search(bare))


def _is_numbered(bare: str, before: str) -> bool:
    """Whether it is a ticket's or a version's."""
    is_version = "." in bare and bool(_RELEASED.search(before))
    return is_version or (bare[-1].isdigit() and bool(_NUMBERED.search(before)))


def _is_latin(word: str) -> bool:
    letters = (char for char in word if char.isalpha())
    return all(unicodedata.name(char, "").startswith("LATIN") for char in letters)


def _is_mixed(word: str) -> bool:
    """Whether it is written in two alphabets, so that it looks like another."""
    return not _is_latin(word) and any(char.isascii() and char.isalpha() for char in word)


def _is_ordinary(word: str) -> bool:
    """Whether it is a word of the language, bent or not, or one of our own tables."""
    words = _ordinary()
    if word in words or _ENGLISH.fullmatch(word):
        return True
    stems = {word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) > len(end)}
    bent = {
        *stems,
        *(f"{stem}e" for stem in stems),
        *(f"{stem[:-1]}y" for stem in stems if stem.endswith("i")),
        *(stem[:-1] for stem in stems if len(stem) > 2 and stem[-1] == stem[-2]),
    }
    return not words.isdisjoint(bent - {""})


def _bare(word: str) -> str:
    """Without the marks of the sentence around it; a path keeps its beginning."""
    return word.rstrip(".,:;-/").lstrip(".,:;-")


def _words(text: str) -> frozenset[str]:
    """Every word of a text, whole and in its parts."""
    bare = {_bare(word) for word in _WORD.findall(text.lower())}
    return frozenset(bare.union(*(_PARTS.split(word) for word in bare))) - {""}


@lru_cache(maxsize=1)
def _ours() -> frozenset[str]:
    """What may be named without evidence: what our own tables tell people, and common words."""
    ours = (
        text
        for one in verdicts.ALL
        for text in (one.says, one.explains, one.cause, one.effect.impact, *one.actions)
    )
    return _words(_COMMON) | _words("\n".join(ours))


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    return _ours().union(_ORDINARY.split())
