"""What each kind of error means, whose it is, and what to do first: the answers of the rules."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.core.analysis import Category, Level

_APPLICATION = Category.APPLICATION
_CONFIGURATION = Category.CONFIGURATION
_DATABASE = Category.DATABASE
_INFRASTRUCTURE = Category.INFRASTRUCTURE
_NETWORK = Category.NETWORK


class Effect(NamedTuple):
    """What people notice: for us, and in words fit for a customer."""

    impact: str
    customer: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One kind of error: `says` completes "checkout: …", `cause` opens with its likely cause.

    `bug` means that those who write and release the application have to mend it, wherever it
    shows: a statement without its table shows in the database.
    """

    name: str
    category: Category
    severity: Level
    effect: Effect
    says: str
    explains: str
    cause: str
    actions: tuple[str, ...]
    bug: bool = False
    critical_operation: bool = False
    noise: bool = False


_OUTAGE = Effect(
    "Requests that need it fail until it is back.",
    "Some of our functions are failing at the moment. We are working on it; "
    "please try again in a few minutes.",
)
_SLOW = Effect(
    "Some requests are slow or fail, and often succeed when tried again.",
    "Some requests are taking longer than usual or do not finish. We are looking into it; "
    "trying again usually helps.",
)
_ONE_ACTION = Effect(
    "One action fails for the people who use it; the rest of the service works.",
    "One function did not work as it should because of a fault on our side. "
    "We are working on a correction.",
)
_INPUT = Effect(
    "The request at hand is turned down; others are not affected.",
    "A request could not be accepted as it was sent. Please check what was entered and try "
    "again; tell us if it keeps happening.",
)
_ACCESS = Effect(
    "Whatever needs this access fails, every time, until it is granted again.",
    "Some functions are not available at the moment because of a set-up problem on our side. "
    "We are correcting it.",
)
_SETUP = Effect(
    "What depends on it fails, every time, until it is corrected.",
    _ACCESS.customer,
)
_SAFETY = Effect(
    "The service may stop, and what is written now may be lost.",
    "We are dealing with a serious problem in our service. "
    "We will send an update as soon as we know more.",
)
_DELAY = Effect(
    "Work in the background is late; it catches up once the cause is gone.",
    "Some updates are arriving later than usual. Nothing needs to be done on your side.",
)
_LIMIT = Effect(
    "Requests above the limit are turned away; those below it work.",
    "Some requests were turned away because a limit was reached. "
    "Please try again in a few minutes.",
)
_NOBODY = Effect(
    "None that we can tell: the other side went away or had no business here.",
    "There is no problem with the service, and nothing you need to do.",
)

# --- critical states -------------------------------------------------------------------------

OUT_OF_MEMORY = Verdict(
    "out of memory",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="a process ran out of memory",
    explains="A process asked for more memory than it may have. It is usually stopped and "
    "started again, and loses the work it was doing.",
    cause="Memory ran out: a limit that is too low, a leak, or an unusually large piece of work",
    actions=(
        (
            "Find who was killed and at which limit: kubectl describe pod (OOMKilled, exit code "
            "137), or dmesg -T on the machine."
        ),
        (
            "Look at the memory of the process over the last day: a steady climb is a leak, a "
            "jump is one large request."
        ),
        "Compare with the last deploy; roll back if the climb starts there.",
        (
            "Raise the memory limit or add an instance to win time; keep a heap dump before it "
            "restarts."
        ),
    ),
    critical_operation=True,
)
HEAP = Verdict(
    "heap exhausted",
    _APPLICATION,
    Level.CRITICAL,
    _SAFETY,
    says="the program used up the memory of its runtime",
    explains="The program reached the limit of memory that its runtime gives it. It usually stops "
    "and loses the work it was doing.",
    cause="The program keeps more in memory than its runtime allows: a leak, or one very large "
    "piece of work",
    actions=(
        (
            "Look at the memory of the process over the last day: a steady climb is a leak, a jump "
            "is one large request."
        ),
        "Compare with the last deploy; roll back if the climb starts there.",
        "Keep a heap dump before it restarts; raise the limit to win time.",
    ),
    bug=True,
    critical_operation=True,
)
CRASH = Verdict(
    "crash",
    _APPLICATION,
    Level.CRITICAL,
    _SAFETY,
    says="a process crashed",
    explains="A program stopped at once instead of handling an error. Whatever it was doing is "
    "lost, and it has to be started again.",
    cause="A fault in the program or in a native library that it cannot recover from",
    actions=(
        "Read the first frame of our own code under the crash message.",
        (
            "Count its restarts (kubectl get pods, systemctl status) and see what was deployed "
            "before the first crash."
        ),
        "Roll back if it began with a release; keep the core dump or the trace.",
    ),
    bug=True,
    critical_operation=True,
)
HOST_CRASH = Verdict(
    "host crash",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="a machine or its hardware failed",
    explains="The operating system or the hardware under the service reported a fault. "
    "Everything on that machine is at risk.",
    cause="A failing machine: kernel, memory module, disk or power",
    actions=(
        "Move the work off this machine before anything else.",
        "Read dmesg -T and the hardware's own log (ipmitool sel list) around that minute.",
        "Hand the machine to whoever replaces hardware; do not put it back unexamined.",
    ),
    critical_operation=True,
)
DISK_FULL = Verdict(
    "disk full",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="a disk, quota or table space is full",
    explains="There is no room left to write. Nothing can be saved there until space is made, "
    "and databases may stop altogether.",
    cause="Storage is full: logs, temporary files or data grew faster than planned",
    actions=(
        (
            "See what is full, bytes or inodes: df -h and df -i on that machine; for a database, "
            "its largest tables."
        ),
        "Find what grew: du -xh --max-depth=2 on that mount, and compare with a week ago.",
        "Grow the volume, or move old logs elsewhere.",
        "Check that writes succeed again, and add an alert at 80 %.",
    ),
    critical_operation=True,
)
DESCRIPTORS = Verdict(
    "too many open files",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="a process ran out of file descriptors or threads",
    explains="The process holds as many files, connections or threads as it may. It can accept "
    "no new work until some are given back.",
    cause="A limit was reached: connections or files are not being closed, or the limit is too "
    "low for the load",
    actions=(
        (
            "Count the entries of /proc/PID/fd and of /proc/PID/task, and compare with "
            "/proc/PID/limits."
        ),
        (
            "See with lsof -p PID what most of them are: a thousand sockets to one address are "
            "never closed."
        ),
        "Restart one instance to win time, and watch how fast the number climbs again.",
        "Raise the limit if the load explains it; otherwise look for what is never closed.",
    ),
    critical_operation=True,
)
CORRUPTION = Verdict(
    "data corruption",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="stored data is damaged",
    explains="What was read back is not what was written. Some data may be lost, and going on "
    "may make it worse.",
    cause="Damaged storage: failing hardware, an unclean shutdown, or a fault in the storage "
    "engine",
    actions=(
        "Stop writing to it if you can, and take a copy of it as it is now.",
        "Read dmesg -T and the disk's own report (smartctl -a) on that machine.",
        "Find the last good backup and test it elsewhere before any repair.",
    ),
    critical_operation=True,
)
DATABASE_CORRUPTION = Verdict(
    "database corruption",
    _DATABASE,
    Level.CRITICAL,
    _SAFETY,
    says="data in the database is damaged",
    explains="The database found a page, an index or a file that is not as it was written. Some "
    "data may be lost, and going on may make it worse.",
    cause="Damaged storage: failing hardware, an unclean shutdown, or a fault in the storage "
    "engine",
    actions=(
        "Stop writing to the affected table if you can, and copy the files as they are now.",
        "See which objects are affected: an index can be rebuilt, a table needs a restore.",
        "Find the last good backup and test it elsewhere before any repair.",
    ),
    critical_operation=True,
)

# --- network ---------------------------------------------------------------------------------

