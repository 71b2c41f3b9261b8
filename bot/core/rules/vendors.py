"""Names and numbers that browsers, phones, runtimes, brokers and mail servers give to errors.

Sources: Chromium's net_error_list.h; Mozilla's NSS; RFC 9113 for HTTP/2; NSURLError and the Mach
exceptions of Apple; Node's errors and those of undici and axios; .NET's HttpRequestError and
WebExceptionStatus; NTSTATUS and HRESULT of Windows; curl's libcurl-errors(3); AMQP 0-9-1 reply
codes; Kafka's protocol errors and librdkafka's own; the errors of Redis; codes of ClickHouse and
Prisma; exception types of Elasticsearch; RFC 3463 for mail.
"""

from bot.core.rules import verdicts as v
from bot.core.rules.verdicts import Verdict

CHROMIUM: dict[str, Verdict] = {
    "err_internet_disconnected": v.DEVICE_OFFLINE,
    "err_network_changed": v.DEVICE_OFFLINE,
    "err_network_io_suspended": v.DEVICE_OFFLINE,
    "err_blocked_by_client": v.BROWSER_NOISE,
    "err_aborted": v.CLIENT_GONE,
    "err_connection_refused": v.REFUSED,
    "err_connection_reset": v.RESET,
    "err_connection_closed": v.RESET,
    "err_connection_aborted": v.RESET,
    "err_connection_timed_out": v.CONNECT_TIMEOUT,
    "err_connection_failed": v.CONNECT_TIMEOUT,
    "err_timed_out": v.TIMEOUT,
    "err_empty_response": v.RESET,
    "err_address_unreachable": v.UNREACHABLE,
    "err_name_not_resolved": v.DNS,
    "err_name_resolution_failed": v.DNS,
    "err_tunnel_connection_failed": v.BAD_GATEWAY,
    "err_proxy_connection_failed": v.BAD_GATEWAY,
    "err_http2_protocol_error": v.PROTOCOL,
    "err_quic_protocol_error": v.PROTOCOL,
    "err_invalid_http_response": v.PROTOCOL,
    "err_incomplete_chunked_encoding": v.PROTOCOL,
    "err_content_length_mismatch": v.PROTOCOL,
    "err_content_decoding_failed": v.PROTOCOL,
    "err_too_many_redirects": v.SETTING,
    "err_ssl_protocol_error": v.TLS,
    "err_ssl_version_or_cipher_mismatch": v.TLS,
    "err_cert_date_invalid": v.CERTIFICATE_EXPIRED,
    "err_cert_common_name_invalid": v.CERTIFICATE,
    "err_cert_authority_invalid": v.CERTIFICATE,
    "err_cert_revoked": v.CERTIFICATE,
    "err_bad_ssl_client_auth_cert": v.CERTIFICATE,
    "err_insufficient_resources": v.OVERLOAD,
}

NSS: dict[str, Verdict] = {
    "pr_connect_reset_error": v.RESET,
    "pr_end_of_file_error": v.RESET,
    "sec_error_expired_certificate": v.CERTIFICATE_EXPIRED,
    "sec_error_expired_issuer_certificate": v.CERTIFICATE_EXPIRED,
    "sec_error_revoked_certificate": v.CERTIFICATE,
    "sec_error_unknown_issuer": v.CERTIFICATE,
    "sec_error_untrusted_cert": v.CERTIFICATE,
    "ssl_error_bad_cert_domain": v.CERTIFICATE,
    "ssl_error_handshake_failure_alert": v.TLS,
    "ssl_error_no_cypher_overlap": v.TLS,
    "ssl_error_rx_record_too_long": v.TLS,
    "ssl_error_unsupported_version": v.TLS,
}

HTTP2: dict[str, Verdict] = {
    "compression_error": v.PROTOCOL,
    "connect_error": v.RESET,
    "enhance_your_calm": v.THROTTLED,
    "flow_control_error": v.PROTOCOL,
    "frame_size_error": v.PROTOCOL,
    "http_1_1_required": v.PROTOCOL,
    "inadequate_security": v.TLS,
    "protocol_error": v.PROTOCOL,
    "refused_stream": v.RESET,
    "settings_timeout": v.TIMEOUT,
    "stream_closed": v.RESET,
}

REDIS: dict[str, Verdict] = {
    "busygroup": v.CONFLICT,
    "execabort": v.DB_USAGE,
    "loading": v.DB_UNAVAILABLE,
    "nogroup": v.DB_SCHEMA,
    "tryagain": v.DB_UNAVAILABLE,
    "unkillable": v.DB_SLOW,
}
"""The first word of an error; `BUSY` is too common a word."""

