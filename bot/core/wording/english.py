"""Words of English, in which errors are explained: a word that is one names nobody."""

import re
from collections.abc import Collection

_LISTED = """
    a about above access accessible according account across action active actual add added
    affect after again all allocation almost along already also although always among amount an
    analysis and another answer any anyone anything app appear approach are area around as aside
    ask asleep assign at attempt author authority auto available average avoid awake back
    background backlog balance bandwidth bank base basket batch because become been before began
    begin behave behaviour behind below best better between beyond bill bind blame block book
    both branch break bring broke broken brought browser bug build bump burst business but
    button buy by byte cache call came can cancel cannot capacity capture card care careful
    carry cart case catch category cause central certain chain change charge chart check
    checkout choose chose circle class clean clear click client clock close co code collect
    collide column come common company compare complain complete component compute concern
    concurrent confirm connect consider consume contact contain content context continue control
    convert copy correct cost could count country coupon course cover crash create cross curl
    currency current customer cut cycle daily damage dashboard data date day dead deal decide
    decline default delay deliver demand deny depart depend deploy derive describe design detail
    determine develop device did die differ direct disagree discard disk dismiss dispatch
    display do document does done double down download downstream draft drain drift drive driver
    drop due duplicate during each early eat edge edit either else emit empty enable encode
    encrypt end engine enough ensure enter entire entry equal error escalate especially estimate
    evaluate even event ever every everyone everything evidence exact examine example exceed
    except excess exchange exclude execute exhaust exist expect expire explain explicit export
    expose express extend external extra face fail fall false far fast fault faulty feature feed
    fell felt fetch few field file fill final find fine finish first fit fix flag flap flood
    flow follow for force forget forgot form found fraction free freeze frequent fresh from
    froze full function further future gap gather gave get give given go good got grant great
    grew ground group grow guess had half hand handle hang happen hard has have he head health
    healthy heard heavy held help hence her here high his hit hold holiday hour how however huge
    hung idea identify idle if ignore image immediate impact import improve in include increase
    indeed independent index indicate individual initial inner input insert inside inspect
    instead intend internal into invalid investigate invoice invoke involve is isolate issue it
    item its itself job join jump just keep kept kernel key kind knew know lack lag large last
    late latency latest layer lead leak learn least leave led left legacy length less let level
    library lie like limit line linger link list listen little load local locate lock log long
    look loop lose lost low lower mail main maintenance make malformed manual many map mark
    match maximum may maybe me mean meant measure member memory merge message met middle might
    migrate minimum minor minute misbehave miss missing mistake mode model modern moment money
    monitor month more most mostly mount move much multi multiple must name narrow nature near
    nearly need neither never new next night no nobody non none nor normal not note nothing
    notice notify now null number object observe occur of off offer office offline often old on
    once one online only open operate operator option or order origin other otherwise ought our
    out outage outer output outside over overall overlap overload overran owe own owner pack
    page paid pair panic parse part partial partner party pass past patch path pattern pause pay
    payload payment peak peer people per percent perhaps period permission permit person pick
    pile place plan plausible please plus point policy poll pool poor port possible post
    potential pre preceding prefer prepare present press presumably prevent previous price
    primary print prior priority probably problem proceed process produce product profile
    program proof proper protect prove provide provider public pull purchase purpose push put
    quarter query question queue quick quit quite quote race ran range rare rate rather raw re
    reach read ready real reason rebuild receive recent recognise recommend record recover
    recovery reduce refer refill refresh refund refuse regard region register regular reject
    relate release relevant reload rely remain remote remove render renew repair repeat replace
    replay reply report represent request require resend reset resist resize resolve resource
    respond response rest restart restore restrict result resume retry return reverse review
    revise right roll root rose rot rotate round route row rule run safe same sample sat save
    saw say scale scan schedule scope screen script search second section see seem seen segment
    select self semi send sent separate sequence serve server session set setting several shape
    share she sheet shift ship shook shop short should show shut side sign signal signature
    similar simple since single sink site size skip sleep slept slip slow small so sold some
    somebody someone something sometimes soon sort source space spare specific speed spend spent
    spike split spoke spread stable staff stage stale stall stand standard start starve state
    station status stay steady step stick still stock stood stop storage store strange stream
    string strong struck struggle stuck sub subject subscribe succeed such sudden suggest suit
    sum supply support sure suspect swap switch symptom sync system table take talk target task
    team tell temporary tenant term test text than that the their them then there therefore
    these they thing think third this those though thread threshold threw throttle through
    throughput throw thus ticket tight time tire to today together token told too took tool top
    total touch trace track trade traffic transfer transport treat trend trigger trip true trust
    try turn twice two type typical un unable unclear under undergo understood unexpected unit
    unknown unless unlikely until untrusted unusual up update upgrade upload upstream us use
    user usual valid value vanish variable vary verify version very via view visible visit
    volume wait wake want warm warn was way we web week well went were what whatever when where
    whether which while who whoever whole whom whose why wide widen will win window with within
    without woke won word work worker workload worse worst would write written wrong wrote year
    yes yet yield you your zero
"""
_WORDS = frozenset(_LISTED.split())
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "n", "er", "al", "ment", "ments", "ion", "ions")
_ENGLISH = re.compile(r"[a-z]{3,}(?:tions?|ments?|ness|ability|ically)")


def is_word(word: str, also: Collection[str] = ()) -> bool:
    """Whether a word in lower case is English, inflected or not, or in `also`."""
    if _is_listed(word, also) or _ENGLISH.fullmatch(word):
        return True
    return any(_is_listed(one, also) for one in _unbent(word) if one)


def _is_listed(word: str, also: Collection[str]) -> bool:
    return word in _WORDS or word in also


def _unbent(word: str) -> set[str]:
    """The words that a word may be an inflection of."""
    stems = {word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) > len(end)}
    return {
        *stems,
        *(f"{stem}e" for stem in stems),
        *(f"{stem[:-1]}y" for stem in stems if stem.endswith("i")),
        *((f"{word[:-1]}e",) if word.endswith("ly") else ()),
        *(stem[:-1] for stem in stems if len(stem) > 2 and stem[-1] == stem[-2]),
    }