REFUSED = Verdict(
    "connection refused",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="the upstream refused the connection",
    explains="The service tried to reach another one and nobody answered at that address.",
    cause="The upstream refused the connection: it is down, restarting, or the address or port "
    "is wrong",
    actions=(
        (
            "See whether the upstream runs and listens on that port: ss -ltn there, or its pods "
            "and endpoints."
        ),
        "Connect to it from the same machine or pod: nc -vz HOST PORT.",
        "Compare its address with the last configuration change or deploy.",
    ),
    critical_operation=True,
)
RESET = Verdict(
    "connection lost",
    _NETWORK,
    Level.MEDIUM,
    _SLOW,
    says="the other side closed the connection early",
    explains="A connection was cut while it was in use. A few are normal; many at once mean the "
    "other side restarts, is overloaded, or something in between drops idle connections.",
    cause="The connection was closed by the other side: a restart, overload, or an idle timeout",
    actions=(
        "See whether the other side restarted or was deployed at that time.",
        "Compare the idle timeouts of both sides and of the load balancer in between.",
        "Make sure the call is tried again where that is safe.",
    ),
)
TIMEOUT = Verdict(
    "timeout",
    _NETWORK,
    Level.MEDIUM,
    _SLOW,
    says="a call to another service timed out",
    explains="The service waited for an answer for as long as it is allowed to, and gave up.",
    cause="The other side did not answer in time: it is slow, overloaded, or unreachable",
    actions=(
        "Compare the called service's p99 latency and requests a second with this hour yesterday.",
        (
            "See whether every caller is affected or only one: one means the path, all mean the "
            "service."
        ),
        "Compare the timeout with what the call usually takes.",
    ),
)
CONNECT_TIMEOUT = Verdict(
    "connect timeout",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="connecting to another service timed out",
    explains="Nothing answered at that address at all, not even with a refusal.",
    cause="The upstream cannot be reached: a firewall, a route, or a machine that is gone",
    actions=(
        "Connect to that address from the same machine or pod: nc -vz HOST PORT.",
        "Check firewall rules, security groups and network policies changed lately.",
        "Check that the machine behind the address still exists.",
    ),
)
UNREACHABLE = Verdict(
    "unreachable",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="there is no route to the other side",
    explains="The network says that the other machine cannot be reached from here.",
    cause="There is no route to the host: a network change, a firewall, or a machine that is gone",
    actions=(
        "Follow the path from the caller: ip route get ADDRESS, then traceroute.",
        "See whether other machines in the same network can reach it.",
        (
            "Check routes, firewall rules and network policies changed lately, and that the "
            "machine still exists."
        ),
    ),
)
PACKETS = Verdict(
    "packets dropped",
    _NETWORK,
    Level.HIGH,
    _SLOW,
    says="a machine drops packets because a table of its network is full",
    explains="The machine keeps track of more connections than it has room for, and loses some.",
    cause="A table of connections or neighbours in the kernel is full",
    actions=(
        (
            "Compare the entries with the room: sysctl net.netfilter.nf_conntrack_count and "
            "nf_conntrack_max."
        ),
        (
            "Count the connections of that machine by peer and state (ss -tan): one per request, "
            "or an attack."
        ),
        "Raise the table's size if the load is real.",
    ),
)
DNS = Verdict(
    "name resolution",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="a host name could not be resolved",
    explains="The service looked up the address of another one by name and got no answer.",
    cause="The name could not be resolved: a wrong name, or name servers that do not answer",
    actions=(
        (
            "Look the name up from the same machine or pod: getent hosts NAME, then dig NAME at "
            "its resolver."
        ),
        "See whether other names resolve: if none do, it is the resolver.",
        "Compare spelling and search domain with the last change of settings.",
    ),
)
TLS = Verdict(
    "TLS handshake",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="an encrypted connection could not be set up",
    explains="The two sides could not agree on how to encrypt the connection.",
    cause="The TLS handshake failed: versions, ciphers or certificates of the two sides do not "
    "match",
    actions=(
        (
            "Open it by hand and read where it stops: openssl s_client -connect HOST:PORT "
            "-servername HOST."
        ),
        "Compare the TLS versions that both sides allow.",
        "Check what terminates TLS in between: a proxy, a load balancer, a mesh.",
    ),
)
BAD_GATEWAY = Verdict(
    "upstream failed",
    _NETWORK,
    Level.HIGH,
    _OUTAGE,
    says="no healthy upstream answered",
    explains="A proxy or gateway passed a request on and got no usable answer.",
    cause="The upstream is down, restarting or overloaded",
    actions=(
        "Count the healthy instances behind the gateway, and their restarts in the last hour.",
        "Look at the upstream's own signatures of the same minute.",
        "Compare with the last deploy of the upstream.",
    ),
    critical_operation=True,
)
PROTOCOL = Verdict(
    "protocol",
    _NETWORK,
    Level.MEDIUM,
    _SLOW,
    says="an answer was cut off or not in the expected protocol",
    explains="What came back over the connection was incomplete or not what was agreed.",
    cause="The answer was cut off or garbled: a proxy in between, or plain text spoken to an "
    "encrypted port",
    actions=(
        (
            "Call the same address by hand (curl -v): compare scheme, port and the first bytes of "
            "the answer."
        ),
        "Read the log of the proxy or load balancer in between.",
        "Compare sizes and timeouts allowed on the way.",
    ),
)
CLIENT_GONE = Verdict(
    "client went away",
    _NETWORK,
    Level.LOW,
    _NOBODY,
    says="the client closed the connection before the answer",
    explains="Somebody closed the page or lost their connection before the answer was ready.",
    cause="The client went away: a closed page, a lost connection, an impatient caller",
    actions=(
        "Leave it unless the number jumps.",
        "If it jumps, look at response times: people leave when answers are slow.",
    ),
    noise=True,
)
STATEMENT_CANCELLED = Verdict(
    "statement cancelled by its user",
    _DATABASE,
    Level.LOW,
    _NOBODY,
    says="a user cancelled a statement",
    explains="Somebody, or the program that asked, gave up on a statement on purpose.",
    cause="The statement was cancelled by whoever had sent it",
    actions=(
        "Leave it unless the number jumps.",
        "If it jumps, look for a client that gives up because answers are slow.",
    ),
    noise=True,
)
ACCESS_RULE = Verdict(
    "access rule",
    _CONFIGURATION,
    Level.LOW,
    _NOBODY,
    says="a rule of the server turned a visitor away",
    explains="The server is set up to refuse this address or this visitor, and did so.",
    cause="A visitor asked for something that a rule of the server denies",
    actions=(
        "Leave it unless the number jumps or it comes from an address of ours.",
        "If a customer is turned away, correct the rule that names the address.",
    ),
    noise=True,
)
ROUTINE = Verdict(
    "routine",
    _INFRASTRUCTURE,
    Level.LOW,
    _NOBODY,
    says="a routine notice, not an error",
    explains="The program tells what it does in its normal life.",
    cause="Normal operation",
    actions=("Leave it; filter it at the source if it hides errors.",),
    noise=True,
)
DB_ROUTINE = Verdict(
    "database routine",
    _DATABASE,
    Level.LOW,
    _NOBODY,
    says="a routine notice of the database, not an error",
    explains="The database tells what it does in its normal life.",
    cause="Normal operation",
    actions=("Leave it; filter it at the source if it hides errors.",),
    noise=True,
)
PROBE = Verdict(
    "probe",
    _NETWORK,
    Level.LOW,
    _NOBODY,
    says="a scanner or a foreign client knocked on the door",
    explains="A stranger on the internet, or a monitor, opened a connection that makes no sense "
    "here. Every public address gets these.",
    cause="A scanner, a bot or a health check that speaks another protocol",
    actions=(
        "Leave it unless the number jumps or it comes from an address of ours.",
        "If a monitor of ours does it, correct its protocol or port.",
    ),
    noise=True,
)
LOGIN_ATTEMPT = Verdict(
    "log-in attempt",
    _NETWORK,
    Level.LOW,
    _NOBODY,
    says="somebody failed to log in to a machine",
    explains="A person, a job or a stranger gave a machine a name and a password that it turned "
    "down. Every public address gets such attempts.",
    cause="From many addresses or for many names: somebody guesses passwords. From one of ours: a "
    "wrong or expired one",
    actions=(
        "See from which addresses and for which names they come, and whether a log-in succeeded.",
        "If they come from outside, keep them out: keys instead of passwords, and a firewall.",
        "If one of ours does it, see which password or key of its was changed.",
    ),
)
BOT_NOT_FOUND = Verdict(
    "bot request",
    _APPLICATION,
    Level.LOW,
    _NOBODY,
    says="a bot asked for a page that does not exist",
    explains="A crawler or a scanner asked for an address that this service never had.",
    cause="A crawler or a scanner, not a person",
    actions=(
        "Leave it unless the number jumps.",
        "Limit the rate at the edge if it costs anything.",
    ),
    noise=True,
)
BROWSER_NOISE = Verdict(
    "browser noise",
    _APPLICATION,
    Level.LOW,
    _NOBODY,
    says="a browser or one of its extensions complained",
    explains="The message comes from a browser's own machinery or an extension, not from our "
    "code, and nobody notices it.",
    cause="A browser quirk or an extension",
    actions=(
        "Leave it unless people report something at the same time.",
        "Filter it at the source if it hides other errors.",
    ),
    noise=True,
)
DEVICE_OFFLINE = Verdict(
    "device offline",
    _NETWORK,
    Level.LOW,
    Effect(
        "Whoever was offline could not use the app until they were online again.",
        "Your device had no connection to the internet. Please try again once it has.",
    ),
    says="somebody's device had no connection to the internet",
    explains="A phone or a browser was offline when the app tried to reach us. Nothing of ours "
    "failed.",
    cause="The device of the person using it was offline or changed its network",
    actions=(
        "Leave it unless the number jumps: then compare with our own availability at that time.",
        "See whether the app tells the person that they are offline, and tries again.",
    ),
    noise=True,
)

