// Turns vitest's JSON report into one line for CI: `N passed, N failed`.
//   node scripts/count-tests.mjs <report.json> <failed steps>
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {boolean} success
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * A test file that did not even load has no failed test, and an unhandled error belongs to none: both count as one failure each.
 * @param {VitestReport} report
 * @returns {{ passed: number, failed: number }}
 */
export function countTests({ numPassedTests, numFailedTests, success, testResults }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed: failed === 0 && !success ? 1 : failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [reportFile = "", failedSteps = "0"] = process.argv.slice(2);
  const { passed, failed } = existsSync(reportFile) ? countTests(JSON.parse(readFileSync(reportFile, "utf8"))) : { passed: 0, failed: 0 };
  console.log(`${passed} passed, ${failed + Number(failedSteps)} failed`);
}
