-- ipass 0002: what people look at (status, search, deadlines, run history), and what is old enough to be purged, is found by index,
-- however many orders there are.
-- May be run by hand, on MariaDB any number of times; on MySQL and TiDB, which know no IF NOT EXISTS here, once. `ipass migrate` adopts it.

ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ by_statuses (push_status, ack_status, ship_status, invoice_status);
ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ by_created (created_at);
ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ by_po_number (po_number);
ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ by_platform_order_no (platform_order_no);
ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ ack_deadline (ack_status, acknowledge_by_date);
ALTER TABLE sync_order_state ADD KEY /*M! IF NOT EXISTS */ ship_deadline (ship_status, ship_by_date);

ALTER TABLE dsco_order_raw ADD KEY /*M! IF NOT EXISTS */ by_age (fetched_at);

ALTER TABLE manual_task ADD KEY /*M! IF NOT EXISTS */ by_age (status, id);

ALTER TABLE job_run ADD KEY /*M! IF NOT EXISTS */ by_start (started_at);
ALTER TABLE job_run ADD COLUMN /*M! IF NOT EXISTS */ reason VARCHAR(1000) NULL COMMENT 'why a person started it';
ALTER TABLE job_run ADD COLUMN /*M! IF NOT EXISTS */ dsco_calls INT NOT NULL DEFAULT 0;
ALTER TABLE job_run ADD COLUMN /*M! IF NOT EXISTS */ dsco_throttled INT NOT NULL DEFAULT 0 COMMENT 'of these, answered 429';
ALTER TABLE job_run ADD COLUMN /*M! IF NOT EXISTS */ lingxing_calls INT NOT NULL DEFAULT 0;
ALTER TABLE job_run ADD COLUMN /*M! IF NOT EXISTS */ lingxing_throttled INT NOT NULL DEFAULT 0 COMMENT 'of these, answered 3001008 or 429';

CREATE TABLE IF NOT EXISTS order_count (
  id TINYINT NOT NULL COMMENT 'always 1',
  counted_until DATETIME(3) NOT NULL,
  orders BIGINT UNSIGNED NOT NULL COMMENT 'orders created until then',
  counted_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