# --- database --------------------------------------------------------------------------------

DB_UNREACHABLE = Verdict(
    "database unreachable",
    _DATABASE,
    Level.HIGH,
    _OUTAGE,
    says="the database cannot be reached",
    explains="The service could not open a connection to its database.",
    cause="The database cannot be reached: it is down, restarting, failing over, or its address "
    "is wrong",
    actions=(
        (
            "See whether it accepts connections, from the same machine or pod: pg_isready, "
            "mysqladmin ping, redis-cli ping."
        ),
        "See whether a failover or maintenance is going on.",
        "Compare its address with the last configuration change or deploy.",
    ),
    critical_operation=True,
)
DB_UNAVAILABLE = Verdict(
    "database not ready",
    _DATABASE,
    Level.HIGH,
    _OUTAGE,
    says="the database is not ready to serve",
    explains="The database runs but does not accept this work now: it starts, stops, recovers "
    "or has no leader.",
    cause="The database is starting, shutting down, recovering or failing over",
    actions=(
        "Find its last start in the database's log, and the line before it: why it stopped.",
        "Check the state of the cluster: leader, replicas, quorum.",
        "Wait for recovery to finish before restarting anything again.",
    ),
    critical_operation=True,
)
DB_LOST = Verdict(
    "database connection lost",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="the connection to the database was lost",
    explains="A connection to the database was cut while it was in use.",
    cause="The database closed the connection: a restart, a failover, or an idle timeout",
    actions=(
        "See whether the database restarted or failed over at that time.",
        "Compare the pool's maximum lifetime with the server's idle timeout.",
        "Check that the pool tests connections before it hands them out.",
    ),
)
DB_CONNECTIONS = Verdict(
    "database connections exhausted",
    _DATABASE,
    Level.HIGH,
    _OUTAGE,
    says="no database connection is free",
    explains="All connections to the database are in use, so new work has to wait or fails.",
    cause="Connections ran out: slow queries or open transactions hold them, or too many "
    "instances connect",
    actions=(
        (
            "Count the sessions by state and age (pg_stat_activity, SHOW PROCESSLIST): look for "
            "old ones idle in a transaction."
        ),
        "Compare pool size × instances with what the database allows (max_connections).",
        "See what was deployed or scaled before it began.",
    ),
    critical_operation=True,
)
DB_POOL = Verdict(
    "connection pool exhausted",
    _DATABASE,
    Level.HIGH,
    _OUTAGE,
    says="the application's own pool has no database connection left",
    explains="The program uses all the connections to the database that it allows itself, so new "
    "work has to wait or fails.",
    cause="Connections are held for too long or not given back: slow queries, open transactions, "
    "or a leak in the code",
    actions=(
        "Find what holds connections: slow queries, or calls to others inside a transaction.",
        "Turn on the pool's leak detection, and compare with the last release.",
        "Raise the pool's size only if the database has room for it.",
    ),
    bug=True,
    critical_operation=True,
)
DB_TIMEOUT = Verdict(
    "database timeout",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="the database did not answer in time",
    explains="A query took longer than it may and was given up.",
    cause="A slow query, a lock, or a database under load",
    actions=(
        (
            "List what runs now, the oldest first: pg_stat_activity, SHOW FULL PROCESSLIST, "
            "SLOWLOG GET, db.currentOp()."
        ),
        "Look for sessions that wait for a lock.",
        "Compare the database's load with the same hour yesterday.",
    ),
)
DB_SLOW = Verdict(
    "slow statement",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="a statement ran longer than it may",
    explains="A query took longer than its limit, and the database stopped it.",
    cause="A slow statement: a missing index, a lock, or more data than it was written for",
    actions=(
        "Run EXPLAIN on the statement with the values it had: look for a scan of the whole table.",
        "Look for sessions that wait for a lock.",
        "See what changed in the query, the data or the indexes before it began.",
    ),
    bug=True,
)
DB_HEAVY = Verdict(
    "statement too heavy",
    _DATABASE,
    Level.MEDIUM,
    _ONE_ACTION,
    says="a statement needs more memory than it may have",
    explains="A query sorts or collects more data at once than the database allows one query to, "
    "so it was stopped.",
    cause="A query over more data than it was written for: no index for its order, no limit",
    actions=(
        "Read its plan (EXPLAIN): look for a sort or a join over the whole table.",
        "Give it an index in the order it asks for, or fetch the data in pages.",
        "Let it use the disk (allowDiskUse, work_mem) only where it is rare.",
    ),
    bug=True,
)
DB_LOCK = Verdict(
    "database lock",
    _DATABASE,
    Level.MEDIUM,
    _SLOW,
    says="transactions got in each other's way",
    explains="Two pieces of work wanted the same data at once, and one of them was stopped. "
    "Trying again usually succeeds.",
    cause="Transactions lock the same rows in a different order, or hold locks for too long",
    actions=(
        (
            "Read who waited for whom: SHOW ENGINE INNODB STATUS, or the DETAIL lines of "
            "PostgreSQL's log."
        ),
        "Make sure the transaction is tried again.",
        "Keep transactions short and touch tables in the same order.",
    ),
    bug=True,
)
DB_DUPLICATE = Verdict(
    "duplicate key",
    _DATABASE,
    Level.MEDIUM,
    _ONE_ACTION,
    says="a value that must be unique exists already",
    explains="The service tried to save something that is there already, and the database "
    "refused it.",
    cause="The same thing is saved twice: a repeated request, a race, or a sequence that lags "
    "behind",
    actions=(
        "See whether the same request came twice, from retries or double clicks.",
        "Make the write idempotent: insert or update, or a key per request.",
        "After an import, check that the table's sequence is ahead of its ids.",
    ),
    bug=True,
)
DB_CONSTRAINT = Verdict(
    "constraint violated",
    _DATABASE,
    Level.MEDIUM,
    _ONE_ACTION,
    says="data broke a rule of the database",
    explains="What the service tried to save does not fit the rules of the table, so it was "
    "not saved.",
    cause="The code writes a value the table does not allow: missing, out of order, or pointing "
    "at something that is gone",
    actions=(
        "Read the constraint's name: it tells the table and the column.",
        "Find the code path that writes it, and what changed there last.",
        "Check the input before it is written.",
    ),
    bug=True,
)
DB_DATA = Verdict(
    "bad value for the database",
    _DATABASE,
    Level.MEDIUM,
    _ONE_ACTION,
    says="a value does not fit its column",
    explains="The service sent the database a value of the wrong kind or size.",
    cause="A value of the wrong type, size or encoding reaches the database unchecked",
    actions=(
        "Find the column and the value that does not fit.",
        "Check the input before it is written.",
        "Compare the column's type with what the code writes since the last release.",
    ),
    bug=True,
)
DB_STATEMENT = Verdict(
    "bad statement",
    _DATABASE,
    Level.HIGH,
    _ONE_ACTION,
    says="the database does not understand a statement",
    explains="The service sent the database a statement that it cannot run.",
    cause="A mistake in the query that the code builds",
    actions=(
        "Read the statement at the position that the error names.",
        "Find the code that builds it, and what changed there last.",
        "Roll back if it began with a release.",
    ),
    bug=True,
)
DB_SCHEMA = Verdict(
    "schema mismatch",
    _DATABASE,
    Level.HIGH,
    _ONE_ACTION,
    says="a table, column or function is missing in the database",
    explains="The service expects something in the database that is not there.",
    cause="Code and schema do not match: a migration is missing, or ran in another order",
    actions=(
        "Compare the migrations applied with those of the release that runs.",
        "Check that the connection goes to the right database and schema.",
        "Roll the release back if the migration cannot be applied now.",
    ),
    bug=True,
)
DB_READ_ONLY = Verdict(
    "database read-only",
    _DATABASE,
    Level.HIGH,
    _OUTAGE,
    says="a write went to a read-only database",
    explains="The service tried to save something, but the database it reached only allows "
    "reading.",
    cause="The write reached a replica: a failover the client did not notice, or a wrong address",
    actions=(
        "Ask the node itself: SELECT pg_is_in_recovery(), SELECT @@read_only, or INFO replication.",
        "Check that writers use the primary's address and reconnect after a failover.",
        "If every node refuses writes, look for a full disk or a read-only switch.",
    ),
    critical_operation=True,
)
DB_PERSISTENCE = Verdict(
    "database cannot persist",
    _DATABASE,
    Level.CRITICAL,
    _SAFETY,
    says="the database cannot save to disk and refuses writes",
    explains="The database could not write its data to disk, so it takes no changes until it can.",
    cause="Saving to disk fails: the disk is full or failing, or memory is short",
    actions=(
        (
            "See why saving failed: INFO persistence (rdb_last_bgsave_status), and the database's "
            "own log."
        ),
        "Check free disk space, and memory left for the copy it makes.",
        "Do not restart it before it saved once: what is only in memory would be lost.",
    ),
    critical_operation=True,
)
DB_REPLICATION = Verdict(
    "replication",
    _DATABASE,
    Level.HIGH,
    _DELAY,
    says="replication is broken or lags behind",
    explains="Copies of the database no longer follow the original, so readers may see old data.",
    cause="A replica cannot follow: it fell too far behind, or its link broke",
    actions=(
        (
            "Read lag and last error of each replica: pg_stat_replication, SHOW REPLICA STATUS, "
            "INFO replication."
        ),
        "Take a replica that is far behind out of the readers.",
        "Check disk space and network between the two.",
    ),
)
DB_LOAD = Verdict(
    "database overloaded",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="the database is overloaded",
    explains="The database turns work away because it has too much of it.",
    cause="More or heavier queries than the database can carry",
    actions=(
        (
            "List what runs now by time and memory: SHOW PROCESSLIST, pg_stat_activity, "
            "system.processes."
        ),
        "Compare load and queue sizes with the same hour yesterday.",
        "Slow down batch work until it recovers.",
    ),
)
DB_MEMORY = Verdict(
    "memory limit of a data store",
    _DATABASE,
    Level.HIGH,
    Effect("Whatever writes to it fails until there is room; reading goes on.", _OUTAGE.customer),
    says="Redis reached its memory limit and refuses writes",
    explains="The store keeps its data in memory, holds as much as it may, and is not allowed to "
    "drop any of it. It takes no new data until there is room.",
    cause="Redis is at maxmemory and may evict nothing: the policy is noeviction, or no key has an "
    "expiry",
    actions=(
        (
            "Run INFO memory on it: compare used_memory with maxmemory, and read maxmemory_policy "
            "(noeviction refuses every write)."
        ),
        (
            "A cache: let it evict, e.g. CONFIG SET maxmemory-policy allkeys-lru. A queue or "
            "sessions: raise maxmemory instead."
        ),
        "Find what grew: redis-cli --bigkeys, and INFO keyspace for how many keys have no expiry.",
        "See which release began to write more, or stopped to set an expiry.",
    ),
    critical_operation=True,
)
DB_THROTTLED = Verdict(
    "database throttled",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="the database turns work away above what was paid for",
    explains="The database is rented by capacity. More was asked of it than the capacity bought, "
    "so it turns the rest away.",
    cause="More reads or writes than the capacity allows: a burst, a scan, or one key that "
    "everybody asks for",
    actions=(
        "Compare consumed with provisioned capacity of that table or database, minute by minute.",
        "See whether one key or partition takes most of it: then more capacity does not help.",
        (
            "Slow down batch work and retry with growing pauses; raise the capacity if the load "
            "is real."
        ),
    ),
)
DB_WRAPAROUND = Verdict(
    "transaction ids run out",
    _DATABASE,
    Level.CRITICAL,
    _SAFETY,
    says="PostgreSQL runs out of transaction ids",
    explains="The database numbers its transactions and reuses old numbers only after cleaning up. "
    "It is close to the end, where it takes no changes any more so as not to lose data.",
    cause="Clean-up (vacuum) did not keep up: it is off, too slow, or an old transaction or "
    "replication slot holds it back",
    actions=(
        (
            "See which database is oldest: SELECT datname, age(datfrozenxid) FROM pg_database "
            "ORDER BY 2 DESC."
        ),
        (
            "Find what holds it back: old rows in pg_stat_activity, pg_prepared_xacts and "
            "pg_replication_slots (xmin)."
        ),
        "End that, and run VACUUM (not FULL) in that database as a superuser.",
    ),
    critical_operation=True,
)
DB_INTERNAL = Verdict(
    "database error",
    _DATABASE,
    Level.HIGH,
    _SLOW,
    says="the database reported an error",
    explains="The database could not do what it was asked.",
    cause="The database failed on a statement; its own log says why",
    actions=(
        (
            "Search the database's log of that minute for the code in the error: the line above "
            "it says why."
        ),
        "See whether one query or all of them fail.",
        "Compare with the last change of schema, version or settings.",
    ),
)
DB_USAGE = Verdict(
    "database misused",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="the code uses the database in a wrong way",
    explains="The program asked its database library for something in the wrong order or shape.",
    cause="A mistake in how the code handles sessions, transactions or results",
    actions=(
        "Read the first frame of our own code in the stack.",
        "Check how sessions and transactions are opened and closed there.",
        "Compare with the last release.",
    ),
    bug=True,
)
DB_LOGIN = Verdict(
    "database login",
    _CONFIGURATION,
    Level.HIGH,
    _ACCESS,
    says="the database turned down the login",
    explains="The service could not sign in to its database.",
    cause="The database credentials are wrong, rotated or missing a right",
    actions=(
        "Log in by hand with the deployed user and secret, from the same machine or pod.",
        "See whether the password was rotated and the service not restarted.",
        "Check that this user may use this database from this address (pg_hba.conf, grants).",
    ),
    critical_operation=True,
)
DB_RIGHTS = Verdict(
    "database rights",
    _CONFIGURATION,
    Level.HIGH,
    _ACCESS,
    says="the database user lacks a right",
    explains="The service signed in to its database but may not do what it tried to.",
    cause="A grant is missing: a new table, a new user, or a migration run by another role",
    actions=(
        "Read which object and which right the error names.",
        "Compare the grants with those of an environment that works.",
        "Add the missing grant to the migration that creates the object.",
    ),
)
DB_CLIENT = Verdict(
    "database client set up wrongly",
    _CONFIGURATION,
    Level.MEDIUM,
    _ACCESS,
    says="the database answers that another node has the data",
    explains="The service uses a client that does not know it talks to a cluster.",
    cause="The client is not set up for a cluster and does not follow redirects",
    actions=(
        "See what the client is set up for: one server, or a cluster and all its nodes.",
        "Turn on the cluster mode of the client.",
        "Check that it may reach every node, not only the first.",
    ),
    bug=True,
)

