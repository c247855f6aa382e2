-- ipass 0003: a page far down the list of a million orders begins near, not at the first of them.
-- May be run by hand, on MariaDB any number of times; on MySQL and TiDB, which know no IF NOT EXISTS here, once. `ipass migrate` adopts it.

ALTER TABLE order_count ADD COLUMN /*M! IF NOT EXISTS */ marks MEDIUMTEXT NULL COMMENT 'JSON: of the orders counted, in order of id, the id of every 10,000th';
