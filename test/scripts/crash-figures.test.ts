import { expect, it } from "vitest";
import { addUp, inWords } from "../../scripts/crash-figures.mjs";

it("the files' figures are added up, each point once", () => {
  const figures = addUp([
    { trials: 0, crashes: 3, points: ["push claim.before", "push claim.after"], orders: 8, duplicates: 0, losses: 0 },
    { trials: 30, crashes: 400, points: ["push claim.after", "ack claim.after"], orders: 300, duplicates: 1, losses: 2 },
  ]);
  expect(figures).toEqual({ trials: 30, crashes: 403, points: 3, orders: 308, duplicates: 1, losses: 2 });
  expect(inWords(figures)).toBe("30 random trials, 403 crashes injected at 3 points, 308 orders audited: 1 duplicates, 2 losses");
});
