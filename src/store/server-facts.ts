import { type Db, select } from "./db.ts";

/** What a server says of itself, as this session sees it. */
export interface ServerFacts {
  /** As `VERSION()` has it: `10.11.6-MariaDB`, `8.0.11-TiDB-v7.5.1`, `8.4.3`. */
  readonly version: string;
  /** The account we are, as the server knows it: `ipass@%`. */
  readonly account: string;
  /** By name in lower case; those this server has. */
  readonly variables: ReadonlyMap<string, string>;
  /** Nodes of the Galera cluster this server belongs to; 0: none. */
  readonly galeraNodes: number;
  /** How far the database's clock is ahead of this host's, in ms: between these two. */
  readonly ahead: Span;
}

/** Bounds of something that cannot be measured to the point. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const VARIABLES = [
  "autocommit",
  "aurora_version",
  "group_replication_group_name",
  "group_replication_single_primary_mode",
  "innodb_read_only",
  "max_allowed_packet",
  "read_only",
  "sql_mode",
  "super_read_only",
  "tidb_restricted_read_only",
  "tidb_super_read_only",
  "wait_timeout",
  "wsrep_on",
];

/** By statements that any account may run on MySQL, MariaDB and TiDB. */
export async function readServerFacts(db: Db): Promise<ServerFacts> {
  const [session] = await select<{ version: string; account: string }>(db, "SELECT VERSION() AS version, CURRENT_USER() AS account");
  const variables = await select<NamedValue>(db, "SHOW VARIABLES WHERE Variable_name IN (?)", [VARIABLES]);
  const [galera] = await select<NamedValue>(db, "SHOW STATUS LIKE 'wsrep_cluster_size'");
  return {
    version: session?.version ?? "",
    account: session?.account ?? "",
    variables: new Map(variables.map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value])),
    galeraNodes: Number(galera?.Value ?? 0),
    ahead: await clockAhead(db),
  };
}

interface NamedValue {
  readonly Variable_name: string;
  readonly Value: string;
}

/** The server's clock was read at some moment between asking and answering. */
async function clockAhead(db: Db): Promise<Span> {
  const asked = Date.now();
  const [clock] = await select<{ now: Date }>(db, "SELECT UTC_TIMESTAMP(3) AS now");
  const answered = Date.now();
  const now = clock?.now.getTime() ?? Number.NaN;
  return { from: now - answered, to: now - asked };
}

/** What came back of a moment, and what the session takes for now. */
export interface TimeRoundTrip {
  readonly sent: Date;
  readonly back: Date | null;
  /** Of the session: what CURRENT_TIMESTAMP, the default of our columns, goes by. */
  readonly zone: string;
  /** How far CURRENT_TIMESTAMP is ahead of UTC, in ms. */
  readonly defaultAheadMs: number;
}

export async function readTimeRoundTrip(db: Db): Promise<TimeRoundTrip> {
  const sent = new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789));
  const [row] = await select<{ back: Date | null; zone: string; ahead: string | number }>(
    db,
    "SELECT CAST(? AS DATETIME(3)) AS back, @@session.time_zone AS zone, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CURRENT_TIMESTAMP()) AS ahead",
    [sent],
  );
  return { sent, back: row?.back ?? null, zone: row?.zone ?? "", defaultAheadMs: Number(row?.ahead ?? Number.NaN) * 1000 };
}
