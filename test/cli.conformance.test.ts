import { endAll, genquota } from './cli/run.js';
import { KEY, startHttpProvider, type HttpStandIn } from './standins/http-provider.js';

describe('genquota conformance', () => {
  let standIn: HttpStandIn;
  beforeEach(async () => {
    standIn = await startHttpProvider();
  });
  afterEach(async () => {
    await endAll();
    await standIn.dispose();
  });

  it('should print one line a check and exit with 0 when none failed', async () => {
    const { code, stdout } = await genquota(['conformance', '--url', standIn.url, '--key', KEY]);
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 6));
    expect(verdicts.filter((verdict) => verdict === 'PASS  ')).toHaveLength(9);
    expect(verdicts.filter((verdict) => verdict === 'SKIP  ')).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('should print JSON, and exit with 1 when one failed', async () => {
    standIn.script({ outputs: 9 });
    const args = ['conformance', '--url', standIn.url, '--key', KEY, '--json'];
    const { code, stdout } = await genquota(args);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    expect(stdout).toContain('{"name":"outputs","verdict":"FAIL","says":"2 outputs were asked for');
    expect(code).toBe(1);
  });

  it('should say what is wrong with its options', async () => {
    const args = ['conformance', '--url', standIn.url, '--key', KEY, '--within', 'soon'];
    const { code, stderr } = await genquota(args);
    expect(stderr).toContain('--within: expected a duration');
    expect(code).toBe(1);
    expect(standIn.jobs.size).toBe(0);
  });
});
