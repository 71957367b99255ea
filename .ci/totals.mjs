// Says why each failed test failed, names those that were skipped, and prints `N passed, N failed`, from the results
// that vitest wrote. Plain JavaScript: any Node runs it.
import { readFileSync } from 'node:fs';

/** Lines of a failure that are shown: the message and the frames of its stack that are the project's own. */
const SHOWN_LINES = 20;

const ofTheRunner = (line) => line.includes('node_modules');

const head = (text) =>
  text
    .split('\n')
    .filter((line) => !ofTheRunner(line))
    .slice(0, SHOWN_LINES)
    .join('\n  ');

/** A file that does not load has no tests to fail: it counts as one. */
const broken = ({ status, assertionResults }) =>
  status === 'failed' && assertionResults.every((test) => test.status !== 'failed');

const failures = (file) =>
  broken(file)
    ? [`${file.name}\n  ${head(file.message)}`]
    : file.assertionResults
        .filter(({ status }) => status === 'failed')
        .map((test) => `${file.name}: ${test.fullName}\n  ${head(test.failureMessages.join('\n'))}`);

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
    for (const failure of testResults.flatMap(failures)) console.log(`Failed: ${failure}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.log(`The tests did not come to an end: ${error.message}`);
  process.exitCode = 1;
}
