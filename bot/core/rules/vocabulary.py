"""Nouns that tell which part of the world a message speaks of, for when no rule knows it."""

from bot.core.analysis import Category

DATABASE_WORDS = (
    *("postgres", "psycopg", "pgbouncer", "asyncpg", "libpq", "npgsql", "pq:", "psqlexception"),
    *("mysql", "mariadb", "pymysql", "oracle", "jdbc", "odbc", "sqlalchemy", "activerecord"),
    *("sql server", "sqlserver", "sqlclient", "sqlexception", "sequelize", "hibernate", "hikari"),
    *("prisma", "mongo", "redis", "jedis", "lettuce", "cassandra", "scylla", "elasticsearch"),
    *("opensearch", "couchbase", "memcached", "clickhouse", "cockroach", "neo4j", "influx"),
    *("database", "sqlstate", "datasource", ":5432", ":3306", ":6379", ":27017", ":1433", ":1521"),
    *(":9042", ":9200"),
)
"""Servers, drivers and ports that mean: the other side is a database."""

_WORDS: dict[Category, str] = {
    Category.DATABASE: """
        sql query queries table tables column columns row rows schema index replica replicas
        replication transaction transactions commit rollback cursor tablespace vacuum wal redo undo
        binlog innodb database databases db mysql mariadb postgres postgresql oracle mongodb mongo
        redis cassandra elasticsearch shard shards primary secondary select insert update delete
        constraint migration oplog checkpoint plan
    """,
    Category.NETWORK: """
        socket connection connections connect connecting dns tcp udp tls ssl peer proxy upstream
        downstream gateway route router routing port host hostname remote handshake packet packets
        latency endpoint network interface subnet firewall http2 bgp vpn tunnel mtu arp nic
        bandwidth loadbalancer ingress egress
    """,
    Category.INFRASTRUCTURE: """
        node nodes pod pods container containers disk memory cpu kernel kubelet kubernetes cluster
        volume volumes broker kafka rabbitmq zookeeper etcd consul queue partition worker workers
        process supervisor systemd docker containerd vm instance instances autoscaler scheduler
        hardware raid storage filesystem mount snapshot backup capacity heartbeat failover swap
        raft leader follower quorum replicaset namenode datanode block
    """,
    Category.CONFIGURATION: """
        config configuration configure configured setting settings env environment variable option
        options flag parameter parameters directive property properties yaml toml ini secret secrets
        credential credentials certificate permission permissions policy role iam misconfigured
        default keystore truststore license
    """,
    Category.APPLICATION: """
        null undefined nil argument arguments attribute object function method
        class module parse parser json xml payload field fields request response validation user
        order orders cart basket payment payments checkout invoice invoices refund charge price
        prices amount currency coupon discount booking bookings customer customers product products
        account email phone password name country language date timezone report reports total totals
        item items line message attribute attributes cookie feed content body page screen button
        form image upload format search result results model prediction duplicate unknown
        template render serializer decode encode assert type value
    """,
}

VOCABULARY: dict[str, Category] = {
    word: category for category, words in _WORDS.items() for word in words.split()
}
