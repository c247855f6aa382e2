import { expect, it } from "vitest";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { JOB_POINTS } from "./job-points.ts";
import { STATEMENT_NAMES } from "./points.ts";

/** Only ever written together with something that a transaction is named after. */
const PARTS = ["fingerprint", "hold", "release", "snapshot"];

it("every write is one that some job is killed at", () => {
  const points = JOB_NAMES.flatMap((job) => Object.values(JOB_POINTS[job]).flat());
  const killedAt = new Set(points.map((point) => point.slice(0, point.lastIndexOf("."))));
  expect(STATEMENT_NAMES.filter((name) => !killedAt.has(name)).sort()).toEqual(PARTS);
});
