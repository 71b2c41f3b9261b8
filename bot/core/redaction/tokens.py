"""Tokens that providers give a shape of their own.

The formats are those that the providers document and that GitHub lists as "supported secret
scanning patterns"; lengths are a little wider than today's, as they grow.
"""

import re

from bot.core.redaction import drawn
from bot.core.redaction.rule import Rule, rule

_W = r"[A-Za-z0-9_-]"

_FORMATS = (
    # clouds
    ("AWS, key ids", r"(?:A3T[A-Z0-9]|A(?:KI|SI|GP|ID|RO|IP|NP|NV|BI|CC)A)", r"[A-Z0-9]{16}"),
    ("AWS, session tokens", r"(?:FwoG|IQoJ|FQoG)", r"[A-Za-z0-9+/=]{100,4096}"),
    ("Google, API keys", r"AIza", rf"{_W}{{30,40}}"),
    ("Google, access tokens", r"ya29\.", rf"{_W}[A-Za-z0-9_.-]{{20,512}}"),
    ("Google, client secrets", r"GOCSPX-", rf"{_W}{{20,40}}"),
    ("Google, refresh tokens", r"1//0", rf"{_W}{{30,256}}"),
    ("Firebase, server keys", rf"AAAA{_W}{{7}}:APA91b", rf"{_W}{{100,200}}"),
    ("Alibaba Cloud, key ids", r"LTAI", r"[A-Za-z0-9]{12,24}"),
    ("DigitalOcean", r"do[opr]_v1_", r"[a-f0-9]{40,80}"),
    ("Databricks", r"dapi[a-f0-9]{8}", r"[a-f0-9]{24}(?:-\d)?"),
    ("Vault", r"hv[sbr]\.", rf"{_W}{{20,512}}"),
    ("Amazon Bedrock", r"(?:ABSK|bedrock-api-key-)", r"[A-Za-z0-9+/=]{60,2048}"),
    (
        "Amazon, sellers and logins",
        r"(?:amzn\.mws\.|amzn1\.oa2-cs\.v1\.|Atz[ar]\|)",
        r"[\w+/=-]{32,2048}",
    ),
    ("Yandex, API keys", r"AQVN", rf"{_W}{{35,40}}"),
    ("Yandex, tokens", r"y[0-3]_", rf"{_W}{{50,512}}"),
    ("Yandex, IAM tokens", r"t1\.", rf"{_W}{{8,512}}={{0,2}}\.{_W}{{80,90}}={{0,2}}"),
    ("Scaleway, key ids", r"SCW", r"[A-Z0-9]{17}"),
    ("Cloudflare, origin keys", r"v1\.0-[a-f0-9]{24}-", r"[a-f0-9]{146}"),
    ("OpenShift", r"sha256~", rf"{_W}{{43}}"),
    ("Rancher", r"(?:token|kubeconfig-[a-z]{2,10})-[a-z0-9]{5}:", r"[a-z0-9]{50,60}"),
    ("Harness", r"[ps]at\.", rf"{_W}{{22}}\.[a-f0-9]{{24}}\.[A-Za-z0-9]{{20}}"),
    ("Tencent Cloud, key ids", r"AKID", r"[A-Za-z0-9]{32}"),
    ("Volcengine, key ids", r"AKLT", r"[A-Za-z0-9_-]{40,64}"),
    ("VK", r"vk1\.a\.", rf"{_W}{{60,300}}"),
    ("Octopus Deploy", r"API-", r"(?=[A-Z]{0,24}\d)[A-Z0-9]{24,36}"),
    (
        "Instagram and Threads",
        r"(?:IG[A-Z]{2}|TH[A-Z]{2})",
        r"(?=[A-Za-z]{0,24}\d)[A-Za-z0-9_-]{100,300}",
    ),
    ("Snowflake, sessions", r"ver:\d{1,3}-hint:\d{1,20}-", r"[A-Za-z0-9+/=]{40,2048}"),
    ("Vault before 1.10", r"s\.[A-Za-z0-9]{8}", r"[A-Za-z0-9]{16}"),
    ("Pulumi", r"pul-", r"[a-f0-9]{40}"),
    ("Heroku", r"HRKU-", rf"{_W}{{30,80}}"),
    ("Fly.io", r"fo1_", rf"{_W}{{40,60}}"),
    ("Fly.io, macaroons with their scheme", r"FlyV1[ ]fm[12]_", r"[A-Za-z0-9+/=,_-]{40,2048}"),
    ("Fly.io, macaroons", r"fm[12]_", r"[A-Za-z0-9+/=]{40,2048}"),
    ("Netlify and Vercel", r"(?:nfp|vc[piar]|vercel)_", rf"{_W}{{20,80}}"),
    ("Supabase, access tokens", r"sbp_", r"[a-f0-9]{40}"),
    ("Supabase, secret keys", r"sb_secret_", rf"{_W}{{20,60}}"),
    ("PlanetScale", r"pscale_(?:tkn|pw|oauth)_", rf"{_W}{{30,80}}"),
    ("Tailscale", r"tskey-[a-z]", r"[a-z]{1,19}-[A-Za-z0-9-]{10,100}"),
    ("ngrok", r"ntp?k_", r"[A-Za-z0-9]{30,60}"),
    ("Doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.", r"[A-Za-z0-9.]{40,80}"),
    ("1Password, service accounts", r"ops_eyJ", r"[A-Za-z0-9+/=_-]{100,2000}"),
    # code and packages
    ("GitHub", r"gh[pousr]_", r"[A-Za-z0-9]{30,255}"),
    ("GitHub, fine-grained", r"github_pat_", r"[A-Za-z0-9_]{40,255}"),
    (
        "GitLab",
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-",
        rf"{_W}{{18,300}}(?:\.{_W}{{2,20}}){{0,3}}",
    ),
    ("GitLab, runners", r"GR1348941", rf"{_W}{{20}}"),
    ("Bitbucket and Atlassian", r"(?:ATATT3|ATBB|ATCTT3)", r"[A-Za-z0-9_=.-]{20,300}"),
    ("npm", r"npm_", r"[A-Za-z0-9]{30,60}"),
    ("PyPI", r"pypi-", rf"{_W}{{30,512}}"),
    ("RubyGems", r"rubygems_", r"[a-f0-9]{40,60}"),
    ("crates.io", r"cio[A-Za-z0-9]{16}", r"[A-Za-z0-9]{16}"),
    ("NuGet", r"oy2[a-z0-9]{8}", r"[a-z0-9]{35}"),
    ("Docker Hub", r"dckr_(?:pat|oat)_", rf"{_W}{{20,60}}"),
    ("CircleCI", r"CCIPAT_", r"[A-Za-z0-9_]{30,100}"),
    ("Buildkite", r"bkua_", r"[a-z0-9]{40}"),
    ("SonarQube", r"sq[pu]_", r"[a-f0-9]{40}"),
    ("Snyk", r"snyk_", rf"[a-z]{{2,6}}[_.]{_W}[\w.-]{{20,120}}"),
    ("Artifactory", r"(?:AKCp|cmVmdGtu)", r"[A-Za-z0-9]{50,80}"),
    ("Adobe", r"p8e-", r"[a-z0-9]{32}"),
    ("Postman", r"PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    # messages and mail
    ("Slack", r"xox[abcdeoprs](?:\.xox[bp])?-", r"[A-Za-z0-9-]{10,300}"),
    (
        "Slack, app-level",
        r"xapp-",
        rf"(?:\d-[A-Z0-9]{{5,20}}-\d{{5,20}}-[a-f0-9]{{20,100}}|{_W}{{20,200}})",
    ),
    ("SendGrid", r"SG\.", rf"{_W}{{16,32}}\.{_W}{{30,64}}"),
    ("Mailgun", r"key-[a-f0-9]{8}", r"[a-f0-9]{24}"),
    ("Mandrill", r"md-", rf"{_W}{{22}}"),
    ("MailerSend", r"mlsn\.", r"[a-f0-9]{64}"),
    ("PagerDuty", r"u\+", rf"{_W}{{18}}"),
    ("Intercom", r"dG9rO", r"[A-Za-z0-9+/=]{40,80}"),
    ("Twitch", r"oauth:", r"[a-z0-9]{30}"),
    ("Discord, with two factors", r"mfa\.", rf"{_W}{{80,90}}"),
    ("Brevo", r"xkeysib-", r"[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("Resend", r"re_[A-Za-z0-9]{8}_", r"[A-Za-z0-9]{20,40}"),
    ("Twilio", r"(?:SK|AC)[a-f0-9]{8}", r"[a-f0-9]{24}"),
    # money
    ("Stripe", r"(?:sk|rk|pk)_(?:live|test|prod)_", r"[A-Za-z0-9]{10,256}"),
    ("Stripe, webhooks", r"whsec_", r"[A-Za-z0-9+/=]{20,100}"),
    ("Square", r"sq0(?:atp|csp|idp)-", rf"{_W}{{20,60}}"),
    ("Square, access tokens", r"EAAA", rf"{_W}{{60}}"),
    ("Braintree", r"access_token\$(?:production|sandbox)\$", r"[a-z0-9]{16}\$[a-f0-9]{32}"),
    ("Shopify", r"shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}"),
    ("PayPal", r"A21AA", rf"{_W}{{60,120}}"),
    ("EasyPost", r"EZ[AT]K", r"[A-Za-z0-9]{54}"),
    ("Flutterwave", r"FLW(?:SECK|PUBK)(?:_TEST)?-", r"[a-zA-Z0-9]{32}-X"),
    ("Plaid", r"access-(?:sandbox|development|production)-", r"[a-f0-9-]{36}"),
    ("Adyen", r"AQE", r"[A-Za-z0-9+/=]{60,300}(?:-[A-Za-z0-9+/=]{16,200}){0,3}"),
    ("Salesforce, sessions", r"00D[A-Za-z0-9]{12,15}!", r"[A-Za-z0-9._]{80,300}"),
    ("Zoho", r"1000\.[a-f0-9]{32}\.", r"[a-f0-9]{32}"),
    ("Razorpay", r"rzp_(?:live|test)_", r"[A-Za-z0-9]{14,24}"),
    # models
    ("Hugging Face", r"(?:hf|api_org)_", r"[A-Za-z0-9]{28,60}"),
    ("Fireworks", r"fw_", r"[A-Za-z0-9]{20,40}"),
    ("Replicate", r"r8_", r"[A-Za-z0-9]{37,40}"),
    ("Groq", r"gsk_", r"[A-Za-z0-9]{40,60}"),
    ("Perplexity", r"pplx-", r"[A-Za-z0-9]{40,60}"),
    ("xAI", r"xai-", r"[A-Za-z0-9]{60,100}"),
    ("Jina", r"jina_", r"[A-Za-z0-9]{40,80}"),
    # observation
    ("Grafana, service accounts", r"glsa_", r"[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    ("Grafana Cloud", r"glc_", r"[A-Za-z0-9+/=]{32,400}"),
    ("Grafana, API keys", r"eyJrIjoi", r"[A-Za-z0-9+/=_-]{40,300}"),
    ("New Relic, user keys", r"NRAK-", r"[A-Z0-9]{27}"),
    ("New Relic, insert keys", r"NRII-", rf"{_W}{{32}}"),
    ("New Relic, browser keys", r"NRJS-", r"[a-f0-9]{19}"),
    ("Sentry", r"sntry[su]_", r"[A-Za-z0-9+/=_-]{40,300}"),
    ("Datadog", r"ddp_", r"[A-Za-z0-9]{30,60}"),
    ("PostHog", r"ph[cx]_", r"[A-Za-z0-9]{30,60}"),
    ("Dynatrace", r"dt0[a-z]\d{2}\.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    # the rest
    ("PASETO", r"v[1-4]\.(?:local|public)\.", rf"{_W}{{40,4096}}(?:\.{_W}{{1,1024}})?"),
    ("Asana", r"(?:[01]/\d{16}:|2/\d{16}/\d{16}:)", r"[a-f0-9]{32}"),
    ("Trello", r"ATTA", r"[a-fA-F0-9]{72}"),
    ("Dropbox", r"sl\.(?:u\.)?", rf"{_W}{{60,2048}}"),
    ("Bitwarden", r"0\.[a-f0-9-]{36}\.", r"[A-Za-z0-9]{30}:[A-Za-z0-9+/=]{20,30}"),
    (
        "LaunchDarkly",
        r"(?:sdk|mob)-",
        r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
    ),
    ("Axiom, WakaTime and Riot", r"(?:xa[ap]t-|waka_|RGAPI-)", r"[a-f0-9-]{36}"),
    ("Honeycomb", r"hc[a-z]{3}_", r"[a-z0-9]{50,64}"),
    ("extended private keys (BIP 32)", r"[xyzt]prv", r"[1-9A-HJ-NP-Za-km-z]{100,110}"),
    ("Linear", r"lin_(?:api|oauth)_", rf"{_W}{{30,80}}"),
    ("Notion", r"(?:secret|ntn)_[A-Za-z0-9]{20}", r"[A-Za-z0-9]{20,40}"),
    ("Figma", r"fig[dour]_", rf"{_W}{{30,80}}"),
    ("Airtable", r"pat[A-Za-z0-9]{14}\.", r"[a-f0-9]{64}"),
    ("HubSpot", r"pat-(?:na|eu)\d-", r"[a-f0-9-]{36}"),
    ("Mapbox", r"[sp]k\.eyJ", rf"{_W}{{20,300}}\.{_W}{{15,60}}"),
    ("Facebook, old", r"EAACEdEose0cBA", r"[A-Za-z0-9]{1,300}"),
    ("Facebook", r"EAA", r"[A-Za-z0-9]{80,300}"),
    ("Twitter", r"AAAAAAAAA", r"[A-Za-z0-9%]{60,200}"),
)
"""Provider, how a token of it opens, and how it goes on."""

_UNOPENED = (
    (
        "Flask's and Django's sessions, packed and signed",
        rf"\.?e[JN]{_W}{{16,4096}}[.:]{_W}{{6}}[.:]{_W}{{27,86}}",
        rf"e[JN]{_W}{{16,}}[.:]{_W}{{6}}[.:]{_W}{{27}}",
    ),
    ("Azure, client secrets", r"[A-Za-z0-9~._-]{3}\dQ~[A-Za-z0-9~._-]{31,40}", r"\dQ~"),
    ("Terraform Cloud", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{50,80}}", r"\.atlasv1\."),
    (
        "Discord, bots",
        rf"[MNO]{_W}{{23,25}}\.{_W}{{6}}\.{_W}{{27,40}}",
        rf"\.{_W}{{6}}\.{_W}{{27}}",
    ),
    (
        "Bitcoin, private keys as wallets export them, and extended ones (BIP 32)",
        r"(?:5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KLc][1-9A-HJ-NP-Za-km-z]{51}|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107})",
        r"\b(?:5[HJK]|[KLc]|[xyzt]prv)[1-9A-HJ-NP-Za-km-z]{49}",
    ),
    ("Firebase, what a device is reached by", rf"{_W}{{11,24}}:APA91b{_W}{{100,200}}", r":APA91b"),
    ("Telegram, bots", rf"(?:bot)?\d{{8,10}}:AA{_W}{{32,35}}", r"\d:AA"),
    ("Mailchimp", r"[a-f0-9]{32}-us\d{1,2}", r"[a-f0-9]-us\d"),
    (
        "Mailgun, today's",
        r"[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}",
        r"[a-f0-9]-[a-f0-9]{8}-[a-f0-9]{8}",
    ),
    ("MaxMind", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", r"_mmk"),
    ("Azure DevOps", r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}", r"AZDO"),
    ("New Relic, license keys", r"[A-Za-z0-9]{32}[A-Fa-f0-9]{4}NRAL", r"[A-Fa-f0-9]NRAL"),
)
"""Provider, pattern and sign of those that are told by something further on."""

_MODEL_KEY = rf"sk-(?:ant-[a-z]{{2,8}}\d{{2}}-|proj-|svcacct-|admin-|or-v1-|lf-)?{_W}{{20,300}}"
_WORDS = re.compile(r"sk-[a-z]{1,20}(?:-[a-z]{1,20}){1,20}$")


def _is_no_name(found: re.Match[str]) -> bool:
    """`sk-learn-something-else` is a name, not a key."""
    return not _WORDS.fullmatch(found[0])


_ID = re.compile(
    r"(?i)(?:trace|span|req(?:uest)?|session|commit|rev|sha\d*|md5|digest|etag|layer|image|container"
    r"|docker|build|job|run|event|msg|message|blk|block|pod|node|id)(?=[_-])"
)
_CREDENTIAL = re.compile(
    r"(?i)(?:sk|rk|csk|sak|[pau]at|aat|api|apikey|key|sdk|secret|tk|tok|token|auth|oauth\d?|access|refresh"
    r"|bot|live|sandbox|prod|production|test|sign|signkey|cred|creds|pass|pw|pwd)(?=[_-])"
)
"""What providers call such things in the name that they put before them: `xnd_live_...`."""
_LONGEST_START = 48


def _is_drawn(found: re.Match[str]) -> bool:
    """Whether it was drawn by lot, and its name does not say that it is an id."""
    text = found[0]
    if _ID.match(text):
        return False
    starts = [at + 1 for at, letter in enumerate(text[:_LONGEST_START]) if letter in "_-"]
    named = any(_CREDENTIAL.match(text, at) for at in (0, *starts))
    return any(drawn.is_drawn(text[at:], named=named) for at in starts)


def _token(provider: str, pattern: str, sign: str) -> Rule:
    return rule("token", provider, rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9_])", sign=sign)


RULES = (
    rule(
        "jwt",
        'JSON Web Tokens, signed (RFC 7519) or encrypted (RFC 7516): they begin with {" in Base64',
        rf"""(?<![A-Za-z0-9_-])ey[JK]{_W}{{8,8192}}\.{_W}{{4,8192}}(?:\.[A-Za-z0-9_-]{{0,8192}}){{0,3}}""",
        sign=rf"ey[JK]{_W}{{8,}}\.{_W}{{4}}",
    ),
    rule(
        "jwt",
        "the same cut off: a header that begins with alg, typ or kid",
        rf"(?<![A-Za-z0-9_.-])eyJ(?:hbGci|0eXAi|raWQi){_W}{{10,8192}}",
        sign=r"eyJ(?:hbGci|0eXAi|raWQi)",
    ),
    rule(
        "token",
        "Slack's incoming webhooks, whose path is the secret",
        r"""(?P<secret>(?:https?://)?hooks\.slack\.com/(?:services|workflows|triggers)
            /[A-Za-z0-9_/]{20,120})""",
        sign=r"hooks\.slack\.com/",
    ),
    rule(
        "token",
        "the webhooks of Discord and Microsoft Teams",
        r"""(?:discord(?:app)?\.com/api/webhooks/|outlook\.office\.com/webhook/
            |webhook\.office\.com/webhookb2/)(?P<secret>[A-Za-z0-9_@:/-]{20,300})""",
        sign=r"/webhooks?/|/webhookb2/",
    ),
    rule(
        "token",
        "Telegram's bots in a path, before the method that is called",
        r"api\.telegram\.org/(?:file/)?bot(?P<secret>[A-Za-z0-9_:-]{20,300})",
        sign=r"api\.telegram\.org/(?:file/)?bot",
    ),
    rule(
        "token",
        "signed URLs: Azure's sig, Amazon's and Google's signatures and credentials",
        r"""\b(?:sig|Signature|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token
            |X-Goog-Signature|X-Goog-Credential)=(?P<secret>[A-Za-z0-9%+/=_.~-]{16,2048})""",
        sign=r"(?:\bsig|Signature|Credential|Security-Token)=[A-Za-z0-9%+/=_.~-]{16}",
    ),
    rule(
        "token",
        "the keys in the DSNs of Sentry",
        r"://(?P<secret>[a-f0-9]{32})(?::[a-f0-9]{32})?@",
        sign=r"://[a-f0-9]{32}(?::[a-f0-9]{32})?@",
    ),
    *(_token(provider, opening + rest, rf"\b{opening}") for provider, opening, rest in _FORMATS),
    *(_token(provider, pattern, sign) for provider, pattern, sign in _UNOPENED),
    rule(
        "secret",
        "Amazon's secret key behind its id, AKIA...:...; after a blank of small and large letters",
        r"""<token>(?:[:/|,;][ ]?|[ \t](?=[A-Z0-9/+]{0,39}[a-z])(?=[a-z0-9/+]{0,39}[A-Z]))
            (?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])""",
        sign=r"<token>(?:[:/|,;] ?|[ \t])[A-Za-z0-9/+]{40}",
    ),
    rule(
        "secret",
        "keys to unlock a product or a disk: five groups of five, eight of six digits",
        r"""(?<![\w-])(?:(?=[A-Z-]{0,28}\d)(?=[0-9-]{0,28}[A-Z])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}
            |\d{6}(?:-\d{6}){7})(?![\w-])""",
        sign=r"-[A-Z0-9]{5}-[A-Z0-9]{5}-|\d{6}-\d{6}-",
    ),
    rule(
        "token",
        "Anthropic, OpenAI, OpenRouter, Langfuse",
        rf"(?<![A-Za-z0-9_-])(?:{_MODEL_KEY})(?![A-Za-z0-9_])",
        sign=r"\bsk-",
        confirms=_is_no_name,
    ),
    rule(
        "token",
        "of providers not named above: a name, then letters and digits drawn by lot",
        r"""(?<![A-Za-z0-9_./-])[A-Za-z][A-Za-z0-9]{0,15}[_-][A-Za-z0-9_-]{16,511}
            (?![A-Za-z0-9_/@-])""",
        sign=r"[A-Za-z0-9][_-][A-Za-z0-9_-]{16}",
        confirms=_is_drawn,
    ),
    rule(
        "token",
        "webhooks, whose path is the secret: whoever has it may post",
        r"""/(?:incoming-?)?(?:web)?hooks?/(?:[A-Za-z0-9_-]{1,40}/){0,3}?(?P<secret>
            (?=[A-Za-z_/-]{0,64}\d)[A-Za-z0-9][A-Za-z0-9_/-]{15,255})""",
        sign=r"hooks?/",
    ),
)
