-- ipass 0001: state of each order, watermarks, the queue for people, raw snapshots, and ipass's own records.
-- Plain SQL that MySQL 8, MariaDB 10.6+ and TiDB all run; may be run by hand (`mysql db < 0001_init.sql`), `ipass migrate` adopts it.
-- All times are UTC. Ids are text compared byte by byte: vendors' ids exceed 2^53 and differ by case.

CREATE TABLE IF NOT EXISTS sync_order_state (
  dsco_order_id VARCHAR(64) NOT NULL,
  po_number VARCHAR(255) NULL,
  dsco_status VARCHAR(32) NOT NULL DEFAULT '',
  cancel_requested TINYINT NOT NULL DEFAULT 0 COMMENT '0 no, 1 asked by the retailer, 2 asked but a person let the order go on',
  cancel_applied TINYINT NOT NULL DEFAULT 0 COMMENT '1: the cancel rule has dealt with dsco_status = cancelled',
  acknowledge_by_date DATETIME(3) NULL,
  ship_by_date DATETIME(3) NULL,
  platform_order_no VARCHAR(255) NULL COMMENT 'number under which the order stands in Lingxing, fixed at the first claim',
  store_id VARCHAR(64) NULL,
  lingxing_global_order_no VARCHAR(64) NULL,
  fingerprint VARCHAR(1024) NULL COMMENT 'short hash per field of what was pushed',
  shipped_tracking_no VARCHAR(1024) NULL,
  dsco_invoice_id VARCHAR(128) NULL,

  push_status TINYINT NOT NULL DEFAULT 0 COMMENT '0 waiting, 1 done, 2 failed, 3 manual, 4 not needed, 9 in flight',
  push_at DATETIME(3) NULL COMMENT 'when the status last changed',
  push_sent_at DATETIME(3) NULL COMMENT 'when a request last left; never cleared',
  push_run_id BIGINT UNSIGNED NULL,
  push_request_id VARCHAR(128) NULL,
  push_retry_count INT NOT NULL DEFAULT 0,
  push_doubts INT NOT NULL DEFAULT 0 COMMENT 'times its answer was lost since it last got through',
  push_error VARCHAR(1000) NULL,
  push_hold VARCHAR(32) NULL COMMENT 'why it is 3, or 4 by the cancel rule',
  push_waits_for VARCHAR(255) NULL COMMENT 'what is not there yet; waiting is no failure',
  push_next_attempt_at DATETIME(3) NULL COMMENT 'NULL: due now',

  ack_status TINYINT NOT NULL DEFAULT 0,
  ack_at DATETIME(3) NULL,
  ack_sent_at DATETIME(3) NULL,
  ack_run_id BIGINT UNSIGNED NULL,
  ack_request_id VARCHAR(128) NULL,
  ack_retry_count INT NOT NULL DEFAULT 0,
  ack_doubts INT NOT NULL DEFAULT 0,
  ack_error VARCHAR(1000) NULL,
  ack_hold VARCHAR(32) NULL,
  ack_waits_for VARCHAR(255) NULL,
  ack_next_attempt_at DATETIME(3) NULL,

  ship_status TINYINT NOT NULL DEFAULT 0,
  ship_at DATETIME(3) NULL,
  ship_sent_at DATETIME(3) NULL,
  ship_run_id BIGINT UNSIGNED NULL,
  ship_request_id VARCHAR(128) NULL,
  ship_retry_count INT NOT NULL DEFAULT 0,
  ship_doubts INT NOT NULL DEFAULT 0,
  ship_error VARCHAR(1000) NULL,
  ship_hold VARCHAR(32) NULL,
  ship_waits_for VARCHAR(255) NULL,
  ship_next_attempt_at DATETIME(3) NULL,

  invoice_status TINYINT NOT NULL DEFAULT 0,
  invoice_at DATETIME(3) NULL,
  invoice_sent_at DATETIME(3) NULL,
  invoice_run_id BIGINT UNSIGNED NULL,
  invoice_request_id VARCHAR(128) NULL,
  invoice_retry_count INT NOT NULL DEFAULT 0,
  invoice_doubts INT NOT NULL DEFAULT 0,
  invoice_error VARCHAR(1000) NULL,
  invoice_hold VARCHAR(32) NULL,
  invoice_waits_for VARCHAR(255) NULL,
  invoice_next_attempt_at DATETIME(3) NULL,

  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (dsco_order_id),
  UNIQUE KEY one_order_per_number (store_id, platform_order_no),
  KEY by_global_order_no (lingxing_global_order_no),
  KEY push_due (push_status, push_next_attempt_at),
  KEY ack_due (ack_status, push_status, ack_next_attempt_at),
  KEY ship_due (ship_status, ack_status, ship_next_attempt_at),
  KEY invoice_due (invoice_status, ship_status, invoice_next_attempt_at),
  KEY cancel_rule (cancel_applied, dsco_status),
  KEY cancel_asked (cancel_requested)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS dsco_order_raw (
  dsco_order_id VARCHAR(64) NOT NULL COMMENT 'for an order without an id: noid: and a hash of its text',
  payload LONGTEXT NOT NULL COMMENT 'as DSCO sent it, to the letter',
  payload_hash CHAR(64) NOT NULL,
  dsco_last_update DATETIME(3) NULL,
  fetched_at DATETIME(3) NOT NULL,
  PRIMARY KEY (dsco_order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS job_watermark (
  job_name VARCHAR(64) NOT NULL,
  watermark TEXT NOT NULL,
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (job_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS manual_task (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  task_type VARCHAR(32) NOT NULL,
  dsco_order_id VARCHAR(64) NULL,
  stage VARCHAR(16) NULL,
  status TINYINT NOT NULL DEFAULT 0 COMMENT '0 open, 1 in work, 2 resolved, 3 ignored',
  payload TEXT NOT NULL,
  fingerprint CHAR(64) NOT NULL COMMENT 'one task per cause: type, order, stage, cause',
  occurrences INT NOT NULL DEFAULT 1,
  next_step VARCHAR(1000) NOT NULL,
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  resolved_by VARCHAR(128) NULL,
  reason VARCHAR(1000) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY one_task_per_cause (fingerprint),
  KEY by_status (status, task_type),
  KEY by_order (dsco_order_id, stage, status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS job_run (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind VARCHAR(16) NOT NULL DEFAULT 'pass' COMMENT 'pass, or watermark_set by a person',
  job_name VARCHAR(64) NOT NULL,
  trace_id VARCHAR(64) NOT NULL,
  host VARCHAR(255) NOT NULL,
  pid INT UNSIGNED NOT NULL,
  actor VARCHAR(128) NULL,
  dry_run TINYINT NOT NULL DEFAULT 0,
  started_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NULL,
  exit_code SMALLINT NULL,
  exit_name VARCHAR(32) NULL COMMENT 'died: killed, closed by the next run',
  items_read INT NOT NULL DEFAULT 0,
  items_done INT NOT NULL DEFAULT 0,
  items_waiting INT NOT NULL DEFAULT 0,
  items_failed INT NOT NULL DEFAULT 0,
  items_manual INT NOT NULL DEFAULT 0,
  items_skipped INT NOT NULL DEFAULT 0,
  error VARCHAR(1000) NULL,
  watermark_before TEXT NULL,
  watermark_after TEXT NULL,
  slice_sec INT UNSIGNED NULL COMMENT 'pull: length of window that worked, halved when a scroll expires',
  PRIMARY KEY (id),
  KEY by_job (job_name, kind, id),
  KEY by_outcome (job_name, exit_code, id),
  KEY still_open (job_name, ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS order_event (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  dsco_order_id VARCHAR(64) NOT NULL,
  at DATETIME(3) NOT NULL,
  job_run_id BIGINT UNSIGNED NULL,
  trace_id VARCHAR(64) NOT NULL,
  stage VARCHAR(16) NULL,
  event VARCHAR(64) NOT NULL,
  request_id VARCHAR(128) NULL,
  detail TEXT NULL,
  actor VARCHAR(128) NULL,
  PRIMARY KEY (id),
  KEY by_order (dsco_order_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stock_level (
  dsco_sku VARCHAR(128) NOT NULL,
  warehouse_code VARCHAR(128) NOT NULL,
  status TINYINT NOT NULL COMMENT '0 what DSCO has is not known: to be sent, 1 confirmed, 2 refused, 9 in flight',
  confirmed_quantity INT NULL COMMENT 'what DSCO last confirmed',
  confirmed_at DATETIME(3) NULL,
  sent_quantity INT NOT NULL,
  sent_at DATETIME(3) NOT NULL,
  run_id BIGINT UNSIGNED NOT NULL COMMENT 'the run that sent it, or took it over in flight',
  request_id VARCHAR(128) NULL,
  doubted TINYINT NOT NULL DEFAULT 0 COMMENT '1: an answer about it never came since DSCO last confirmed it',
  retry_count INT NOT NULL DEFAULT 0 COMMENT 'refusals since the last success',
  error VARCHAR(1000) NULL,
  next_attempt_at DATETIME(3) NULL,
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (dsco_sku, warehouse_code),
  KEY in_flight (status, request_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS api_token (
  token_key VARCHAR(128) NOT NULL,
  ciphertext TEXT NOT NULL COMMENT 'encrypted with a key derived from the app secret',
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (token_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
