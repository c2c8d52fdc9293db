import process from 'node:process';

/** Ends a test run with one plain line, `N passed, N failed`, for people and programs that read only the end of a log. */
export default class TallyReporter {
  onRunComplete(_contexts, results) {
    // A test file that could not even be loaded has no tests to count, and is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest's own summary comes after every custom reporter.
    process.once('exit', () =>
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`),
    );
  }
}