# --- infrastructure --------------------------------------------------------------------------

UNAVAILABLE = Verdict(
    "service unavailable",
    _INFRASTRUCTURE,
    Level.HIGH,
    _OUTAGE,
    says="a service it needs is not available",
    explains="Another service said that it cannot take requests now.",
    cause="The other service is overloaded, in maintenance, or has no healthy instance",
    actions=(
        "Count the ready instances of the service that was called, and look at its load.",
        "See whether it was deployed or scaled down just now.",
        "Check the status page if it is not ours.",
    ),
    critical_operation=True,
)
THROTTLED = Verdict(
    "rate limit",
    _INFRASTRUCTURE,
    Level.MEDIUM,
    _LIMIT,
    says="a rate limit or quota was reached",
    explains="Another service turned requests away because there were too many of them.",
    cause="More calls than the limit allows: a burst, a retry loop, or a quota that is too small",
    actions=(
        "See which caller sends the most, and whether it retries without waiting.",
        "Wait as long as the answer asks for before trying again.",
        "Ask for a higher limit if the load is real.",
    ),
)
OVERLOAD = Verdict(
    "overload",
    _INFRASTRUCTURE,
    Level.HIGH,
    _SLOW,
    says="a queue or pool is full",
    explains="More work comes in than can be done, so new work is turned away.",
    cause="Overload: a burst, slow downstream calls that hold workers, or too few of them",
    actions=(
        "See what the workers wait for: a slow downstream call fills every pool.",
        "Add instances to win time.",
        "Compare traffic with the same hour yesterday.",
    ),
)
SCHEDULING = Verdict(
    "scheduling",
    _INFRASTRUCTURE,
    Level.HIGH,
    _DELAY,
    says="the cluster cannot place or keep a workload",
    explains="There is no healthy machine with enough room for an instance of the service.",
    cause="The cluster lacks room or healthy nodes, or the workload asks for what no node has",
    actions=(
        "Read the pod's events (kubectl describe pod): they say what is missing on how many nodes.",
        "Check node health, capacity and autoscaler limits.",
        "Compare requests, selectors and taints with what the nodes offer.",
    ),
)
RESTARTING = Verdict(
    "restart loop",
    _APPLICATION,
    Level.HIGH,
    _OUTAGE,
    says="a container keeps restarting",
    explains="An instance of the service starts, fails and is started again.",
    cause="The process ends soon after it starts: a missing setting, a failing dependency, or a "
    "fault in the release",
    actions=(
        (
            "Read how its last run ended: kubectl logs --previous, and the exit code (137 is "
            "memory or a kill, 1 its own error)."
        ),
        "Compare with the last deploy, and roll back if it began there.",
        "Check settings and secrets that it reads at start.",
    ),
    critical_operation=True,
    bug=True,
)
UNHEALTHY = Verdict(
    "health check",
    _APPLICATION,
    Level.HIGH,
    _SLOW,
    says="a health check fails",
    explains="An instance does not answer its health check, so it gets no traffic or is restarted.",
    cause="The instance is overloaded, still starting, or waits for something it depends on",
    actions=(
        "Call the health address by hand and time it.",
        "Look at CPU and memory of the instance.",
        "Compare the check's timeout with how long starting takes.",
    ),
    bug=True,
)
IMAGE = Verdict(
    "image pull",
    _CONFIGURATION,
    Level.HIGH,
    _DELAY,
    says="a container image cannot be pulled",
    explains="The cluster cannot get the program it should start.",
    cause="The image's name or tag is wrong, or the registry refuses the credentials",
    actions=(
        "Check that this tag exists in the registry.",
        "Check the pull secret of the namespace and when it expires.",
        "Roll back to the last tag that ran.",
    ),
    bug=True,
)
MOUNT = Verdict(
    "volume mount",
    _INFRASTRUCTURE,
    Level.HIGH,
    _DELAY,
    says="a volume cannot be attached or mounted",
    explains="The storage that an instance needs could not be connected to it.",
    cause="The volume is still attached elsewhere, or the storage system does not answer",
    actions=(
        "See which node still holds the volume: kubectl get volumeattachment.",
        "Read the events of the claim and the storage driver's log.",
        "Check that the claim, secret or map it names exists.",
    ),
)
DISK_ERROR = Verdict(
    "disk error",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _SAFETY,
    says="a disk or file system reports errors",
    explains="Reading from or writing to storage fails; data may be lost.",
    cause="Failing storage: a disk, a controller, a network volume, or a file system that went "
    "read-only",
    actions=(
        "Read dmesg -T on that machine and the disk's own report: smartctl -a.",
        "Move the work to another machine or volume.",
        "Check that backups of what lies there are recent.",
    ),
    critical_operation=True,
)
STORAGE_STALE = Verdict(
    "storage unavailable",
    _INFRASTRUCTURE,
    Level.HIGH,
    _OUTAGE,
    says="storage is unavailable or read-only",
    explains="A file system that the service needs is gone or allows no writing.",
    cause="A volume went read-only or a network mount was lost",
    actions=(
        "See how the path is mounted (findmnt), and what dmesg -T says about it.",
        "Check the storage server or volume behind it.",
        "If it is read-only on purpose, write elsewhere.",
    ),
)
BROKER = Verdict(
    "message broker",
    _INFRASTRUCTURE,
    Level.HIGH,
    _DELAY,
    says="the message broker is not healthy",
    explains="Messages between services wait because the system that carries them is in trouble.",
    cause="The broker has no leader, is out of sync, or is short of memory or disk",
    actions=(
        (
            "Count leaders, replicas in sync, memory and disk of the broker's nodes: its own "
            "status page says."
        ),
        "See how far consumers are behind.",
        "Hold deploys of its clients until it is stable.",
    ),
)
QUORUM = Verdict(
    "cluster without leader",
    _INFRASTRUCTURE,
    Level.CRITICAL,
    _OUTAGE,
    says="a cluster lost its leader or quorum",
    explains="The machines of a cluster cannot agree on who leads, so it accepts no changes.",
    cause="Too few healthy members, slow disks, or a network split between them",
    actions=(
        "Count the members that are up and can reach each other.",
        "Look at disk and network latency between them.",
        "Bring the missing members back before changing membership.",
    ),
    critical_operation=True,
)
KILLED = Verdict(
    "process killed",
    _INFRASTRUCTURE,
    Level.HIGH,
    _SLOW,
    says="a process was killed or did not stay up",
    explains="The operating system or a supervisor stopped a process of the service.",
    cause="A memory limit, a failed health check, or a supervisor's timeout",
    actions=(
        (
            "Read how it ended: exit code 137 is a kill (memory?), 143 a polite stop; then dmesg "
            "-T or journalctl -u UNIT."
        ),
        "Look at memory and response times of the process before it ended.",
        "Check that it came back and takes traffic.",
    ),
)
PORT_TAKEN = Verdict(
    "port in use",
    _CONFIGURATION,
    Level.HIGH,
    _OUTAGE,
    says="the address or port it wants is taken or not its own",
    explains="The service could not start listening where it is meant to.",
    cause="Another process holds the port, or the address does not belong to this machine",
    actions=(
        "See which process listens on that port: ss -ltnp.",
        "Check that the old instance has ended.",
        "Compare address and port with the settings.",
    ),
)
CLOCK = Verdict(
    "clock skew",
    _INFRASTRUCTURE,
    Level.HIGH,
    _ACCESS,
    says="clocks differ too much",
    explains="Two machines disagree about the time, so signatures and certificates do not hold.",
    cause="A machine's clock is off: time synchronisation does not run",
    actions=(
        "Compare the clocks of the machines involved: chronyc tracking, or timedatectl, on each.",
        "Check that time synchronisation runs and reaches its server.",
    ),
)
CLOUD = Verdict(
    "cloud provider",
    _INFRASTRUCTURE,
    Level.HIGH,
    _OUTAGE,
    says="a cloud service failed on its side",
    explains="A service that we rent reported a fault of its own.",
    cause="A fault or lack of capacity at the provider",
    actions=(
        "Check the provider's status page for that region.",
        "See whether trying again succeeds, and how often.",
        "Use another zone or region if it lasts.",
    ),
)
MAIL_POLICY = Verdict(
    "mail turned down",
    _CONFIGURATION,
    Level.HIGH,
    Effect(
        "Mail to the recipients of that provider does not arrive.",
        "Some of our e-mails do not arrive at the moment. We are correcting it; "
        "tell us if you are waiting for one.",
    ),
    says="another mail system turned our mail down by its policy",
    explains="The receiving mail system does not accept mail from us as it is sent.",
    cause="Sender authentication or the reputation of the sending address does not satisfy the "
    "receiver",
    actions=(
        "Read the receiver's reason in full: it names SPF, DKIM, DMARC, a block list or a rate.",
        "Compare the DNS records of the sending domain with the servers that send now.",
        "See whether one receiving provider is affected or all of them.",
    ),
)

