import type { LockSharing } from "../../store/lock-probe.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";
import type { Flavour } from "./server.ts";

const ONE_WRITER = "lead IPASS_DB_DSN straight to one writer, past the proxy or balancer: docs/clusters.md";

/**
 * Whether a lock taken by one connection is a lock for all. Without that two runs of a job would be at work at once, and send orders twice.
 */
export function judgeLock(sharing: LockSharing, flavour: Flavour): Finding {
  const id = "database.lock";
  if (sharing.kind === "refused") {
    return fail(id, `the server gives no GET_LOCK: ${sharing.reason}`, "use a server or cluster mode that has it: docs/clusters.md");
  }
  const { holderIds, others, freeAfterwards } = sharing;
  if (holderIds.length > 1) {
    return fail(
      id,
      `one connection was two sessions of the server (${holderIds.join(", ")}): something in between shares sessions`,
      ONE_WRITER,
    );
  }
  const servers = [...new Set(others.map(({ server }) => server))];
  const took = others.filter(({ tookIt }) => tookIt).length;
  if (took > 0) {
    const where = servers.length > 1 ? `; they landed on ${servers.join(" and ")}` : "; a proxy or a second primary stands in between";
    return fail(id, `${took} of ${others.length} other connections could take a lock that one held${where}`, ONE_WRITER);
  }
  if (!freeAfterwards) return fail(id, "a lock that was given back could not be taken by another connection", ONE_WRITER);
  // TiDB knows that it is held and by whom, but tells only the holder itself.
  const strangers = others.filter(({ sawHolder }) => sawHolder === undefined || (flavour !== "tidb" && sawHolder !== holderIds[0]));
  if (strangers.length > 0) {
    return warn(
      id,
      "other connections are kept out, but see another holder than the one there is: a proxy gives sessions numbers of its own",
      ONE_WRITER,
    );
  }
  return pass(
    id,
    `keeps out ${others.length} other connections${servers.length > 1 ? ` on ${servers.length} servers` : ""}, who see its holder`,
  );
}
