/** The house's one-way flow: main → mode → adapters → own port → domain; main → server → graphql → app → ports → domain. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});
const PORTS =
  '^src/(gate|ledger|history|workspaces|erasure|live|provider|assets|media|audit|clock|log)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    // A resolver that stops resolving would otherwise make every other rule pass.
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      // The image installs production dependencies only.
      name: 'runs-without-dev-dependencies',
      severity: 'error',
      from: { path: '^(src/|ormconfig)' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'src-not-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    only('domain-is-the-ground', '^src/domain/', ['^src/domain/']),
    only('ports-see-domain', PORTS, [PORTS, '^src/domain/']),
    only('gate-adapters', '^src/gate/', [
      '^src/gate/',
      '^src/(gate|clock|log|redis)\\.ts$',
      '^src/domain/',
    ]),
    only('ledger-adapters', '^src/ledger/', [
      '^src/ledger/',
      '^src/(ledger|history|workspaces|erasure|audit|clock|log)\\.ts$',
      '^src/domain/',
    ]),
    only('live-adapters', '^src/live/', [
      '^src/live/',
      '^src/(live|clock|log|redis)\\.ts$',
      '^src/domain/',
    ]),
    only('provider-adapters', '^src/provider/', [
      '^src/provider/',
      '^src/(provider|clock|log)\\.ts$',
      '^src/domain/',
    ]),
    only('assets-adapters', '^src/assets/', [
      '^src/assets/',
      '^src/(assets|clock|log)\\.ts$',
      '^src/domain/',
    ]),
    only('media-adapters', '^src/media/', ['^src/media/', '^src/media\\.ts$', '^src/domain/']),
    only('app-sees-ports', '^src/app(/|\\.ts$)', ['^src/app(/|\\.ts$)', PORTS, '^src/domain/']),
    only('graphql-sees-app', '^src/graphql/', [
      '^src/graphql/',
      '^src/app(/|\\.ts$)',
      '^src/domain/',
      '^src/auth\\.ts$',
      '^src/(clock|log)\\.ts$',
    ]),
    only('server-sees-graphql', '^src/server(/|\\.ts$)', [
      '^src/server(/|\\.ts$)',
      '^src/graphql/',
      '^src/app(/|\\.ts$)',
      PORTS,
      '^src/domain/',
      '^src/(auth|links|web)\\.ts$',
    ]),
    {
      // The server is given the app, the files and the pages; it makes none of them.
      name: 'server-is-given-what-it-serves',
      severity: 'error',
      from: { path: '^src/server(/|\\.ts$)' },
      to: {
        path: '^src/(app/|(app|gate|ledger|history|workspaces|erasure|live|provider|assets|media|audit|web)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    only('pages-stand-alone', '^src/web(/|\\.ts$)', ['^src/web(/|\\.ts$)']),
    only('start-joins-the-parts', '^src/start\\.ts$', [
      '^src/(app|auth|clock|env|keys|links|log|mode|server|web)\\.ts$',
    ]),
    {
      name: 'main-is-the-top',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/(main|start|pino|report)\\.ts$' },
    },
    {
      name: 'adapters-only-in-mode',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(mode|gate|ledger|live|provider|assets|media)/' },
      to: { path: '^src/(gate|ledger|live|provider|assets|media)/' },
    },
    {
      name: 'redis-for-gate-and-live-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(gate|live)/' },
      to: { path: '^src/redis\\.ts$' },
    },
    only('redis-sees-log', '^src/redis\\.ts$', ['^src/redis\\.ts$', '^src/log\\.ts$']),
    {
      name: 'engines-only-in-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/((gate|ledger|live|mode)/|redis\\.ts$)' },
      to: { path: 'node_modules/(ioredis|typeorm|mysql2)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
