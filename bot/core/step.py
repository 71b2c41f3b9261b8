"""Whether a step that a model proposes only looks: a list of what reads, not of what harms.

What harms has no end of spellings. So of the programs people run, those that read may be named with
what makes them read; any other command drops the step, and so does a verb that stops, deletes or
opens: such steps come from our own tables, or from people.
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
    r"/etc/(?:shadow|passwd|sudoers)|\.ssh/|\bid_rsa\b|\.kube/config|/proc/\S{0,80}environ"
    r"|\bsecrets?\b.{0,40}-o\b|get-secret-value"
)
"""What nobody should read because a model said so."""
_STATEMENT = re.compile(
    r"\b(?:alter|drop|truncate|create|rename|grant|revoke|reindex|vacuum\s+full|cluster)\s+"
    r"(?:\w+\s+){0,3}(?:tables?|database|index|schema|user|role|view|sequence|column|privileges|all)\b"
    r"|\bset\s+(?:global|persist)\b|\bpg_(?:terminate|cancel)_backend|\bconfig\s+set\b"
)
_STARTS = (
    r"(?:^|[.;:,!?]\s+|\b(?:and|then|or|to fix it|now|please|first|just)\s+|[\"'`(]|\d\)\s*|- )"
)
_VERBS = (
    r"(?:stop|shut|halt|delete|remove|erase|wipe|purge|destroy|clear|flush|terminate|kill|evict|drain"
    r"|grant|give|expose|allow|permit|whitelist|allowlist|authori[sz]e|disable|deactivate|bypass"
    r"|suppress|mute|silence|ignore|uninstall|install|reboot|overwrite|format|detach|revoke|reset"
    r"|drop|truncate|upload|download)"
)
_TELLS = re.compile(
    rf"{_STARTS}{_VERBS}\b|\b(?:turn|switch)\s+(?:\w+\s+){{0,3}}off\b|\bscale\s.{{0,60}}\bzero\b"
    r"|\bopen\s+(?:\w+\s+){0,3}(?:ports?|firewalls?|access|ingress|security)\b|\b0\.0\.0\.0/0"
    r"|\b(?:restart|redeploy|reboot|recreate)\s+(?:\w+\s+){0,2}(?:all|every|everything)\b"
    r"|\b(?:pass|hand|read|show|write|tell|send)\s+(?:\w+\s+){0,4}"
    r"(?:password|secret|token|credential|key)s?\b"
    r"|(?:verif|verify|tls|ssl|auth|secur|encrypt)\w*\s*(?:=|:|\bto\b)\s*[\"']?"
    r"(?:false|off|none|no|0|disabled?)\b"
)
_SPACES = re.compile(r"\s+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def only_looks(step: str) -> bool:
    """Whether a step of plain text changes nothing: no command but one that reads, no verb that
    stops, deletes, opens or gives away."""
    low = _plain(step)
    return not (runs(low) or _TELLS.search(low) or _SECRET.search(low))


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