PRISMA: dict[str, Verdict] = {
    "p1000": v.DB_LOGIN,
    "p1001": v.DB_UNREACHABLE,
    "p1002": v.DB_TIMEOUT,
    "p1003": v.DB_SCHEMA,
    "p1008": v.DB_TIMEOUT,
    "p1010": v.DB_RIGHTS,
    "p1011": v.TLS,
    "p1017": v.DB_LOST,
    "p2000": v.DB_DATA,
    "p2002": v.DB_DUPLICATE,
    "p2003": v.DB_CONSTRAINT,
    "p2021": v.DB_SCHEMA,
    "p2022": v.DB_SCHEMA,
    "p2024": v.DB_POOL,
    "p2025": v.NOT_FOUND,
    "p2034": v.DB_LOCK,
}

NODE: dict[str, Verdict] = {
    "err_assertion": v.CODE,
    "err_bad_request": v.VALIDATION,  # axios, for any 4xx
    "err_bad_response": v.UPSTREAM_ERROR,  # axios, for any 5xx
    "err_dlopen_failed": v.DEPENDENCY_VERSION,
    "err_fr_max_body_length_exceeded": v.TOO_LARGE,
    "err_fr_too_many_redirects": v.SETTING,
    "err_http_headers_sent": v.CODE,
    "err_invalid_arg_type": v.CODE,
    "err_invalid_arg_value": v.CODE,
    "err_invalid_char": v.CODE,
    "err_invalid_url": v.VALIDATION,
    "err_ipc_channel_closed": v.CODE,
    "err_module_not_found": v.IMPORTING,
    "err_network": v.CONNECT_TIMEOUT,  # axios
    "err_package_path_not_exported": v.IMPORTING,
    "err_require_esm": v.IMPORTING,
    "err_server_already_listen": v.CODE,
    "err_socket_connection_timeout": v.CONNECT_TIMEOUT,
    "err_stream_destroyed": v.CODE,
    "err_stream_premature_close": v.RESET,
    "err_stream_write_after_end": v.CODE,
    "err_string_too_long": v.CODE,
    "err_tls_cert_altname_invalid": v.CERTIFICATE,
    "err_unhandled_rejection": v.UNHANDLED,
    "err_unsupported_dir_import": v.IMPORTING,
    "err_unsupported_esm_url_scheme": v.IMPORTING,
    "err_worker_out_of_memory": v.HEAP,
    "module_not_found": v.IMPORTING,
    "und_err_body_timeout": v.TIMEOUT,
    "und_err_connect_timeout": v.CONNECT_TIMEOUT,
    "und_err_headers_timeout": v.TIMEOUT,
    "und_err_headers_overflow": v.TOO_LARGE,
    "und_err_socket": v.RESET,
    "und_err_aborted": v.CANCELLED,
    "depth_zero_self_signed_cert": v.CERTIFICATE,
    "self_signed_cert_in_chain": v.CERTIFICATE,
    "unable_to_get_issuer_cert_locally": v.CERTIFICATE,
    "unable_to_verify_leaf_signature": v.CERTIFICATE,
    "protocol_connection_lost": v.DB_LOST,  # mysql for Node
    "protocol_sequence_timeout": v.DB_TIMEOUT,
    "er_con_count_error": v.DB_CONNECTIONS,
}

DOTNET_HTTP: dict[str, Verdict] = {
    "nameresolutionerror": v.DNS,
    "nameresolutionfailure": v.DNS,
    "connectfailure": v.REFUSED,
    "secureconnectionerror": v.TLS,
    "securechannelfailure": v.TLS,
    "trustfailure": v.CERTIFICATE,
    "responseended": v.RESET,
    "receivefailure": v.RESET,
    "sendfailure": v.RESET,
    "keepalivefailure": v.RESET,
    "invalidresponse": v.PROTOCOL,
    "httpprotocolerror": v.PROTOCOL,
    "configurationlimitexceeded": v.TOO_LARGE,
}

MACH: dict[str, Verdict] = {
    "exc_bad_access": v.CRASH,
    "exc_bad_instruction": v.CRASH,
    "exc_breakpoint": v.CRASH,
    "exc_crash": v.CRASH,
    "exc_arithmetic": v.CRASH,
    "exc_resource": v.OUT_OF_MEMORY,
    "kern_invalid_address": v.CRASH,
    "kern_protection_failure": v.CRASH,
    "sigtrap": v.CRASH,
}