# --- configuration ---------------------------------------------------------------------------

LICENCE = Verdict(
    "licence",
    _CONFIGURATION,
    Level.HIGH,
    _SETUP,
    says="a software licence has expired or has no seat left",
    explains="A product that the service uses checks its licence and found none that is valid.",
    cause="The licence ran out, covers fewer users or machines than there are, or its server "
    "cannot be reached",
    actions=(
        "Read which product and feature the error names, and when its licence ends.",
        "Compare the seats or cores in use with those that were bought.",
        "Renew or extend it with the vendor; ask for a temporary key to win time.",
    ),
    critical_operation=True,
)
BILLING = Verdict(
    "account without credit",
    _CONFIGURATION,
    Level.HIGH,
    _SETUP,
    says="an account at a provider has no credit or its plan is used up",
    explains="A provider stopped serving us because the plan is used up or a bill is open.",
    cause="The plan's allowance is used up, or a payment to the provider is due",
    actions=(
        "Open the provider's billing page: unpaid invoices, spending limit, rest of the plan.",
        "Find which caller used most of it this month, and whether that is usual.",
        "Raise the limit or top up; waiting and trying again does not help.",
    ),
    critical_operation=True,
)
BROWSER_POLICY = Verdict(
    "browser policy",
    _CONFIGURATION,
    Level.HIGH,
    _ONE_ACTION,
    says="a browser blocked a request because our headers do not allow it",
    explains="Browsers load something from another address only if our pages and that address "
    "allow it. One of the two does not.",
    cause="A header does not allow it (CORS or Content-Security-Policy), or an error page came "
    "back without that header",
    actions=(
        "Call the address with curl -i -H 'Origin: …': an error page often lacks the header.",
        "Compare the origin and address in the error with the list in our headers.",
        "See what changed last in them or in the page that loads it.",
    ),
    bug=True,
)
WEBHOOK_SECRET = Verdict(
    "webhook signature",
    _CONFIGURATION,
    Level.HIGH,
    _DELAY,
    says="a webhook's signature does not fit our secret",
    explains="A partner tells us about events and signs them. We cannot verify the signature, so "
    "we do not take them.",
    cause="The signing secret was changed or belongs to another environment, or the body was "
    "altered before it was verified",
    actions=(
        "Compare the signing secret of this address at the partner with the one deployed.",
        "See that the body is verified as it came, before anything parses it.",
        "Ask the partner to send again what was missed once it is mended.",
    ),
    bug=True,
)
KEY_DISABLED = Verdict(
    "encryption key unusable",
    _CONFIGURATION,
    Level.CRITICAL,
    _OUTAGE,
    says="an encryption key is disabled or about to be deleted",
    explains="Data is encrypted with a key that may not be used any more, so it cannot be read.",
    cause="The key was disabled, scheduled for deletion, or its access was withdrawn",
    actions=(
        "Cancel the key's deletion and enable it first: once it is gone, the data is lost.",
        "Find who changed it, in the provider's audit trail.",
        "List what else is encrypted with it.",
    ),
    critical_operation=True,
)

