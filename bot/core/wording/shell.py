"""Whether a text holds a command, or a statement to a database: no explanation needs one."""

import re
import unicodedata

_PROGRAMS = """
    rm rmdir unlink mv cp ln dd truncate shred tee chmod chown chgrp chattr setfacl mkfs mke2fs
    fsck parted fdisk wipefs umount lvextend lvremove mkswap swapoff crontab iptables ip6tables
    nft ufw firewall-cmd setenforce useradd userdel usermod passwd visudo sudo su doas ssh scp
    sftp rsync ftp wget ncat socat telnet tar unzip bash sh zsh ksh eval exec xargs python
    python2 python3 perl ruby php lua pwsh powershell cmd wscript osascript npm npx yarn pnpm
    pip pip3 pipx uv uvx gem bundle cargo brew apt apt-get aptitude yum dnf apk pacman zypper
    snap dpkg rpm podman nerdctl ctr oc istioctl eksctl kops kustomize skaffold argocd ansible
    ansible-playbook pulumi vault consul nomad mongo mongosh sqlite3 cqlsh influx
    clickhouse-client pg_resetwal pg_dump pg_restore mysqldump vacuumdb reindexdb dropdb
    createdb certbot keytool kill pkill killall reboot shutdown halt poweroff init supervisorctl
    pm2 launchctl nsenter chroot modprobe insmod rmmod ldconfig setcap gsutil azcopy rclone
    kafka-topics kafka-topics.sh history del format reg iex invoke-expression invoke-webrequest
    invoke-restmethod start-process docker-compose terraform gcloud az gh strace jq printenv
    base64 gpg nmap tcpdump sar kubectl docker crictl helm git systemctl journalctl aws curl nc
    openssl ip sysctl redis-cli mysqladmin psql mysql pg_isready rabbitmqctl etcdctl nvidia-smi
    df du ls lsof findmnt lsblk zcat zgrep grep vmstat iostat mpstat dmesg ss netstat ping
    traceroute tracepath mtr nslookup dig getent jstack chronyc timedatectl smartctl ipmitool ps
"""
_FUNCTION_WORDS = """
    a an the is are was were be been being have has had can could may might must should will would
    do does did not and or but if as at by for from in into of on onto over per since than that then
    there to under until up via when where whether which while who why with without after again
    against all any because before between both during each either it its keeps needs ran runs
    itself cannot fails failed raised refuses refused rejects rejected denies denied times timed
    stops stopped exits exited died crashes crashed expired lost leaves left ends ended rolled
"""
_PROSE = frozenset(_FUNCTION_WORDS.split())
"""Before one of these words a command ends, and a program is spoken of, not called."""
_NOUNS = """
    process processes container containers image images server servers client clients pod pods
    cluster clusters node nodes service services version versions library libraries daemon log logs
    error errors memory host hosts instance instances cache code side connection connections point
    points option options script scripts package packages archive archives file files key keys token
    tokens agent agents run runs
"""
_THINGS = frozenset(_NOUNS.split())
_PRODUCTS = """
    kubectl docker helm git systemctl aws gcloud az terraform curl openssl redis-cli psql mysql
    python python3 ruby perl php lua mongo vault consul nomad pip npm ssh tar init ansible
"""
_NAMES_A_THING = frozenset(_PRODUCTS.split())
"""A docker container is a thing; where the words go on, as in `docker container prune`, none."""
_KNOWN = "|".join(map(re.escape, sorted(_PROGRAMS.split(), reverse=True)))
_PROGRAM = re.compile(rf"(?<![\w.-])(?P<name>{_KNOWN})(?:\.exe)?(?=[\s`'\"]|$)")
_ALSO_ENGLISH = re.compile(
    r"(?<![\w.-])(?:cat|less|head|tail|sort|watch|find|env|stat|id|free|top|sed|awk|node"
    r"|mount|export|cd|source|host|set)\s+[\"'`]?[-~/.$<]"
)
"""Words of the language, and programs where what follows is no word."""
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
"""What a database is told to do."""
_MARKS = ".,;:!?)'\"`"
_SPACES = re.compile(r"\s+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def plainly(said: str) -> str:
    """The text in lower case, with plain spaces and dashes, as `runs` takes it."""
    flat = unicodedata.normalize("NFKC", said).translate(_DASHES)
    return _SPACES.sub(" ", flat).strip().lower()


def runs(plain: str) -> bool:
    """Whether a text from `plainly` holds a command, even one that only reads, or a statement to a
    database."""
    if _SIGNS.search(plain) or _STATEMENT.search(plain) or _ALSO_ENGLISH.search(plain):
        return True
    return any(
        _is_called(found["name"], plain[found.end() :]) for found in _PROGRAM.finditer(plain)
    )


def _is_called(program: str, rest: str) -> bool:
    """Whether a program is called, given the `rest` of the text after its name, not only
    mentioned."""
    words = (*rest.lstrip(" `'\"").split(" "), "")
    word = words[0].rstrip(_MARKS)
    if word in _THINGS and program in _NAMES_A_THING:
        word = words[1].rstrip(_MARKS) if word == words[0] else ""
    return bool(word) and word not in _PROSE