BROKERS: dict[str, Verdict] = {
    # AMQP 0-9-1
    "access_refused": v.CREDENTIALS,
    "channel_error": v.CODE,
    "connection_forced": v.BROKER,
    "content_too_large": v.TOO_LARGE,
    "frame_error": v.PROTOCOL,
    "no_route": v.RESOURCE_MISSING,
    "not_allowed": v.SETTING,
    "precondition_failed": v.CONFLICT,
    "resource_error": v.BROKER,
    "resource_locked": v.CONFLICT,
    "unexpected_frame": v.CODE,
    # Kafka
    "broker_not_available": v.BROKER,
    "coordinator_load_in_progress": v.BROKER,
    "coordinator_not_available": v.BROKER,
    "corrupt_message": v.CORRUPTION,
    "fenced_instance_id": v.CONSUMER,
    "group_authorization_failed": v.FORBIDDEN,
    "illegal_generation": v.CONSUMER,
    "invalid_producer_epoch": v.CONFLICT,
    "kafka_storage_error": v.DISK_ERROR,
    "message_too_large": v.TOO_LARGE,
    "msg_size_too_large": v.TOO_LARGE,
    "not_coordinator": v.BROKER,
    "not_enough_replicas": v.BROKER,
    "not_enough_replicas_after_append": v.BROKER,
    "offset_out_of_range": v.CONSUMER,
    "rebalance_in_progress": v.CONSUMER,
    "record_list_too_large": v.TOO_LARGE,
    "replica_not_available": v.BROKER,
    "sasl_authentication_failed": v.CREDENTIALS,
    "topic_authorization_failed": v.FORBIDDEN,
    "unknown_member_id": v.CONSUMER,
    "unknown_topic_or_part": v.RESOURCE_MISSING,
    "unknown_topic_or_partition": v.RESOURCE_MISSING,
    # librdkafka
    "_all_brokers_down": v.BROKER,
    "_authentication": v.CREDENTIALS,
    "_max_poll_exceeded": v.CONSUMER,
    "_msg_timed_out": v.BROKER,
    "_queue_full": v.OVERLOAD,
    "_resolve": v.DNS,
    "_ssl": v.TLS,
    "_transport": v.BROKER,
    "_unknown_partition": v.RESOURCE_MISSING,
    "_unknown_topic": v.RESOURCE_MISSING,
}

CLICKHOUSE: dict[str, Verdict] = {
    "all_connection_tries_failed": v.DB_UNREACHABLE,
    "authentication_failed": v.DB_LOGIN,
    "checksum_doesnt_match": v.DATABASE_CORRUPTION,
    "cannot_parse_input_assertion_failed": v.DB_DATA,
    "keeper_exception": v.QUORUM,
    "memory_limit_exceeded": v.DB_LOAD,
    "no_such_column_in_table": v.DB_SCHEMA,
    "not_enough_space": v.DISK_FULL,
    "query_was_cancelled": v.STATEMENT_CANCELLED,
    "readonly": v.DB_READ_ONLY,
    "replica_is_not_in_quorum": v.DB_REPLICATION,
    "table_is_read_only": v.DB_READ_ONLY,
    "timeout_exceeded": v.DB_SLOW,
    "too_many_parts": v.DB_LOAD,
    "too_many_simultaneous_queries": v.DB_LOAD,
    "type_mismatch": v.DB_DATA,
    "unknown_database": v.DB_SCHEMA,
    "unknown_identifier": v.DB_SCHEMA,
    "unknown_table": v.DB_SCHEMA,
    "too_few_live_replicas": v.DB_REPLICATION,
}

ELASTICSEARCH: dict[str, Verdict] = {
    "circuit_breaking_exception": v.DB_LOAD,
    "cluster_block_exception": v.DB_READ_ONLY,
    "document_missing_exception": v.NOT_FOUND,
    "document_parsing_exception": v.DB_DATA,
    "es_rejected_execution_exception": v.DB_LOAD,
    "index_closed_exception": v.DB_SCHEMA,
    "index_not_found_exception": v.DB_SCHEMA,
    "invalid_index_name_exception": v.DB_STATEMENT,
    "mapper_parsing_exception": v.DB_DATA,
    "master_not_discovered_exception": v.QUORUM,
    "no_shard_available_action_exception": v.DB_UNAVAILABLE,
    "parsing_exception": v.DB_STATEMENT,
    "process_cluster_event_timeout_exception": v.DB_TIMEOUT,
    "query_shard_exception": v.DB_STATEMENT,
    "resource_already_exists_exception": v.CONFLICT,
    "search_context_missing_exception": v.DB_USAGE,
    "search_phase_execution_exception": v.DB_INTERNAL,
    "security_exception": v.DB_RIGHTS,
    "snapshot_restore_exception": v.DB_INTERNAL,
    "strict_dynamic_mapping_exception": v.DB_DATA,
    "too_many_scroll_contexts_exception": v.DB_USAGE,
    "unavailable_shards_exception": v.DB_UNAVAILABLE,
    "version_conflict_engine_exception": v.CONFLICT,
    "x_content_parse_exception": v.DB_STATEMENT,
}

