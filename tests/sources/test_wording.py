"""Which words tell of a failure, and which only sound as if."""

import time

import pytest

from bot.sources import wording


@pytest.mark.parametrize(
    "text",
    [
        "Failed to start PostgreSQL database server.",
        "EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm ls: reading directory",
        "blk_update_request: I/O error, dev sda, sector 2048",
        "Failed password for invalid user admin from 192.0.2.7 port 51234 ssh2",
        "pam_unix(sudo:auth): authentication failure; logname=ana uid=1000",
        "FATAL: the control file is gone",
        "Kernel panic - not syncing",
        "java.lang.NullPointerException",
        "billing stopped with a ValueError: 12a4",
        "mv: cannot stat '/var/lib/x': No such file or directory",
        "could not resolve host mail.example.com",
        "Unable to reach the database",
        "write /data/wal: no space left on device",
        "connect to 10.0.0.7 port 5432: Connection refused",
        'apparmor="DENIED" operation="open"',
        "Out of memory: Killed process 12680 (python3)",
        "app[7]: segfault at 0 ip 00007f sp 00007f error 4 in libc.so.6",
        "Main process exited, code=exited, status=1/FAILURE",
        "backup exited with code 3",
        "login timed out",
        "relay: error: none of the servers answered",
        "3 errors, 0 warnings",
        'Get "http://stock/": context deadline exceeded',
        "read tcp 10.0.0.7:5432: i/o timeout",
        "listen tcp :80: bind: address already in use",
        "/entrypoint.sh: line 3: jq: command not found",
        "open /etc/shop.toml: no such file or directory",
        "/entrypoint.sh: line 7:    12 Killed",
        "lookup stock on 10.0.0.2:53: no such host",
        "npm ERR! code ELIFECYCLE",
        "save: err=timed out",
        'save order 7: pq: duplicate key value violates unique constraint "orders_pkey"',
        "connect ECONNREFUSED 10.0.0.7:5432",
        "errors=3",
        "no errors in the header, but the body is corrupt",
    ],
)
def test_what_went_wrong_is_heard(text):
    assert wording.tells_of_failure(text)


@pytest.mark.parametrize(
    "text",
    [
        "Started Session 5 of user ana.",
        "(root) CMD (run-parts /etc/cron.hourly)",
        "Accepted publickey for ana from 192.0.2.7 port 51234 ssh2",
        "sync done: 0 errors, 0 failed",
        "checked 17 tables, no errors found",
        "restore finished without error",
        "errors=0 failed=0 unreachable=0",
        "errors: 0",
        "error=null user=7",
        'job done {"error": null}',
        "error_log=/var/log/php/error.log",
        "reopening /var/log/nginx/error.log",
        "EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro",
        "RAS: Correctable Errors collector initialized.",
        "ERST: Error Record Serialization Table (ERST) support is initialized.",
        "Starting failover of the standby",
        "fail2ban started",
        "error-free for 30 days",
        "will retry on error",
        "non-fatal",
        "exited with code 0",
        "err=nil",
        "connection timeout=30",
        "read timeout is 5 s",
        "Killed jobs are listed below",
        "no such luck",
    ],
)
def test_what_only_sounds_like_it_is_not(text):
    assert not wording.tells_of_failure(text)


@pytest.mark.parametrize("part", ["no error ", "error", "a", "errors = ", "time out ", "0 a "])
def test_hostile_words_take_linear_time(part):
    def seconds(size: int) -> float:
        start = time.process_time()
        for _ in range(50):
            wording.tells_of_failure(part * (size // len(part)))
        return time.process_time() - start

    assert seconds(4_000) < 12 * max(seconds(1_000), 0.02)
