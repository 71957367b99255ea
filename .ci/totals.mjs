// Prints `N passed, N failed` from the results that vitest wrote. Plain JavaScript: any Node runs it.
import { readFileSync } from 'node:fs';

/** A file that does not load has no tests to fail: it counts as one. */
const broken = ({ status, assertionResults }) =>
  status === 'failed' && assertionResults.every((test) => test.status !== 'failed');

try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  const failed = numFailedTests + testResults.filter(broken).length;
  console.log(`${numPassedTests} passed, ${failed} failed`);
  process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1;
} catch (error) {
  console.log(`The tests did not come to an end: ${error.message}`);
  process.exitCode = 1;
}
