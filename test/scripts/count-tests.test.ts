import { expect, it } from "vitest";
import { countTests } from "../../scripts/count-tests.mjs";

const passed = { status: "passed", assertionResults: [{ status: "passed" }] };
const failed = { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] };
const broken = { status: "failed", assertionResults: [] };

it.each([
  { name: "all passed", numPassedTests: 2, numFailedTests: 0, success: true, testResults: [passed], expected: { passed: 2, failed: 0 } },
  { name: "one failed", numPassedTests: 1, numFailedTests: 1, success: false, testResults: [failed], expected: { passed: 1, failed: 1 } },
  {
    name: "a file did not load",
    numPassedTests: 1,
    numFailedTests: 0,
    success: false,
    testResults: [passed, broken],
    expected: { passed: 1, failed: 1 },
  },
  {
    name: "an error outside any test",
    numPassedTests: 1,
    numFailedTests: 0,
    success: false,
    testResults: [passed],
    expected: { passed: 1, failed: 1 },
  },
])("$name", ({ expected, name: _, ...report }) => {
  expect(countTests(report)).toEqual(expected);
});
