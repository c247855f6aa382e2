// What the crash tests did, for the line at their end and for docs/reliability.md.

/** @typedef {{ trials: number, crashes: number, points: string[], orders: number, duplicates: number, losses: number }} FileFigures what one test file has done */
/** @typedef {Omit<FileFigures, "points"> & { points: number }} Figures */

/**
 * @param {readonly FileFigures[]} files
 * @returns {Figures} a point that several files kill at counts once
 */
export function addUp(files) {
  const sum = (/** @type {Exclude<keyof FileFigures, "points">} */ name) => files.reduce((total, file) => total + file[name], 0);
  return {
    trials: sum("trials"),
    crashes: sum("crashes"),
    points: new Set(files.flatMap(({ points }) => points)).size,
    orders: sum("orders"),
    duplicates: sum("duplicates"),
    losses: sum("losses"),
  };
}

/** @param {Figures} figures */
export function inWords({ trials, crashes, points, orders, duplicates, losses }) {
  return `${trials} random trials, ${crashes} crashes injected at ${points} points, ${orders} orders audited: ${duplicates} duplicates, ${losses} losses`;
}
