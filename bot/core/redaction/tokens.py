"""Tokens that providers give a shape of their own: a list of formats that anyone can look up."""

import re

from bot.core.redaction.rule import rule

_W = r"[A-Za-z0-9_-]"
_END = r"(?![A-Za-z0-9_])"

_PREFIXED = (
    # cloud
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}",
    rf"AIza{_W}{{30,40}}",
    rf"ya29\.{_W}[A-Za-z0-9_.-]{{20,512}}",
    rf"GOCSPX-{_W}{{20,40}}",
    rf"1//0{_W}{{30,256}}",
    r"(?:FwoG|IQoJ|FQoG)[A-Za-z0-9+/=]{100,4096}",
    r"do[opr]_v1_[a-f0-9]{40,80}",
    r"[A-Za-z0-9~._-]{3}\dQ~[A-Za-z0-9~._-]{31,40}",
    r"LTAI[A-Za-z0-9]{12,24}",
    r"dapi[a-f0-9]{32}(?:-\d)?",
    rf"hv[sbr]\.{_W}{{20,512}}",
    r"(?<![A-Za-z0-9.])s\.[A-Za-z0-9]{24}",
    rf"(?:[A-Za-z0-9]{{14}})\.atlasv1\.{_W}{{50,80}}",
    r"pul-[a-f0-9]{40}",
    rf"HRKU-{_W}{{30,80}}",
    (
        rf"fo1_{_W}{{40,60}}|FlyV1[ ]fm[12]_[A-Za-z0-9+/=,_-]{{40,2048}}"
        rf"|fm[12]_[A-Za-z0-9+/=]{{40,2048}}"
    ),
    # code and packages
    r"gh[pousr]_[A-Za-z0-9]{30,255}",
    r"github_pat_[A-Za-z0-9_]{40,255}",
    rf"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-{_W}{{18,300}}(?:\.{_W}{{2,20}}){{0,3}}",
    r"npm_[A-Za-z0-9]{30,60}",
    r"pypi-[A-Za-z0-9_-]{30,512}",
    r"rubygems_[a-f0-9]{40,60}",
    rf"dckr_(?:pat|oat)_{_W}{{20,60}}",
    r"(?:ATATT3|ATBB|ATCTT3)[A-Za-z0-9_=.-]{20,300}",
    (
        rf"CCIPAT_[A-Za-z0-9_]{{30,100}}|bkua_[a-z0-9]{{40}}|sqp_[a-f0-9]{{40}}"
        rf"|squ_[a-f0-9]{{40}}|snyk_[a-z]{{2,6}}_{_W}{{20,80}}"
    ),
    rf"(?:nfp|vc[piar]|vercel)_{_W}{{20,80}}",
    r"cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}",
    # messages and mail
    r"xox[abcdeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,300}",
    rf"xapp-\d-[A-Z0-9]{{5,20}}-\d{{5,20}}-[a-f0-9]{{20,100}}|xapp-{_W}{{20,200}}",
    rf"SG\.{_W}{{16,32}}\.{_W}{{30,64}}",
    r"key-[a-f0-9]{32}",
    r"(?:SK|AC)[a-f0-9]{32}",
    rf"\d{{8,10}}:AA{_W}{{33,35}}",
    rf"[MNO][A-Za-z0-9_-]{{23,25}}\.{_W}{{6}}\.{_W}{{27,40}}",
    r"[a-f0-9]{32}-us\d{1,2}",
    r"xkeysib-[a-f0-9]{64}-\w{16}|md-[A-Za-z0-9_-]{22}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,40}",
    # money
    r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,256}",
    r"whsec_[A-Za-z0-9+/=]{20,100}",
    rf"sq0(?:atp|csp|idp)-{_W}{{20,60}}|EAAA[a-zA-Z0-9_-]{{60}}",
    r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    rf"A21AA{_W}{{60,120}}|rzp_(?:live|test)_[A-Za-z0-9]{{14,24}}",
    # models
    rf"sk-(?:ant-[a-z]{{2,8}}\d{{2}}-|proj-|svcacct-|admin-|or-v1-|lf-)?{_W}{{20,300}}",
    (
        r"hf_[A-Za-z0-9]{28,60}|api_org_[A-Za-z0-9]{30,40}|r8_[A-Za-z0-9]{37,40}"
        r"|gsk_[A-Za-z0-9]{40,60}|pplx-[A-Za-z0-9]{40,60}|xai-[A-Za-z0-9]{60,100}"
        r"|jina_[A-Za-z0-9]{40,80}"
    ),
    # observation
    r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{32,400}|eyJrIjoi[A-Za-z0-9+/=_-]{40,300}",
    rf"NRAK-[A-Z0-9]{{27}}|NRII-{_W}{{32}}|NRJS-[a-f0-9]{{19}}|[a-f0-9]{{36}}NRAL",
    (
        r"sntry[su]_[A-Za-z0-9+/=_-]{40,300}|ddp_[A-Za-z0-9]{30,60}|phc_[A-Za-z0-9]{30,60}"
        r"|phx_[A-Za-z0-9]{30,60}|dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"
    ),
    # the rest
    (
        rf"lin_(?:api|oauth)_[A-Za-z0-9]{{30,80}}|secret_[A-Za-z0-9]{{40,60}}"
        rf"|ntn_[A-Za-z0-9]{{40,60}}|fig[dour]_{_W}{{30,80}}"
        rf"|PMAK-[a-f0-9]{{24}}-[a-f0-9]{{34}}"
    ),
    (
        rf"pat[A-Za-z0-9]{{14}}\.[a-f0-9]{{64}}|pat-(?:na|eu)\d-[a-f0-9-]{{36}}|dp\.(?:pt|st"
        rf"|ct|sa|scim|audit)\.[A-Za-z0-9.]{{40,80}}|sbp_[a-f0-9]{{40}}"
        rf"|sb_secret_{_W}{{20,60}}"
    ),
    (
        rf"pscale_(?:tkn|pw|oauth)_{_W}{{30,80}}|EAACEdEose0cBA[A-Za-z0-9]{{1,300}}"
        rf"|EAA[A-Za-z0-9]{{80,300}}|AAAA[A-Za-z0-9_-]{{7}}:APA91b{_W}{{100,200}}"
        rf"|AAAAAAAAA[A-Za-z0-9%]{{60,200}}"
    ),
    (
        rf"ops_eyJ[A-Za-z0-9+/=_-]{{100,2000}}"
        rf"|[sp]k\.eyJ[A-Za-z0-9_-]{{20,300}}\.{_W}{{15,60}}"
        rf"|tskey-[a-z]{{2,20}}-[A-Za-z0-9-]{{10,100}}|ntp?k_[A-Za-z0-9]{{30,60}}"
    ),
)

