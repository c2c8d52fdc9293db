import { existsSync, readFileSync } from 'node:fs';
import { servingShape, storesShape } from '../src/env/variables.js';
import { parseEnv } from '../src/env.js';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const compose = readFileSync('docker-compose.yml', 'utf8');

/** What the image sets, then what the compose file's gateway adds, with `outer` as the environment compose runs in. */
function gatewayEnvironment(outer: Record<string, string>): Record<string, string> {
  const image = [...(/^ENV (.+)$/m.exec(dockerfile)?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)];
  const gateway = /^ {2}gateway:\n(?: {4}.*\n)+/m.exec(compose)?.[0] ?? '';
  const added = [...gateway.matchAll(/^ {6}([A-Z_]+): (.*)$/gm)];
  return Object.fromEntries(
    [...image, ...added].map(([, name = '', value = '']) => [
      name,
      value.replace(
        /\$\{(\w+):[-?](.*?)\}/g,
        (_, key: string, otherwise: string) => outer[key] ?? otherwise,
      ),
    ]),
  );
}

describe('delivery', () => {
  it('should start the gateway of the compose file in service mode, on an address containers can reach', () => {
    const env = parseEnv(gatewayEnvironment({ AUTH_SECRET: 'a secret of 32 characters or so' }));

    expect(env).toMatchObject({
      mode: 'service',
      host: '0.0.0.0',
      mysqlUrl: 'mysql://genquota:genquota@mysql:3306/genquota',
      auth: { keys: { from: 'secret', secret: 'a secret of 32 characters or so' } },
    });
    expect(env.outputsUrl.startsWith(`file://${env.dataDir}/`)).toBe(true);
  });

  it('should set no variable the gateway does not know', () => {
    // Node's own: where files for a bucket wait.
    const known = [...Object.keys({ ...storesShape, ...servingShape }), 'TMPDIR'];
    const names = Object.keys(gatewayEnvironment({}));

    expect(names).toEqual(
      expect.arrayContaining(['HOST', 'MYSQL_URL', 'REDIS_URL', 'AUTH_SECRET']),
    );
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('should copy only what exists and what the build context lets through', () => {
    const context = readFileSync('.dockerignore', 'utf8').split('\n');
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, paths = '']) => paths.split(' '),
    );

    expect(sources).toContain('src');
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
    expect(sources.filter((path) => !context.includes(`!${path}`))).toEqual([]);
  });
});
