import type { ServerFacts, TimeRoundTrip } from "../../store/server-facts.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

export type Flavour = "mysql" | "mariadb" | "tidb";

interface Product {
  readonly flavour: Flavour;
  readonly name: string;
  /** Major and minor of the product itself. */
  readonly version: readonly [number, number];
  readonly shown: string;
}

/** TiDB has IS_USED_LOCK, by which a run makes sure of its lock, since 7.5 (7.1 and before: not). */
const OLDEST: Readonly<Record<Flavour, readonly [number, number]>> = { mysql: [8, 0], mariadb: [10, 6], tidb: [7, 5] };
const NAMES: Readonly<Record<Flavour, string>> = { mysql: "MySQL", mariadb: "MariaDB", tidb: "TiDB" };

/** `VERSION()` read: which product, and which of its versions. MySQL's forks that call themselves nothing count as MySQL. */
export function productOf(version: string): Product {
  const tidb = /TiDB-v?(\d+)\.(\d+)/i.exec(version);
  const flavour: Flavour = tidb !== null || /tidb/i.test(version) ? "tidb" : /mariadb/i.test(version) ? "mariadb" : "mysql";
  const [, major = "0", minor = "0"] = tidb ?? /^(\d+)\.(\d+)/.exec(version) ?? [];
  return { flavour, name: NAMES[flavour], version: [Number(major), Number(minor)], shown: `${NAMES[flavour]} (${version})` };
}

export function judgeVersion({ version }: Pick<ServerFacts, "version">): Finding {
  const id = "database.version";
  const product = productOf(version);
  const [major, minor] = OLDEST[product.flavour];
  const enough = product.version[0] > major || (product.version[0] === major && product.version[1] >= minor);
  if (enough) return pass(id, product.shown);
  return fail(
    id,
    `${product.shown} is older than ${product.name} ${major}.${minor}`,
    `upgrade it to ${product.name} ${major}.${minor} or newer, or lead IPASS_DB_DSN to such a server`,
  );
}

type Variables = ServerFacts["variables"];

/** A run pings the connection that holds its lock this often. */
const PING_SEC = 20;
const SHORT_WAIT_SEC = 60;
const USUAL_WAIT_SEC = 28_800;

export function judgeWaitTimeout(variables: Variables): Finding {
  const id = "database.wait_timeout";
  const seconds = Number(variables.get("wait_timeout"));
  const command = `SET GLOBAL wait_timeout = ${USUAL_WAIT_SEC};`;
  const text = "raise it on the server (and in its configuration file, or it is back after a restart)";
  if (Number.isNaN(seconds))
    return warn(id, "the server does not say how long it keeps an idle connection", "raise wait_timeout above 60 s");
  const found = `the server closes a connection that is idle for ${seconds} s`;
  if (seconds <= PING_SEC) {
    return fail(
      id,
      `${found}; a run says a word to the one that holds its lock only every ${PING_SEC} s, and would lose the lock`,
      text,
      command,
    );
  }
  if (seconds < SHORT_WAIT_SEC) return warn(id, `${found}, which leaves little room for a slow network`, text, command);
  return pass(id, found);
}

const MEBI = 1024 * 1024;
/** Orders are stored by some 4 MB of text at a time, which escaping may double; a single order may be longer by itself. */
const PACKET_NEEDED = 16 * MEBI;
const PACKET_LEAST = 4 * MEBI;

export function judgePacket(variables: Variables): Finding {
  const id = "database.max_allowed_packet";
  const bytes = Number(variables.get("max_allowed_packet"));
  if (Number.isNaN(bytes)) return warn(id, "the server does not say how large a statement may be", "allow 16 MiB or more");
  const found = `a statement may have ${Math.floor(bytes / MEBI)} MiB`;
  const text = "raise it on the server (and in its configuration file), or have smaller pages with IPASS_JOB_PULL_DSCO_ORDERS_BATCH_SIZE";
  const command = `SET GLOBAL max_allowed_packet = ${64 * MEBI};`;
  if (bytes >= PACKET_NEEDED) return pass(id, found);
  const what = `${found}; a pull stores orders by some 4 MB at a time, which escaping may double`;
  return bytes >= PACKET_LEAST ? warn(id, what, text, command) : fail(id, what, text, command);
}

const READ_ONLY = ["read_only", "super_read_only", "innodb_read_only", "tidb_restricted_read_only", "tidb_super_read_only"];