SETTING = Verdict(
    "setting",
    _CONFIGURATION,
    Level.HIGH,
    _SETUP,
    says="a setting is missing or wrong",
    explains="The service was set up with something missing or wrong, and cannot do its work.",
    cause="A setting is missing, misspelt or not valid in this environment",
    actions=(
        (
            "Take the setting's name from the error and see whether it is set where the process "
            "runs, not in the repository."
        ),
        "See what changed in the configuration last, and roll it back.",
        "Compare with the settings of an environment that works.",
    ),
    bug=True,
)
SERVER_SETTING = Verdict(
    "server setting",
    _CONFIGURATION,
    Level.HIGH,
    _SETUP,
    says="a setting of a server is missing or wrong",
    explains="A server or the system under it was set up with something missing or wrong.",
    cause="A line in the server's configuration is wrong or does not fit its version",
    actions=(
        (
            "Test the configuration with the server's own check (nginx -t, apachectl configtest) "
            "before a reload."
        ),
        "See what changed in it last, and put the former version back.",
        "Compare the server's version with the one that the setting needs.",
    ),
)
KERNEL_SETTING = Verdict(
    "kernel setting",
    _CONFIGURATION,
    Level.LOW,
    Effect("None now; it may become slow or unsafe under load.", _NOBODY.customer),
    says="a setting of the system does not suit the server",
    explains="A server warns that the system under it is not set up the way it recommends.",
    cause="A kernel setting differs from what the server recommends",
    actions=(
        "Read which setting the warning names, and what it recommends.",
        "Change it in the image or the machine's set-up, not by hand.",
    ),
)
CERTIFICATE_EXPIRED = Verdict(
    "certificate expired",
    _CONFIGURATION,
    Level.CRITICAL,
    _OUTAGE,
    says="a certificate has expired",
    explains="A certificate that proves who a service is ran out, so others refuse to talk to it.",
    cause="The certificate has expired: it was not renewed, or the new one was not loaded",
    actions=(
        (
            "Read the dates it serves now: openssl s_client -connect HOST:443 | openssl x509 "
            "-noout -dates."
        ),
        "Renew it, and reload whatever serves it.",
        "Check why the renewal did not run, and alert 21 days ahead.",
    ),
    critical_operation=True,
)
CERTIFICATE = Verdict(
    "certificate",
    _CONFIGURATION,
    Level.HIGH,
    _OUTAGE,
    says="a certificate is not trusted or does not match",
    explains="The service could not make sure that the other side is who it says it is.",
    cause="The certificate is not trusted: a missing authority, a missing intermediate, or "
    "another name",
    actions=(
        "Read the chain and names it serves now: openssl s_client -showcerts -connect HOST:443.",
        "Check that the authority is in the trust store of this image.",
        "See whether the certificate or the base image changed.",
    ),
)
CREDENTIALS = Verdict(
    "credentials",
    _CONFIGURATION,
    Level.HIGH,
    _ACCESS,
    says="credentials were turned down",
    explains="The service could not prove who it is to another one.",
    cause="Credentials are wrong, expired or missing",
    actions=(
        "See which credential is used and when it expires or was rotated.",
        "Compare the secret that is deployed with the one in the secret store.",
        "Restart instances that still hold the old one.",
    ),
)
FORBIDDEN = Verdict(
    "permission",
    _CONFIGURATION,
    Level.HIGH,
    _ACCESS,
    says="a permission is missing",
    explains="The service is known to the other side but may not do what it tried to.",
    cause="A right is missing: a role, a policy, or the owner of a file",
    actions=(
        "Read which identity, action and object the error names.",
        "Compare roles and policies with an environment that works.",
        "See what changed in them last.",
    ),
)
FILE_ACCESS = Verdict(
    "file permission",
    _CONFIGURATION,
    Level.HIGH,
    _ACCESS,
    says="a file or socket may not be opened",
    explains="The service is not allowed to use a file or port that it needs.",
    cause="Owner or mode of the path does not fit the user the process runs as",
    actions=(
        (
            "Compare owner and mode of the path and the folders above it (namei -l PATH) with the "
            "user of the process (id)."
        ),
        "Check the user the process runs as since the last deploy.",
        "Look for a security policy that denies it.",
    ),
)
FILE_MISSING = Verdict(
    "file missing",
    _CONFIGURATION,
    Level.HIGH,
    _ONE_ACTION,
    says="a file, folder or program is missing",
    explains="The service looked for a file that is not there.",
    cause="A path is wrong, a mount is missing, or the file was not shipped",
    actions=(
        "Check the path in the running container, not in the repository.",
        "Check mounts and the contents of the last image.",
        "See what writes the file, and whether it ran.",
    ),
)
RESOURCE_MISSING = Verdict(
    "resource missing",
    _CONFIGURATION,
    Level.HIGH,
    _ONE_ACTION,
    says="a bucket, queue, topic or other named resource does not exist",
    explains="The service uses something by name that is not there.",
    cause="The name is wrong for this environment, or the resource was never created",
    actions=(
        "Compare the name with what exists in this account and region.",
        "See whether the set-up of this environment ran to its end.",
    ),
)
TOO_LARGE = Verdict(
    "too large",
    _CONFIGURATION,
    Level.MEDIUM,
    _INPUT,
    says="a request or message is larger than allowed",
    explains="Something was sent that is larger than the limit.",
    cause="A size limit is lower than what is sent",
    actions=(
        (
            "Find the limit that was hit: the proxy's body size, the broker's message size, the "
            "application's own."
        ),
        "Compare it with the size that was sent, and whether that is usual.",
        "Raise the limit at every hop, or send it in parts.",
    ),
)
DEPENDENCY_VERSION = Verdict(
    "incompatible version",
    _CONFIGURATION,
    Level.HIGH,
    _OUTAGE,
    says="a program or library of the wrong version is in place",
    explains="Parts of the service do not fit together.",
    cause="A library or runtime in the image is missing or of another version than expected",
    actions=(
        "Compare versions in the image with those of the last one that worked.",
        "Roll back the image.",
        "Pin the versions.",
    ),
)

