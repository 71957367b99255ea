// Names the tests that were skipped and prints `N passed, N failed`, from the results that vitest wrote. Plain JavaScript:
// any Node runs it.
import { readFileSync } from 'node:fs';

/** A file that does not load has no tests to fail: it counts as one. */
const broken = ({ status, assertionResults }) =>
  status === 'failed' && assertionResults.every((test) => test.status !== 'failed');

const skipped = ({ assertionResults }) =>
  assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed');

let passed = 0;
let failed = 0;
try {
  for (const file of process.argv.slice(2)) {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests + testResults.filter(broken).length;
    for (const { fullName } of testResults.flatMap(skipped)) console.log(`Skipped: ${fullName}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.log(`The tests did not come to an end: ${error.message}`);
  process.exitCode = 1;
}
