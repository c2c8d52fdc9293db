// JavaScript on purpose: a TypeScript configuration makes Jest ask for ts-node on Node 20.
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
          },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // Private MariaDB and Redis for the whole run; each test file makes its own database.
  globalSetup: '<rootDir>/test/engines/setup.js',
  globalTeardown: '<rootDir>/test/engines/teardown.js',
  reporters: ['default', '<rootDir>/test/reporter.js'],
  // All cores: tests wait for engines and processes more than they compute. (Jest leaves one to itself otherwise.)
  maxWorkers: '100%',
  // Real processes and engines start inside tests; a hung one must fail, not stall the run.
  testTimeout: 30_000,
};
