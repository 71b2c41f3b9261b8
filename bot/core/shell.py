"""Which commands in a text do no more than read: whole command lines, with every argument they may
have, and nothing else.

What harms has no end of spellings, and an option turns most programs that read into ones that
write, send, or print what is secret. So a command is allowed by its whole line, or it is not shown.
Left out though they often read: what prints settings and the environment (`docker inspect`,
`kubectl get configmap`, `systemctl show`, `helm get`, `aws lambda list-functions`), what runs or
writes what it is told to (`terraform plan`, `strace`, `find`), and statements that call functions.
"""

import re
import unicodedata

READS = "\x00"
"""Stands in a text where a command stood that only reads."""

_NAME = r"[A-Za-z0-9][\w.-]*"
_HOST = rf"{_NAME}(?::\d+)?"
_PATH = r"(?:/|(?:/\w[\w.-]*)+/?)"
_LOG = r"/var/log(?:/[\w*][\w.*-]*)+"
"""No part of a path begins with a dot."""
_LINES = r"(?: -n ?\d+| -\d+| -[fF])*"
_FOR = r"(?:\"[\w: -]+\"|'[\w: -]+'|-?\w[\w:-]*)"
_GREP = r"(?: -[icvnEFw]+)* (?:\"[\w .:/|-]+\"|'[\w .:/|-]+'|\w[\w.:/-]*)"
_KIND = (
    r"(?:pods?|po|deployments?|deploy|services?|svc|nodes?|events?|ingress(?:es)?|jobs?|cronjobs?"
    r"|statefulsets?|sts|daemonsets?|ds|replicasets?|rs|hpa|pvcs?|pv|endpoints|namespaces?|ns)"
)
_WHERE = rf"(?: (?:-n|--namespace|--context)[ =]{_NAME}| -A| --all-namespaces)*"
_SHOWN = (
    rf"(?: (?:-n|--namespace)[ =]{_NAME}| -A| --all-namespaces| -o ?wide| --show-labels"
    r"| -w| --watch)*"
)
_SAID = rf"(?: -f| -p| --previous| --timestamps| --tail[ =]\d+| --since[ =]\d+[smhd]| -c {_NAME})*"
_OF_CLOUD = rf"(?: --region {_NAME}| --[a-z-]+-(?:ids?|names?|identifier) {_NAME})*"
_HEALTH = r"(?:/(?:health|healthz|livez?|ready|readyz|ping)?)?"
"""Where asking changes nothing by custom: whatever else an address does, it does when read."""
_STATS = r"pg_(?:locks|stat_(?:activity|replication|database|bgwriter|user_tables))"
_SQL = rf"select (?:count\(\*\) from [a-z_][\w.]*|\* from {_STATS})|show (?:full )?processlist"
_FORMS = rf"""
    kubectl{_WHERE} (?:get|describe) {_KIND}(?:[ /]{_NAME})?{_SHOWN}
    kubectl{_WHERE} logs{_SAID}(?: (?:{_KIND}/)?{_NAME})?{_SAID}
    kubectl{_WHERE} top (?:pods?|nodes?)(?: {_NAME})?
    kubectl{_WHERE} rollout (?:status|history)(?: {_KIND}[ /]{_NAME})?
    docker (?:ps(?: -a)?|stats(?: --no-stream)?|images|version|top {_NAME})
    docker (?:compose )?logs(?: --tail[ =]\d+| -f| --since \d+[smh])* {_NAME}
    docker compose (?:ps|ls)
    crictl (?:ps|stats|images|logs {_NAME})
    helm (?:list|ls|(?:status|history) {_NAME})(?: -n {_NAME}| -A)*
    git log(?: --oneline| --stat| -n ?\d+| -\d+)*(?: {_NAME})?
    git (?:show|diff)(?: --stat)?(?: {_NAME}){{0,2}}
    git status
    git blame \w[\w/-]*\.\w+
    systemctl (?:status|is-active|is-enabled) {_NAME}(?:@\w+)?
    systemctl (?:list-units|list-timers)(?: --failed)?
    journalctl(?: -u {_NAME}| -n ?\d+| -[bkfexr]+| -p \w+| --(?:since|until)[ =]{_FOR}| --no-pager)*
    aws rds describe-(?:db-instances|db-clusters|events){_OF_CLOUD}
    aws ec2 describe-(?:instance-status|volumes){_OF_CLOUD}
    aws (?:elbv2 describe-target-groups|cloudwatch describe-alarms){_OF_CLOUD}
    curl(?: -[ivsSI]+| --head)* {_HOST}{_HEALTH}
    nc -(?:vz|zv) {_NAME} \d+
    openssl s_client -connect {_NAME}:\d+(?: -servername {_NAME})?
    openssl x509 -in {_PATH} -noout -(?:dates|enddate|subject|issuer)
    ip(?: -[46s])? (?:route|addr|address|link|neigh)(?: show)?
    ip route get [\da-f.:]+
    sysctl [a-z0-9_.]+
    redis-cli(?: -h {_NAME})?(?: -p \d+)? (?:ping|info|dbsize|slowlog get|--bigkeys|--latency)
    mysqladmin (?:ping|status)
    (?:psql -c|mysql -e) (?:"(?i:{_SQL});?"|'(?i:{_SQL});?')
    (?i:{_SQL});?
    pg_isready(?: -h {_NAME})?(?: -p \d+)?
    rabbitmqctl (?:status|cluster_status|list_queues|list_connections)
    etcdctl (?:endpoint (?:health|status)|member list)
    nvidia-smi
    df(?: -[hiT]+)?(?: {_PATH})?
    du(?: -[shxcad]+)*(?: {_PATH})?
    ls(?: -[lahtrS1]+)?(?: {_PATH})?
    stat {_PATH}
    findmnt(?: {_PATH})?
    lsblk(?: -f)?
    (?:cat|less|zcat|wc -l) {_LOG}
    (?:head|tail){_LINES} {_LOG}
    (?:grep|zgrep){_GREP} {_LOG}
    lsof(?: -[inP]+)*(?: :\d+| {_PATH})?
    lsof -p \d+
    ps (?:aux|auxf|-ef)
    free -[hmg]
    (?:vmstat|iostat|iostat -xz?|mpstat)(?: \d+){{0,2}}
    dmesg(?: -[TH]+)?
    ss(?: -[tulnpas]+)?
    netstat(?: -[tulnpas]+)?
    (?:ping|ping -c ?\d+|traceroute|tracepath|mtr -rw|nslookup) {_HOST}
    dig(?: @{_NAME})? {_NAME}(?: [A-Z]+)?(?: \+short| \+trace)?
    getent hosts {_NAME}
    jstack \d+
    chronyc (?:tracking|sources)
    timedatectl
    smartctl -[aHi] /dev/\w+
    ipmitool (?:sel list|sensor|sdr)
    uname -a
"""
"""The synopses of their manuals (kubectl(1), journalctl(1), curl(1) …), cut to what reads."""
_FILTER = rf"(?:e?grep{_GREP}|wc -l|sort(?: -[nrhu]+)?|uniq(?: -c)?|(?:head|tail){_LINES}|less)"
_ACTING = """
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
    docker-compose terraform gcloud az gh strace jq printenv base64 gpg nmap tcpdump sar
"""
_FUNCTION_WORDS = """
    a an the is are was were be been being have has had can could may might must should will would
    do does did not and or but if as at by for from in into of on onto over per since than that then
    there to under until up via when where whether which while who why with without after again
    against all any because before between both during each either it its keeps needs ran runs
    itself
"""
_PROSE = frozenset(_FUNCTION_WORDS.split())
"""Before one of these words a command ends, and a program is spoken of, not called."""
_NOUNS = """
    process processes container containers image images server servers client clients pod pods
    cluster clusters node nodes service services version versions library libraries daemon log logs
    error errors memory host hosts instance instances cache code side connection connections point
    points option options script scripts package packages
"""
_THINGS = frozenset(_NOUNS.split())
_PRODUCTS = """
    kubectl docker helm git systemctl aws gcloud az terraform curl openssl redis-cli psql mysql
    python python3 ruby perl php lua mongo vault consul nomad pip npm
"""
_NAMES_A_THING = frozenset(_PRODUCTS.split())
_READING = """
    kubectl docker crictl helm git systemctl journalctl aws curl nc openssl ip sysctl redis-cli
    mysqladmin psql mysql pg_isready rabbitmqctl etcdctl nvidia-smi df du ls lsof findmnt lsblk zcat
    zgrep grep vmstat iostat mpstat dmesg ss netstat ping traceroute tracepath mtr nslookup dig
    getent
    jstack chronyc timedatectl smartctl ipmitool ps
"""
_KNOWN = "|".join(map(re.escape, sorted({*_ACTING.split(), *_READING.split()}, reverse=True)))
_PROGRAM = re.compile(rf"(?<![\w.-])(?P<name>{_KNOWN})(?:\.exe)?(?=[\s`'\"]|$)")
_ALSO_ENGLISH = re.compile(
    r"(?<![\w.-])(?:cat|less|head|tail|sort|watch|find|env|stat|id|free|top|sed|awk|node"
    r"|mount|export|cd|source|host|set)\s+[\"'`]?[-~/.$<]"
)
"""Words of the language, and programs where what follows is no word."""
_ENDS = rf"(?=$|[.,;:!?)]+(?:\s|$)|[`\"']|\s(?:{'|'.join(sorted(_PROSE))})\b)"
_COMMAND = re.compile(
    r"(?<![\w./$~-])(?:"
    + "|".join(form for line in _FORMS.splitlines() if (form := line.strip()))
    + rf")(?: \| ?{_FILTER})*{_ENDS}"
)
_SIGNS = re.compile(
    r">>|(?:^|\s)\d?>\s*[/~.$\w]*/|<\(|\$\(|&&|\|\||\|\s*[a-z]|:\(\)\s*\{|\s--?[a-z][\w-]*"
    r"|\b(?:remove|set|stop|restart|clear|new)-[a-z]{4,}|\bgo\s+(?:run|install|get|generate)\b"
    r"|\bmkfs\.\w|\bservice\s+(?!(?:may|might|can|could|will|would|to)\s)\S+\s+(?:stop|start|restart)\b|\brmdir\s+/s|\bexport\s+\w+="
)
"""What writes, chains, or sets an option, whatever program it is."""
_STATEMENT = re.compile(
    r"\b(?:alter|drop|truncate|create|rename|grant|revoke|reindex|vacuum\s+full|cluster)\s+"
    r"(?:\w+\s+){0,3}(?:tables?|database|index|schema|user|role|view|sequence|column|privileges|all)\b"
    r"|\bset\s+(?:global|persist)\b|\bconfig\s+set\b|\bdelete\s+from\b|\binsert\s+into\b"
    r"|\bupdate\s+\S+\s+set\s+[^\s=]+\s*=|\binto\s+(?:out|dump)file\b|\bflush(?:all|db)\b|\bxtrim\b"
    r"|\b(?:pg|lo|dblink)_\w+\s*\(|\.drop\w*\(|\bselect\b.{0,200}[(\"']|\bselect\s.{0,200}\sfrom\s"
)
"""What a database is told to do, beyond the few statements that are allowed whole."""
_SPACES = re.compile(r"\s+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def plainly(said: str) -> str:
    """A text in small letters, with each command that only reads replaced by `READS`."""
    flat = unicodedata.normalize("NFKC", said).translate(_DASHES).replace(READS, " ")
    return _COMMAND.sub(READS, _SPACES.sub(" ", flat).strip()).lower()


def runs(plain: str) -> bool:
    """Whether a text that was made plain still holds a command, or a statement to a database."""
    if _SIGNS.search(plain) or _STATEMENT.search(plain) or _ALSO_ENGLISH.search(plain):
        return True
    return any(
        _is_called(found["name"], plain[found.end() :]) for found in _PROGRAM.finditer(plain)
    )


def _is_called(program: str, rest: str) -> bool:
    """Whether a program is called, where `rest` follows it, and not spoken of."""
    after = rest.lstrip(" `'\"")
    word = after.split(" ")[0].rstrip(".,;:!?)'\"`")
    is_spoken_of = not word or word in _PROSE or (word in _THINGS and program in _NAMES_A_THING)
    return not is_spoken_of
