"""Why a proxy answered as it did, by the letters that it writes into its access log."""

ENVOY = {
    "DC": "downstream connection termination",
    "DF": "DNS resolution failure",
    "DO": "dropped for overload",
    "DPE": "downstream protocol error",
    "DT": "maximum duration reached",
    "FI": "fault injected",
    "IH": "strictly checked header is invalid",
    "LH": "local service failed its health check",
    "LR": "connection local reset",
    "NC": "upstream cluster not found",
    "NR": "no route configured",
    "OM": "overload manager stopped the request",
    "RL": "rate limited",
    "RLSE": "rate limit service error",
    "SI": "stream idle timeout",
    "UAEX": "denied by external authorization",
    "UC": "upstream connection termination",
    "UF": "upstream connection failure",
    "UH": "no healthy upstream",
    "UMSDR": "upstream reached its maximum duration",
    "UO": "upstream overflow, circuit breaking",
    "UPE": "upstream protocol error",
    "UR": "upstream remote reset",
    "URX": "upstream retry limit exceeded",
    "UT": "upstream request timeout",
}
"""Its documentation's response flags; those that are no reason for a failure are left out."""

_WHO = {
    "C": "the client aborted",
    "D": "the server was marked down",
    "I": "the proxy failed internally",
    "K": "an operator killed the session",
    "P": "the proxy denied or cut it",
    "R": "the proxy ran out of a resource",
    "S": "the server aborted or refused the connection",
    "c": "timeout of the client",
    "s": "timeout of the server",
}
_WHEN = {
    "C": "while connecting",
    "D": "while data was sent",
    "H": "before the headers of its answer",
    "L": "at the end of the answer",
    "Q": "in the queue",
    "R": "before the whole request came",
    "T": "in the tarpit",
}
"""Of HAProxy's termination state the first two letters; the others are of cookies."""


def of_envoy(flags: str) -> str:
    """What response flags such as `UF,URX` say, or nothing."""
    said = [ENVOY[flag] for flag in flags.split(",") if flag in ENVOY]
    return f"{', '.join(said)} ({flags})" if said else ""


def of_haproxy(state: str) -> str:
    """What a termination state such as `sH--` says, or nothing."""
    who, when = _WHO.get(state[:1], ""), _WHEN.get(state[1:2], "")
    return f"{' '.join(filter(None, (who, when)))} ({state[:2]})" if who else ""
