"""Whether a step that a model proposes only looks: a list of what reads, not of what harms.

What harms has no end of spellings. So a step begins with a verb that looks, and of the programs
people run, those that read may be named with what makes them read; anything else drops the step:
what acts comes from our own tables, or from people.
"""

import re
import unicodedata

_ALWAYS = """
    df du ss dig ls cat tail head grep egrep less wc sort uniq lsof ps top htop free uptime vmstat
    iostat mpstat sar dmesg journalctl netstat ping traceroute tracepath mtr nslookup host getent
    findmnt lsblk stat file id whoami uname pg_isready jstack strace
    chronyc timedatectl smartctl ipmitool zcat zgrep jq
"""
_READS = {
    "kubectl": r"get|describe|logs|top|explain|events|version|rollout (?:status|history)",
    "docker": r"ps|logs|inspect|stats|images|info|version|events|top|compose (?:ps|logs|ls)",
    "helm": r"list|ls|status|history|get|version",
    "git": r"log|show|diff|status|blame",
    "systemctl": r"status|show|is-active|is-enabled|list-units|list-timers|cat",
    "aws": r"[a-z0-9-]+ (?:describe|list)-[a-z-]+|s3 ls|logs (?:tail|filter-log-events)",
    "gcloud": r"(?:[a-z0-9-]+ ){1,3}(?:list|describe|read)",
    "az": r"(?:[a-z0-9-]+ ){1,3}(?:list|show)",
    "terraform": r"plan|show|state list|output|validate",
    "curl": r"-[ivs]+\b",
    "nc": r"-(?:vz|zv)\b",
    "openssl": r"s_client|x509 .{0,40}-noout|verify",
    "ip": r"(?:route|addr|address|link|neigh)(?: (?:show|get)\b|$|[.,;)])",
    "sysctl": r"[a-z0-9_.]+(?!\s*=)",
    "redis-cli": r"ping|info|--bigkeys|--latency|dbsize|slowlog get|client list|memory usage",
    "mysqladmin": r"ping|status|processlist",
    "psql": r"(?:-\S+ )*[\"'](?:select|show|explain)\b",
    "mysql": r"(?:-\S+ )*[\"'](?:select|show|explain)\b",
    "rabbitmqctl": r"status|list_\w+|cluster_status",
    "etcdctl": r"endpoint (?:health|status)|member list",
    "crictl": r"ps|logs|inspect|stats|images",
    "nvidia-smi": r"",
}
"""How each program reads, after its global options: kubectl(1), docker(1), aws(1) and so on."""
_OTHERS = """
    rm rmdir unlink mv cp ln dd truncate shred tee chmod chown chgrp chattr setfacl mkfs mke2fs fsck
    parted fdisk wipefs umount lvextend lvremove mkswap swapoff crontab iptables ip6tables nft
    ufw firewall-cmd setenforce useradd userdel usermod passwd visudo sudo su doas ssh scp sftp
    rsync ftp wget ncat socat telnet tar unzip bash sh zsh ksh eval exec xargs
    python python2 python3 perl ruby php lua pwsh powershell cmd wscript osascript npm npx yarn
    pnpm pip pip3 pipx uv uvx gem bundle cargo brew apt apt-get aptitude yum dnf apk pacman zypper
    snap dpkg rpm podman nerdctl ctr oc istioctl eksctl kops kustomize skaffold argocd ansible
    ansible-playbook pulumi vault consul nomad mongo mongosh sqlite3 cqlsh influx clickhouse-client
    pg_resetwal pg_dump pg_restore mysqldump vacuumdb reindexdb dropdb createdb certbot keytool kill
    pkill killall reboot shutdown halt poweroff init supervisorctl pm2 launchctl nsenter chroot
    modprobe insmod rmmod ldconfig setcap gsutil azcopy rclone kafka-topics kafka-topics.sh history
    del format reg iex invoke-expression invoke-webrequest invoke-restmethod start-process
"""
_FUNCTION_WORDS = """
    a an the is are was were be been being have has had can could may might must should will would
    do does did not and or but if as at by for from in into of on onto over per since than that then
    there to under until up via when where whether which while who why with without after again
    against all any because before between both during each either it its keeps needs ran runs
    itself
"""
_PROSE = frozenset(_FUNCTION_WORDS.split())
"""After one of these words a program is spoken of, not called."""
_NOUNS = """
    process processes container containers image images server servers client clients pod pods
    cluster clusters node nodes service services version versions library libraries daemon log logs
    error errors memory host hosts instance instances cache code side connection connections point
    points option options script scripts package packages
"""
_THINGS = frozenset(_NOUNS.split())
_PRODUCTS = "python python3 ruby perl php lua mongo vault consul nomad pip npm"
_NAMES_A_THING = frozenset({*_READS, *_PRODUCTS.split()})
_ALWAYS_READ = frozenset(_ALWAYS.split())
_KNOWN = "|".join(map(re.escape, sorted(_ALWAYS_READ.union(_OTHERS.split(), _READS), reverse=True)))
_PROGRAM = re.compile(rf"(?<![\w.-])(?P<name>{_KNOWN})(?:\.exe)?(?=[\s`'\"]|$)")
_AS_WRITTEN = frozenset({"curl", "nc", "redis-cli", "psql", "mysql", "sysctl"})
"""What their options say is what they do."""
_OPTIONS = re.compile(r"(?:-{1,2}[\w-]+(?:=\S+)?\s+)*")
_WITH_VALUE = re.compile(r"(?:(?:-n|-c|--namespace|--context|--profile|--region)\s+\S+\s+)*")
_IN_SHELL = re.compile(
    r">>|(?:^|\s)\d?>\s*[/~.$\w]*/|<\(|\$\(|&&|\|\|"
    r"|\|\s*(?!(?:grep|egrep|less|wc|sort|uniq|head|tail|jq|awk|openssl x509)\b)[a-z]"
    r"|\bsource\s+[<~./]|\bnode\s+[-./]|\bmount\s+-|\bexport\s+\w+=|\bsed\s+-\w*i|\bsort\s+-o|\bdmesg\s+-\w*c\b|-exec\b|\bgo\s+(?:run|install|get|generate)\b|\bcd\s+/"
    r"|\b(?:remove|set|stop|restart|clear|new)-[a-z]{4,}"
    r"|--(?:vacuum|rotate|flush)"
)
"""What writes or chains, whatever program it is."""
_SECRET = re.compile(
    r"/etc/(?:shadow|passwd|sudoers)|\.ssh/|\bid_rsa\b|\.kube/config|/proc/\S{0,80}environ|\.env\b"
    r"|\bps [a-df-z]{0,8}e[a-z]{0,8}\b|\bsecrets?\b.{0,40}-o\b|get-secret-value"
    r"|\b(?:pass|hand|read|show|write|tell|send)\s+(?:\w+\s+){0,4}"
    r"(?:password|secret|token|credential|key)s?\b"
)
"""What nobody should read because a model said so."""
_STATEMENT = re.compile(
    r"\b(?:alter|drop|truncate|create|rename|grant|revoke|reindex|vacuum\s+full|cluster)\s+"
    r"(?:\w+\s+){0,3}(?:tables?|database|index|schema|user|role|view|sequence|column|privileges|all)\b"
    r"|\bset\s+(?:global|persist)\b|\bpg_(?:terminate|cancel)_backend|\bconfig\s+set\b"
)
_ACTS = (
    r"(?:stop|shut|halt|delete|remove|erase|wipe|purge|destroy|clear|flush|terminate|kill|evict|drain"
    r"|grant|give|expose|allow|permit|whitelist|allowlist|authori[sz]e|disable|deactivate|bypass"
    r"|suppress|mute|silence|ignore|uninstall|install|reboot|restart|redeploy|overwrite|format|detach"
    r"|revoke|reset|drop|truncate|upload|download|copy|paste|send|share|forward|publish|empty"
    r"|turn|switch|fail over|nuke)"
)
_ACTING = (
    r"(?:(?:stopp|shutt|halt|delet|remov|eras|wip|purg|destroy|clear|flush|terminat|kill|evict|drain"
    r"|grant|giv|expos|allow|permitt|disabl|bypass|suppress|mut|silenc|ignor|uninstall|install|reboot"
    r"|overwrit|revok|resett|dropp|truncat|upload|download|copy|past|send|shar|forward|publish"
    r"|empty|turn|switch)ing)"
)
_DONE = (
    r"(?:stopped|shut|halted|deleted|removed|erased|wiped|purged|destroyed|cleared|flushed|terminated"
    r"|killed|evicted|drained|granted|given|exposed|disabled|bypassed|muted|silenced|ignored|dropped"
    r"|overwritten|revoked|truncated|turned|switched|emptied)"
)
_BEFORE = (
    r"(?:^|[.;:,!?]\s+|\b(?:and|then|or|so|now|please|first|just|simply|must|should|shall|you|we|let|make"
    r"|somebody|someone|everybody|better|(?:needs?|has|have|ought|safe|best|time) to"
    r"|to (?:\w+ ){1,3}it|(?:tell|ask|get) (?:\w+ ){1,3}to)\s+|[\"'`(]|\d\)\s*|- )"
)
"""What a verb stands after that tells people to do it."""
_TELLS = re.compile(
    rf"{_BEFORE}(?:\w+ly\s+)?{_ACTS}\b|\b(?:turn|switch)\s+(?:\w+\s+){{0,3}}off\b"
    rf"|\b(?:by|try|start|consider|recommend|suggest)\s+{_ACTING}\b"
    rf"|\b(?:should|must|needs? to|has to|have to|ought to|let it) (?:be|get) {_DONE}\b"
    r"|\bscale\s.{0,60}\bzero\b"
    r"|\bopen\s+(?:\w+\s+){0,3}(?:ports?|firewalls?|access|ingress|security)\b|\b0\.0\.0\.0/0"
    r"|(?:verif|verify|tls|ssl|auth|secur|encrypt)\w*\s*(?:=|:|\bto\b)\s*[\"']?"
    r"(?:false|off|none|no|0|disabled?)\b"
)
_ANYWHERE = re.compile(rf"\bto {_ACTS}\b|\b{_ACTING}\b|\b(?:be|get|been|being) {_DONE}\b")
"""In a step even what is not told to do, since it speaks of doing it."""
_LOOKING = """
    see look check read compare count list find watch ask confirm note inspect measure trace review
    examine query search identify view wait learn match follow sample plot graph profile
    select show explain do not never
"""
_LOOKS = frozenset(_LOOKING.split())
_STATING = """
    a an the this that these those its their it they there which what who whose whether how where
    why each every no
"""
_GOES_ON = frozenset(_STATING.split())
"""A statement, or a part of a sentence, may begin with one of these; a command does not."""
_LEADS = frozenset({"and", "or", "then", "also", "first", "next", "now", "on", "again", "run"})
_CLAUSE = re.compile(r"(?:[.;:!?]|,? \bthen\b| - )\s+")
_OPENS = "\"'`([- "
_SPACES = re.compile(r"\s+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def only_looks(step: str) -> bool:
    """Whether a step of plain text changes nothing: it begins with a verb that looks, or what
    reads, and so does each of its clauses; nothing in it speaks of doing more."""
    low = _plain(step)
    first, *others = (clause for clause in _CLAUSE.split(low) if clause)
    if not _begins(first, _LOOKS) or not all(_begins(one, _LOOKS | _GOES_ON) for one in others):
        return False
    return not (runs(low) or tells(low) or _ANYWHERE.search(low) or _SECRET.search(low))


def _begins(clause: str, words: frozenset[str]) -> bool:
    """Whether it begins with one of these, or with a program that may read."""
    said = [word for word in clause.lstrip(_OPENS).split() if word not in _LEADS]
    return not said or said[0].strip("\"'`,()") in words | _ALWAYS_READ | _READS.keys()


def tells(said: str) -> bool:
    """Whether a text tells people to stop, delete, open, or give away."""
    return bool(_TELLS.search(_plain(said)))


def runs(said: str) -> bool:
    """Whether a text holds a command, or a statement to a database, that does more than read."""
    low = _plain(said)
    if _IN_SHELL.search(low) or _STATEMENT.search(low):
        return True
    return any(not _reads(found["name"], low[found.end() :]) for found in _PROGRAM.finditer(low))


def _reads(program: str, rest: str) -> bool:
    """Whether what follows makes it read, or is prose about the program."""
    if program in _ALWAYS_READ:
        return True
    after = rest.lstrip(" `'\"")
    word = after.split(" ")[0].rstrip(".,;:!?)'\"`")
    if (
        not word
        or word[0] == "("
        or word in _PROSE
        or (word in _THINGS and program in _NAMES_A_THING)
    ):
        return True
    if program not in _READS:
        return False
    at = _WITH_VALUE.match(after)
    after = after[at.end() :] if at else after
    plain = after if program in _AS_WRITTEN else _no_options(after)
    return bool(re.match(rf"(?:{_READS[program]})(?![\w-])", plain))


def _no_options(after: str) -> str:
    found = _OPTIONS.match(after)
    return after[found.end() :] if found else after


def _plain(said: str) -> str:
    flat = unicodedata.normalize("NFKC", said).translate(_DASHES)
    return _SPACES.sub(" ", flat).strip().lower()