/** A replica, or a server that is just being failed over. An account with enough rights may write past it: onto a replica, which is worse. */
export function judgeWritable(variables: Variables): Finding {
  const id = "database.writable";
  const on = READ_ONLY.filter((name) => !["OFF", "0", ""].includes((variables.get(name) ?? "").toUpperCase()));
  if (on.length === 0) return pass(id, "the server takes writes");
  const found = `${on.join(", ")} is on: this is a replica, or a server that is being failed over`;
  // Aurora's readers are told by this one, which nobody can set.
  if (on.includes("innodb_read_only")) return fail(id, found, "lead IPASS_DB_DSN to the cluster's writer endpoint");
  return fail(
    id,
    found,
    "lead IPASS_DB_DSN to the writer; only if this is the writer, as an administrator of it",
    on.map((name) => `SET GLOBAL ${name} = OFF;`).join(" "),
  );
}

/** Modes under which what is stored is not what was sent. */
const HARMFUL_MODES: Readonly<Record<string, string>> = {
  NO_BACKSLASH_ESCAPES: "a text with a quotation mark in it would break statements, or change them",
  EMPTY_STRING_IS_NULL: "an empty text would be stored as none",
};
const STRICT_MODES = ["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"];
/** mysql2 asks for it for its own session (CLIENT_IGNORE_SPACE): no setting of the server's. */
const OF_THE_DRIVER = "IGNORE_SPACE";

export function judgeSqlMode(variables: Variables): Finding {
  const id = "database.sql_mode";
  const modes = (variables.get("sql_mode") ?? "").split(",").filter((mode) => mode !== "" && mode !== OF_THE_DRIVER);
  const kept = modes.filter((mode) => HARMFUL_MODES[mode] === undefined);
  const right = [...(kept.some((mode) => STRICT_MODES.includes(mode)) ? [] : ["STRICT_TRANS_TABLES"]), ...kept].join(",");
  const command = `SET GLOBAL sql_mode = '${right}';`;
  const text = "set it on the server (and in its configuration file)";
  const harmful = modes.filter((mode) => HARMFUL_MODES[mode] !== undefined);
  if (variables.get("autocommit")?.toUpperCase() === "OFF") {
    return fail(
      id,
      "autocommit is off: what a run writes would be undone when it ends",
      "switch it on, on the server and in its configuration file",
      "SET GLOBAL autocommit = ON;",
    );
  }
  if (harmful.length > 0) return fail(id, `${harmful.map((mode) => `${mode}: ${HARMFUL_MODES[mode]}`).join("; ")}`, text, command);
  if (right !== modes.join(",")) return warn(id, "not strict: a text that is too long would be cut without a word", text, command);
  return pass(id, "strict");
}

/** Which kind of cluster it belongs to, and whether its locks reach as far as its writes. */
export function judgeCluster({ variables, galeraNodes, version }: ServerFacts): Finding {
  const id = "database.cluster";
  const one = "lead every host of ipass to one and the same server of it: docs/clusters.md";
  if (variables.get("wsrep_on")?.toUpperCase() === "ON" || galeraNodes > 0) {
    return warn(id, `a node of a Galera cluster (${galeraNodes} nodes), which shares no GET_LOCK between its nodes`, one);
  }
  const group = variables.get("group_replication_group_name") ?? "";
  if (group !== "" && variables.get("group_replication_single_primary_mode")?.toUpperCase() === "OFF") {
    return fail(
      id,
      "Group Replication with several primaries, which share no GET_LOCK",
      "switch it to one primary, on any member",
      "SELECT group_replication_switch_to_single_primary_mode();",
    );
  }
  if (group !== "") return pass(id, "Group Replication with a single primary");
  if (variables.has("aurora_version")) return pass(id, "Aurora");
  return pass(
    id,
    productOf(version).flavour === "tidb" ? "TiDB, whose locks hold in the whole cluster" : "a single writer, as far as this server tells",
  );
}

/** Further than this apart, and two moments are not the same second. */
const SAME_MS = 1_000;

export function judgeTimeZone({ sent, back, zone, defaultAheadMs }: TimeRoundTrip): Finding {
  const id = "database.time_zone";
  const text = "let nothing between ipass and the database change or share sessions (a pool, a proxy): docs/clusters.md";
  // Not `>=`: of a session that tells nothing, no comparison is true.
  if (!(Math.abs(defaultAheadMs) < SAME_MS)) {
    return fail(id, `the session runs in ${zone}, ${defaultAheadMs / 3600_000} h off UTC, although ipass asked for +00:00`, text);
  }
  if (back?.getTime() !== sent.getTime()) {
    return fail(id, `${sent.toISOString()} came back as ${back?.toISOString() ?? "nothing"}`, text);
  }
  return pass(id, "times come back to the millisecond, and the session speaks UTC");
}