CAPITALS: dict[str, Verdict] = (
    CHROMIUM | NSS | HTTP2 | REDIS | PRISMA | NODE | MACH | BROKERS | CLICKHOUSE
)
"""By the word in lower case; counted only where the text has all of it in capitals."""

CURL: dict[int, Verdict] = {
    3: v.VALIDATION,
    5: v.DNS,
    6: v.DNS,
    7: v.REFUSED,
    16: v.PROTOCOL,
    18: v.PROTOCOL,
    23: v.DISK_ERROR,
    28: v.TIMEOUT,
    35: v.TLS,
    47: v.SETTING,
    51: v.CERTIFICATE,
    52: v.RESET,
    55: v.RESET,
    56: v.RESET,
    58: v.CERTIFICATE,
    60: v.CERTIFICATE,
    67: v.CREDENTIALS,
    77: v.CERTIFICATE,
    92: v.PROTOCOL,
}

NSURL: dict[int, Verdict] = {
    999: v.CLIENT_GONE,
    1000: v.VALIDATION,
    1001: v.TIMEOUT,
    1003: v.DNS,
    1004: v.REFUSED,
    1005: v.RESET,
    1006: v.DNS,
    1007: v.SETTING,
    1009: v.DEVICE_OFFLINE,
    1011: v.UPSTREAM_ERROR,
    1013: v.CREDENTIALS,
    1017: v.PROTOCOL,
    1018: v.DEVICE_OFFLINE,
    1020: v.DEVICE_OFFLINE,
    1200: v.TLS,
    1201: v.CERTIFICATE_EXPIRED,
    1202: v.CERTIFICATE,
    1203: v.CERTIFICATE,
    1204: v.CERTIFICATE,
    1205: v.CERTIFICATE,
}
"""By the number without its sign."""

WINDOWS: dict[str, Verdict] = {
    "0x80004003": v.NULL,
    "0x80004005": v.UNHANDLED,
    "0x8badf00d": v.FROZEN,  # Apple's watchdog
    "0x80070002": v.FILE_MISSING,
    "0x80070003": v.FILE_MISSING,
    "0x80070005": v.FILE_ACCESS,
    "0x8007000b": v.DEPENDENCY_VERSION,
    "0x8007000e": v.OUT_OF_MEMORY,
    "0x80070020": v.CONFLICT,
    "0x80070070": v.DISK_FULL,
    "0x80070079": v.TIMEOUT,
    "0x80072ee2": v.TIMEOUT,
    "0x80072ee7": v.DNS,
    "0x80072efd": v.CONNECT_TIMEOUT,
    "0x80090325": v.CERTIFICATE,
    "0x80090326": v.TLS,
    "0x800b0109": v.CERTIFICATE,
    "0x80131040": v.IMPORTING,
    "0x80131509": v.CODE,
    "0xc0000005": v.CRASH,
    "0xc0000017": v.OUT_OF_MEMORY,
    "0xc000007b": v.DEPENDENCY_VERSION,
    "0xc00000fd": v.RECURSION,
    "0xc0000135": v.DEPENDENCY_VERSION,
    "0xc0000374": v.CRASH,
    "0xc0000409": v.CRASH,
    "0xe0434352": v.UNHANDLED,
}

MAIL_SUBJECTS: dict[str, Verdict] = {
    "1": v.RECIPIENT,  # address
    "2": v.RECIPIENT,  # mailbox
    "3": v.UNAVAILABLE,  # the other mail system
    "4": v.UNAVAILABLE,  # network and routing
    "5": v.PROTOCOL,  # mail protocol
    "6": v.ENCODING,  # content
    "7": v.MAIL_POLICY,  # security or policy
}
"""RFC 3463: the second number of `5.7.26`."""
