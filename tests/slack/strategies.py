"""Any card, digest and answer that there may be, hostile text in all of their fields."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.core.analysis import Confidence, Level
from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import Mute, State
from bot.core.ownership.trail import Decided
from bot.core.telling.digest import Footer
from tests.builders import NOON
from tests.slack.builders import a_card, a_digest, an_analysis, numbered
from tests.slack.test_text import ANY_TEXT

MOMENTS = st.sampled_from([NOON, NOON - timedelta(days=400), NOON + timedelta(days=3650)])
COUNTS = st.sampled_from([0, 1, 9, 214, 10**6, 10**15])
MUTES = st.builds(
    Mute,
    reason=ANY_TEXT,
    by=st.sampled_from(["U0ASSIGNEE", "command line", "<!channel>"]),
    at=MOMENTS,
    until=st.none() | MOMENTS,
    max_events=COUNTS,
    max_customers=COUNTS,
)
ANALYSES = st.builds(
    an_analysis,
    severity=st.sampled_from(Level),
    confidence=st.sampled_from(Confidence),
    summary=ANY_TEXT,
    explanation=ANY_TEXT,
    user_impact=ANY_TEXT,
    likely_cause=ANY_TEXT,
    immediate_actions=st.lists(ANY_TEXT, max_size=8).map(tuple),
    customer_communication=ANY_TEXT,
    rule=ANY_TEXT,
)
WHYS = st.lists(st.builds(Why, st.sampled_from(Kind), ANY_TEXT, MOMENTS), max_size=6).map(tuple)
CARDS = st.builds(
    a_card,
    service=ANY_TEXT,
    environment=ANY_TEXT,
    title=ANY_TEXT,
    state=st.sampled_from(State),
    owner=ANY_TEXT,
    owner_reason=ANY_TEXT,
    assignee=st.sampled_from(["", "U0ASSIGNEE", "<@U999>"]),
    claimed_at=st.none() | MOMENTS,
    resolved_at=st.none() | MOMENTS,
    mute=st.none() | MUTES,
    whys=WHYS,
    total=COUNTS,
    last_day=COUNTS,
    usual_day=st.sampled_from([0.0, 2.5, 1e9]),
    daily=st.lists(COUNTS, max_size=20).map(tuple),
    customers=st.lists(st.tuples(ANY_TEXT, COUNTS), max_size=12).map(tuple),
    analysis=ANALYSES,
    analyst=st.sampled_from(["rules", "model", "<!here>"]),
    release=ANY_TEXT,
    released_at=st.none() | MOMENTS,
    sample=ANY_TEXT,
)
FOOTERS = st.builds(
    Footer,
    events=COUNTS,
    signatures=COUNTS,
    muted=COUNTS,
    hidden_events=COUNTS,
    sources=st.lists(st.tuples(ANY_TEXT, MOMENTS), max_size=8).map(tuple),
)
DIGESTS = st.builds(
    lambda cards, waiting, footer, late: a_digest(
        *numbered(cards), unclaimed=numbered(waiting), footer=footer, late=late
    ),
    st.lists(CARDS, max_size=9),
    st.lists(CARDS, max_size=5),
    FOOTERS,
    st.booleans(),
)
EPISODES = st.builds(
    Episode,
    st.sampled_from(Kind),
    ANY_TEXT,
    MOMENTS,
    st.none() | MOMENTS,
    st.dictionaries(
        st.sampled_from(["observed", "usual", "unit", "fires_from", "version", "override"]),
        st.one_of(COUNTS, ANY_TEXT),
    ),
    MOMENTS,
)
DECIDED = st.builds(
    Decided,
    st.just(1),
    st.sampled_from(["claim", "mute", "undo"]),
    st.just("U0ASSIGNEE"),
    MOMENTS,
    ANY_TEXT,
    ANY_TEXT.map(lambda words: f"<@U0ASSIGNEE> {words}"),
)
