import pytest

from bot.core.detection import fix
from bot.core.detection.fix import DAY, Confirmation, Since


@pytest.mark.parametrize(
    ("since", "verdict"),
    [
        (
            Since(24, 0, 40 / 24),
            Confirmation(proven=True, reason="quiet for 24 h, expected about 40"),
        ),
        (Since(23, 0, 40.0), None),
        (Since(24, 1, 40.0), None),
        (Since(24, 0, 2 / 24), None),
        (
            Since(2 * DAY, 0, 2 / 24),
            Confirmation(proven=True, reason="quiet for 2 days, expected about 4"),
        ),
        (Since(13 * DAY, 0, 0.1 / 24), None),
        (
            Since(14 * DAY, 0, 0.1 / 24),
            Confirmation(
                proven=False,
                reason="quiet for 14 days, which proves little: about 1.4 were expected",
            ),
        ),
    ],
)
def test_a_fix_is_proven_by_a_silence_in_which_it_would_have_been_seen(
    since: Since, verdict: Confirmation | None
) -> None:
    assert fix.judge(since) == verdict


def test_what_is_expected_goes_with_the_traffic_of_the_service() -> None:
    usual = {"hours": 24, "seen": 0, "rate_before": 40 / 24, "traffic_before": 1_000.0}
    half = fix.judge(Since(**usual, traffic_since=500.0))
    assert half == Confirmation(proven=True, reason="quiet for 24 h, expected about 20")
    assert fix.judge(Since(**usual, traffic_since=10.0)) is None, "nobody uses it"
    much = fix.judge(Since(**usual, traffic_since=100_000.0))
    assert much == Confirmation(proven=True, reason="quiet for 24 h, expected about 120")
