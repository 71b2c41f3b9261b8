"""Back: what was resolved, or quiet for far longer than it ever is, and is here again."""

from bot.core.detection import baseline, reason, release
from bot.core.detection.baseline import Rhythm
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History
from bot.core.detection.receipt import Receipt
from bot.core.detection.subject import Observation, receipt_since
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, hour_of, start_of


def is_routine(recent: History, before: int | None, *, hour: int, rules: Rules) -> bool:
    """Whether the pause before the last 24 hours is too short for it to be back.

    `before` is the last hour in which it was seen before these.
    """
    today = recent.first(hour - DAY + 1, hour)
    if today is None or before is None:
        return False
    return today - before < rules.quiet_days * DAY


def is_seldom(rhythm: Rhythm | None, rules: Rules) -> bool:
    """Whether it was seen in so few hours before that only what is critical is called back."""
    return rhythm is not None and rhythm.active_hours < rules.min_earlier


def after_resolution(observation: Observation) -> Finding | None:
    subject, hour, resolved_at = (
        observation.subject,
        observation.hour,
        observation.subject.resolved_at,
    )
    if resolved_at is None or subject.last_seen <= resolved_at or hour < hour_of(resolved_at):
        return None
    fixed_in, seen_in, began = subject.resolved_in, subject.last_version, subject.began
    if fixed_in and not release.mends(seen_in, fixed_in, resolved_at=resolved_at, began=began):
        return None
    known = release.mended(fixed_in, resolved_at=resolved_at, began=began) if fixed_in else None
    mended, runs_since = known or ("", resolved_at)
    if subject.last_seen < runs_since or (subject.awaits_release and not known):
        return None
    first = max(hour_of(resolved_at) + 1, hour_of(runs_since))
    again = next((seen for seen in observation.recent.hours if seen >= first), None)
    return Finding(
        Kind.BACK,
        reason.resolved(resolved_at, again=again, fixed_in=fixed_in, mended=mended),
        receipt_since(observation, max(resolved_at, runs_since)),
    )


def after_silence(observation: Observation) -> Finding | None:
    recent, rhythm, rules, since = (
        observation.recent,
        observation.rhythm,
        observation.rules,
        observation.since,
    )
    if rhythm is None or since is None:
        return None
    seldom = is_seldom(rhythm, rules)
    if seldom and not observation.is_critical:
        return None
    gap = 0 if seldom else rules.gap_factor * rhythm.longest_gap
    fires_from = max(rules.quiet_days * DAY, gap)
    quiet = rhythm.quiet_until(since)
    if quiet < fires_from:
        return None
    receipt = Receipt(
        observed=quiet,
        usual=round(rhythm.mean_gap, 1),
        usual_max=rhythm.longest_gap,
        fires_from=fires_from,
        window_hours=observation.hour - since + 1,
        days=baseline.days_before(recent.known_since, since),
        unit="quiet hours",
        since=start_of(since).isoformat(),
        customers=recent.customers(since, observation.hour),
    )
    deaf = since - rhythm.last_hour - quiet
    said = reason.awake(receipt, deaf=deaf, since=recent.count(since, observation.hour))
    return Finding(Kind.BACK, said, receipt)