_PUBLIC_PREFIX = re.compile(r"sk-[a-z]{1,20}(?:-[a-z]{1,20}){1,20}$")


def _is_no_name(found: re.Match[str]) -> bool:
    """`sk-learn-something-else` is a name, not a key."""
    return not _PUBLIC_PREFIX.fullmatch(found[0])


RULES = (
    rule(
        "jwt",
        (
            r"(?<![A-Za-z0-9_-])ey[JK][A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{4,8192}"
            r"(?:\.[A-Za-z0-9_-]{0,8192}){0,3}"
        ),
        hints="ey",
    ),
    rule("jwt", r"(?<![A-Za-z0-9_.-])eyJ(?:hbGci|0eXAi|raWQi)[A-Za-z0-9_-]{10,8192}", hints="eyj"),
    rule(
        "token",
        (
            r"(?P<secret>(?:https?://)?hooks\.slack\.com/(?:services|workflows"
            r"|triggers)/[A-Za-z0-9_/]{20,120})"
        ),
        hints="hooks.slack",
    ),
    rule(
        "token",
        (
            r"(?:discord(?:app)?\.com/api/webhooks/|outlook\.office\.com/webhook/"
            r"|webhook\.office\.com/webhookb2/|api\.telegram\.org/bot)"
            r"(?P<secret>[A-Za-z0-9_@:/-]{20,300})"
        ),
        hints="webhook telegram",
    ),
    rule(
        "token",
        (
            r"\b(?:sig|Signature|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token"
            r"|X-Goog-Signature|X-Goog-Credential)=(?P<secret>[A-Za-z0-9%+/=_.-]{16,2048})"
        ),
        hints="sig= signature= credential= security-token=",
    ),
    rule("token", r"://(?P<secret>[a-f0-9]{32})(?::[a-f0-9]{32})?@", hints="://"),
    rule("token", rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_PREFIXED)}){_END}", confirms=_is_no_name),
)
