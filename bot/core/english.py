"""Words of the language in which errors are explained: nobody's names."""

import re
from collections.abc import Collection

_LISTED = """
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
_WORDS = frozenset(_LISTED.split())
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "n", "er", "al", "ment", "ments", "ion", "ions")
_ENGLISH = re.compile(r"[a-z]{3,}(?:tions?|ments?|ness|ability|ically)")


def is_word(word: str, also: Collection[str] = ()) -> bool:
    """Whether a word in small letters is one of the language, bent or not, or `also` known."""
    if _is_listed(word, also) or _ENGLISH.fullmatch(word):
        return True
    return any(_is_listed(one, also) for one in _unbent(word) if one)


def _is_listed(word: str, also: Collection[str]) -> bool:
    return word in _WORDS or word in also


def _unbent(word: str) -> set[str]:
    """What it may be a form of."""
    stems = {word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) > len(end)}
    return {
        *stems,
        *(f"{stem}e" for stem in stems),
        *(f"{stem[:-1]}y" for stem in stems if stem.endswith("i")),
        *(stem[:-1] for stem in stems if len(stem) > 2 and stem[-1] == stem[-2]),
    }
