// What a section of the measurements hands back: figures for its table, and beside some of them what they may be.

/** @typedef {{ name: string, value: number, unit: string, budget?: number }} Figure at most `budget`, or below it where the unit says "under" */
/** @typedef {{ title: string, about: string, columns: string[], rows: (string | number)[][], checks: Figure[] }} Section */

/** @param {Figure} figure */
export function passes({ value, budget }) {
  return budget === undefined || value <= budget;
}

/**
 * @param {number} value
 * @param {number} [digits]
 */
export function round(value, digits = 0) {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param {readonly number[]} values */
export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
