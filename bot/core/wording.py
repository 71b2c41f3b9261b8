"""Whether a wording may go to customers: only words that say what they notice and that we work on
it. A list of what must not be said has no end; what may be said is short."""

import re

_MAY_BE_SAID = """
    a an the some one two few many most all our of parts part its it they this that these those and
    or but so because while when where which what who for from in on at by to with without into as
    than not no more less also still only other others another several each every any
    people users customers you your
    we are is was were be been being have has had do does did may might can cannot could should will
    am us
    service services function functions feature features page pages site app request requests
    search searches order orders payment payments login logins sign-in sign-ins message messages
    notification notifications e-mail e-mails email emails mail image images file files report
    reports document documents upload uploads download downloads export exports import imports
    change changes update updates result results list lists balance record records invoice invoices
    booking bookings form forms checkout basket cart delivery deliveries shipment dashboard chart
    charts picture pictures video videos call calls sync synchronisation action actions area
    fault problem problems error errors issue trouble difficulty difficulties set-up
    answer answers answering fail fails failed failing load loads loaded loading work works worked
    working open opens opened show shows shown showing appear appears appearing save saves saved
    saving arrive arrives arriving finish finishes finished send sent sending accept accepted
    respond responds responding response responses turned away reached limit available unavailable
    missing late later slow slower slowly delayed delay delays longer usual usually normally
    properly correctly incomplete incompletely blank empty wrong temporarily unexpectedly currently
    now moment again try trying tried reload reloading help helps please sorry apologise apologize
    inconvenience thank patience taking take takes
    look looking into investigate investigating correct correcting correction fix fixing repair
    repairing check checking deal dealing know tell keep keeps informed over out
    about side did complete completed process processed processing entered happening happen happens
    should online device connection internet
    minutes
"""
_WORDS = frozenset(_MAY_BE_SAID.split())
_WORD = re.compile(r"[^\W_][^\s.,;:!?()\"“”]*")
_PROMISE = re.compile(
    r"\bwill\b(?! (?:send|tell|keep)\b)|\bminutes\b(?<!again in a few minutes)"
    r"|\bwe (?:can|could|should|have) (?:send|fix)"
)
"""A time, or a deed: it works again when it works."""
_PLAYS_DOWN = re.compile(
    r"\b(?:no|not a|not any|without) (?:problem|fault|trouble|issue|error)s?\b"
)
_BLAMES = re.compile(r"\byour? (?:\w+ )?(?:fault|error|mistake|change|changes)\b|\byou did\b")
_LIMIT = 300


def is_fit(wording: str) -> bool:
    """Whether it says no more than customers may be told because a model said so: no name, promise,
    date, money, blame, breach, order or all-clear."""
    low = wording.lower().replace("’", "'")
    if not low.strip() or len(low) > _LIMIT or any(map(str.isdigit, low)):
        return False
    if not all(word.rstrip("'") in _WORDS for word in _WORD.findall(low)):
        return False
    return not any(one.search(low) for one in (_PROMISE, _PLAYS_DOWN, _BLAMES))