# --- application -----------------------------------------------------------------------------

NULL = Verdict(
    "missing value",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="the code uses a value that is not there",
    explains="The program expected something that was empty, and stopped.",
    cause="A value is missing where the code takes it for granted",
    actions=(
        "Read the first frame of our own code in the stack.",
        "Find out which input leaves the value empty.",
        "Compare with the last release, and roll back if it began there.",
    ),
    bug=True,
)
CODE = Verdict(
    "programming error",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="the code made a mistake it did not expect",
    explains="The program hit a fault of its own and could not finish the request.",
    cause="A mistake in the code",
    actions=(
        "Read the first frame of our own code in the stack.",
        "Find the input that triggers it.",
        "Compare with the last release, and roll back if it began there.",
    ),
    bug=True,
)
MISSING_KEY = Verdict(
    "missing key",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="the code looks for an entry that is not there",
    explains="The program expected a field or an entry that was missing.",
    cause="A field is missing where the code takes it for granted: new input, or another version",
    actions=(
        "Read the first frame of our own code in the stack.",
        "See which sender leaves the field out.",
        "Check the input where it comes in.",
    ),
    bug=True,
)
IMPORTING = Verdict(
    "missing module",
    _CONFIGURATION,
    Level.HIGH,
    _OUTAGE,
    says="a module or class cannot be loaded",
    explains="A part of the program is missing, so it cannot start or finish.",
    cause="The release is incomplete: a dependency is missing or of another version",
    actions=(
        "Check that the dependency is in the image that runs.",
        "Compare its version with the one in the lock file.",
        "Roll back to the last image that started.",
    ),
    bug=True,
)
RECURSION = Verdict(
    "endless recursion",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="the code called itself without end",
    explains="The program went round in circles until it ran out of room.",
    cause="A loop in the code or in the data it follows",
    actions=(
        "Look for the frames that repeat in the stack.",
        "Find the input that refers to itself.",
    ),
    bug=True,
)
PARSING = Verdict(
    "unreadable data",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="data could not be read in the expected format",
    explains="The service got data that is not in the shape it expects.",
    cause="The data is cut off, of another version, or an error page instead of an answer",
    actions=(
        "Look at the first bytes of what was received: an HTML page means the other side failed.",
        "See whether the sender changed its format.",
        "Keep one bad message for a test.",
    ),
    bug=True,
)
YAML = Verdict(
    "unreadable settings",
    _CONFIGURATION,
    Level.MEDIUM,
    _DELAY,
    says="a file of settings cannot be read",
    explains="A file that describes how to set something up has a mistake in its form.",
    cause="A mistake in the form of a YAML file: indentation, a colon, or a quote",
    actions=(
        "Look at the line that the error names and the one above it.",
        "See what changed in the file last.",
        "Check such files before they are merged.",
    ),
    bug=True,
)
ENCODING = Verdict(
    "encoding",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="text could not be encoded or decoded",
    explains="The service met characters it did not know how to read.",
    cause="Text arrives in another encoding than the code expects",
    actions=(
        "Find out which sender and which encoding it is.",
        "Name the encoding where the text is read.",
    ),
    bug=True,
)
VALIDATION = Verdict(
    "invalid input",
    _APPLICATION,
    Level.MEDIUM,
    _INPUT,
    says="input was turned down as not valid",
    explains="Something was sent that does not follow the rules for it.",
    cause="The sender leaves out a field or sends a value that is not allowed",
    actions=(
        "See which field, and whether one sender or many are affected.",
        "Many at once: compare with the last release of the sender.",
        "Tell the sender what is expected, in the answer.",
    ),
)
NOT_FOUND = Verdict(
    "not found",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="something that was asked for does not exist",
    explains="The service asked for a page or a record that is not there.",
    cause="A link, an id or a path that is out of date or wrong",
    actions=(
        "See who asks for it: a page of ours, a caller, or a bot.",
        "Check whether the record was removed or the path changed.",
    ),
)
CONFLICT = Verdict(
    "conflict",
    _APPLICATION,
    Level.MEDIUM,
    _INPUT,
    says="two changes met, or the state does not allow it",
    explains="Something was changed by somebody else in the meantime, or is not in the state "
    "that the action needs.",
    cause="Two changes at once, or a step done twice or out of order",
    actions=(
        "See whether the same request came twice.",
        "Read again and retry where that is safe.",
    ),
    bug=True,
)
SESSION_EXPIRED = Verdict(
    "session expired",
    _APPLICATION,
    Level.LOW,
    Effect(
        "People have to sign in again.",
        "Your session has ended. Please sign in again.",
    ),
    says="a sign-in or token has expired or is not valid",
    explains="Somebody used a session or a link that is no longer valid.",
    cause="A token ran out or was signed with another key",
    actions=(
        "A few are normal; many at once: check signing keys and clocks.",
        "Check that clients renew their token in time.",
    ),
)
OVERRUN = Verdict(
    "ran too long",
    _APPLICATION,
    Level.MEDIUM,
    _SLOW,
    says="a piece of work ran longer than it may and was stopped",
    explains="The program may work on one task only so long. It took longer and was stopped.",
    cause="More work than usual, a slow call inside it, or a limit that is too short",
    actions=(
        "Find its slow step: trace one run, or compare the times in its log lines.",
        "Compare the amount of work with a run that ended in time.",
        "Split the work; raise the limit only if the time is well spent.",
    ),
    bug=True,
)
FROZEN = Verdict(
    "app not responding",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="the app stopped responding to the person using it",
    explains="The part of the app that draws the screen was busy or waiting for too long, and the "
    "phone offered to close it.",
    cause="Slow work, a lock or a call over the network on the main thread",
    actions=(
        "Read what the main thread waits for in the trace.",
        "See which versions of the app and of the phone's system are affected.",
        "Move that work off the main thread.",
    ),
    bug=True,
)
UNEXPECTED = Verdict(
    "unexpected value",
    _APPLICATION,
    Level.MEDIUM,
    _ONE_ACTION,
    says="something is not what the code expects",
    explains="The program compared what it has with what it should have, and they differ.",
    cause="Input of another form, or a mistake in how a value is calculated or kept",
    actions=(
        "Follow the value back: where it comes from, and which of the two is right.",
        "See whether one sender or record is affected or many.",
        "Compare with the last release of the side that makes it.",
    ),
    bug=True,
)
BOOKS = Verdict(
    "books do not balance",
    _APPLICATION,
    Level.CRITICAL,
    Effect(
        "Balances and amounts may be wrong, and what is paid by them too.",
        "We are checking some of our records. If your balance or an amount has to be corrected, "
        "we will tell you.",
    ),
    says="sums that have to be equal are not",
    explains="The program compared two sums of money or stock that must be the same, and they "
    "differ. Something is missing or was counted twice.",
    cause="An entry is missing, was booked twice, or was rounded in another way on one side",
    actions=(
        "Hold what is paid or sent by these numbers until the difference is explained.",
        "Compare the entries of that batch with their source, one by one.",
        "See when the sums were equal last, and what was released or imported since.",
    ),
    bug=True,
    critical_operation=True,
)
RECIPIENT = Verdict(
    "mailbox",
    _APPLICATION,
    Level.LOW,
    Effect(
        "One recipient does not get this mail.",
        "An e-mail to you could not be delivered. Please check your address and that your "
        "mailbox has room.",
    ),
    says="a recipient's mailbox does not exist or takes no mail",
    explains="The receiving mail system knows no such mailbox, or it is full.",
    cause="An address that is wrong or out of date, or a full mailbox",
    actions=(
        "A few are normal: mark the address, and stop mailing it after several.",
        "Many at once: compare with the last import of addresses.",
    ),
)
UNHANDLED = Verdict(
    "unhandled error",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="an error was not handled",
    explains="The program met a problem that nobody planned for, and gave up on the request.",
    cause="An error that the code does not handle",
    actions=(
        "Read the first frame of our own code in the stack.",
        "See whether one customer or all of them are affected.",
        "Compare with the last release, and roll back if it began there.",
    ),
    bug=True,
)
UPSTREAM_ERROR = Verdict(
    "upstream error",
    _APPLICATION,
    Level.HIGH,
    _ONE_ACTION,
    says="a service answered with an internal error",
    explains="A service failed while it worked on the request.",
    cause="An error inside the service that was called",
    actions=(
        "Read that service's own errors for the same minute or trace.",
        "Compare with its last release.",
        "See whether every request fails or only some.",
    ),
    bug=True,
)
UPSTREAM_SLOW = Verdict(
    "slow answer",
    _APPLICATION,
    Level.HIGH,
    _SLOW,
    says="the application behind the proxy took too long to answer",
    explains="The proxy reached the application, waited for its answer, and gave up.",
    cause="The application is slow: a slow query or call inside it, or too few workers",
    actions=(
        "See which address is slow, and trace one such request.",
        "Look at what the application's workers are busy with.",
        "Compare with the last release.",
    ),
    bug=True,
)
CANCELLED = Verdict(
    "cancelled",
    _APPLICATION,
    Level.LOW,
    _SLOW,
    says="work was cancelled before it was done",
    explains="The request was given up before the answer was ready, by the caller or by a "
    "deadline.",
    cause="The caller gave up or a deadline passed",
    actions=(
        "See who cancels: a person, a timeout, or a shutdown.",
        "If it is a deadline, look for the slow step before it.",
    ),
)
CODE_DEADLOCK = Verdict(
    "deadlock in the program",
    _APPLICATION,
    Level.HIGH,
    _OUTAGE,
    says="threads wait for each other or share data unsafely",
    explains="Parts of the program block or disturb each other.",
    cause="A mistake in how the code uses locks or shares data",
    actions=(
        "Take a thread dump before restarting.",
        "Find the two places that hold what the other wants.",
        "Compare with the last release.",
    ),
    bug=True,
)
CONSUMER = Verdict(
    "consumer",
    _APPLICATION,
    Level.MEDIUM,
    _DELAY,
    says="a consumer cannot keep up or lost its place",
    explains="A worker took too long over its messages and was taken off the list.",
    cause="Handling a message takes longer than the broker allows",
    actions=(
        "Look at how long one batch takes, and at the slow step in it.",
        "Take fewer messages at a time, or allow more time.",
        "Watch how far the consumers are behind.",
    ),
)
BUSINESS = Verdict(
    "declined",
    _APPLICATION,
    Level.MEDIUM,
    _INPUT,
    says="a business rule or a partner declined the action",
    explains="The action was understood and turned down.",
    cause="The action is not allowed in this state, or a partner declined it",
    actions=(
        "See whether the number is unusual for this hour.",
        "If it is, check the partner's status and our last change of the rule.",
    ),
)
DEPRECATED = Verdict(
    "deprecation",
    _APPLICATION,
    Level.LOW,
    _NOBODY,
    says="something old is in use that will go away",
    explains="The program uses a function that will be removed in a later version.",
    cause="Code that relies on a deprecated function",
    actions=("Plan the change before the version that removes it.",),
    noise=True,
)
UNKNOWN = Verdict(
    "default",
    _APPLICATION,
    Level.MEDIUM,
    Effect(
        "Not known: nothing in the message says what people notice.",
        "We are looking into an error in our service and will let you know when we know more.",
    ),
    says="an error of a kind that no rule knows",
    explains="The service reported an error. Nothing in it says where the cause lies.",
    cause="Not known: no rule applies",
    actions=(
        "Read the message and the first frame of our own code in the stack.",
        "See when it began, and what was deployed before that.",
        "See whether one customer or all of them are affected.",
    ),
)
GUESSES = {
    category: replace(
        UNKNOWN,
        name=f"words of {category.lower()}",
        category=category,
        says=f"an error that no rule knows; its words speak of {place}",
        cause=f"Not known: no rule applies, but most of its words speak of {place}",
        bug=category is _APPLICATION,
    )
    for category, place in (
        (_APPLICATION, "the application"),
        (_CONFIGURATION, "the configuration"),
        (_DATABASE, "a database"),
        (_INFRASTRUCTURE, "the platform"),
        (_NETWORK, "the network"),
    )
}
"""What is said of an error that no rule knows, by what most of its words speak of."""

STOPPING = frozenset({_OUTAGE, _SLOW, _ONE_ACTION, _ACCESS, _SETUP})
"""By these something fails that people want to do, and not because of what they entered."""

ALL: tuple[Verdict, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Verdict)
)
