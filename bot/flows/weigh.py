"""Compare the prompts and models that explained errors.

For flows that look back; they own the transaction.
"""

from collections import Counter
from datetime import datetime

from sqlmodel import Session

from bot.core.spending.arm import Arm, Unseen
from bot.core.spending.budget import Feature
from storage import calls, opinions


def arms(session: Session, *, since: datetime, until: datetime) -> tuple[Arm, ...]:
    """What each prompt with each model came to in a window: calls, cost, and people's opinions."""
    thought = Counter(
        (one.version, one.analyst, one.helps) for one in opinions.between(session, since, until)
    )
    return tuple(
        Arm(
            prompt=one.prompt,
            model=one.asked,
            tier=one.tier,
            calls=one.calls,
            answered=one.answered,
            proven=one.proven,
            cost=one.cost,
            latency_ms=one.latency_ms,
            helped=thought[one.prompt, one.asked, True],
            wrong=thought[one.prompt, one.asked, False],
        )
        for one in calls.uses(session, feature=Feature.ANALYSIS, since=since, until=until)
    )


def unseen(session: Session, *, since: datetime, until: datetime) -> tuple[Unseen, ...]:
    """How often each prompt and model that was only compared in a window agreed with what was
    shown."""
    return tuple(
        Unseen(one.prompt, one.asked, one.answered, one.agreed)
        for one in calls.uses(session, feature=Feature.SHADOW, since=since, until=until)
    )
