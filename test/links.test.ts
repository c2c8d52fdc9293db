import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  exportLink,
  makeLinks,
  outputLink,
  readExportLink,
  readOutputLink,
  readUploadLink,
  uploadLink,
  type Links,
  type VerifiedLink,
} from '../src/links.js';
import { makeManualClock, type ManualClock } from './world/clock.js';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 1);
const BASE = 'https://gen.example.com';
const MINUTE_MS = 60_000;

let clock: ManualClock;
let links: Links;
beforeEach(() => {
  clock = makeManualClock(NOW);
  links = makeLinks({ key: Buffer.from('a key for tests'), clock });
});

function follow(url: string, by = links): ReturnType<Links['verify']> {
  const at = url.indexOf('?');
  const path = url.slice(BASE.length, at);
  return by.verify(path, new URLSearchParams(url.slice(at + 1)));
}

describe('links', () => {
  it('should give back what was signed, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const params = fc.dictionary(
      text.filter((name) => !['expires', 'signature', '__proto__'].includes(name)),
      text,
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), params, (parts, given) => {
        const path = `/${parts.join('/')}`;
        const url = links.sign({ path, params: given }, BASE);
        expect(follow(url)).toMatchObject({ path, params: given });
      }),
    );
  });

  it('should refuse whatever was changed, added, left out or signed with another key', () => {
    const params = { name: 'a.png', download: '1' };
    const url = links.sign({ path: '/outputs/a/b.png', params }, BASE);
    const { expiresAt } = follow(url) as VerifiedLink;
    for (const changed of [
      url.replace('/a/b', '/a/c'),
      url.replace('/outputs/', '/uploads/'),
      url.replace('a.png&', 'b.png&'),
      url.replace('download=1&', ''),
      url.replace('download=1', 'download=2'),
      url.replace('download=1', 'download=1&download=1'),
      `${url}&more=1`,
      url.replace(String(expiresAt), String(expiresAt + 1)),
      url.replace(/expires=\d+&/, ''),
      url.replace(/expires=\d+/, 'expires=1e15'),
      url.replace(/signature=./, 'signature=_'),
      url.replace(/signature=.*/, 'signature='),
      url.replace(/&signature=.*/, ''),
      url.replace('/a/b', '/a/%E0%A4%A'),
    ]) {
      expect([changed, follow(changed)]).toEqual([changed, 'invalid']);
    }
    expect(follow(url, makeLinks({ key: Buffer.from('another'), clock }))).toBe('invalid');
    expect(follow(url)).toEqual({ path: '/outputs/a/b.png', params, expiresAt });
  });

  it('should not take the parts of a link for one another', () => {
    const signatureIn = (url: string): string | null => new URL(url).searchParams.get('signature');
    const signatures = [
      links.sign({ path: '/a', params: { b: 'c', d: 'e' } }, BASE),
      links.sign({ path: '/a', params: { b: 'c,d,e' } }, BASE),
      links.sign({ path: '/a', params: { b: 'c","d","e' } }, BASE),
      links.sign({ path: '/a,b,c', params: { d: 'e' } }, BASE),
    ].map(signatureIn);
    expect(new Set(signatures).size).toBe(4);
  });

  it('should read parameters in any order', () => {
    const url = links.sign({ path: '/a', params: { z: '1', a: '2' } }, BASE);
    const { pathname, searchParams } = new URL(url);
    const turned = new URLSearchParams([...searchParams].reverse());
    expect(links.verify(pathname, turned)).toMatchObject({ params: { a: '2', z: '1' } });
  });

  it('should expire in an hour or a little more', () => {
    const url = links.sign({ path: '/a' }, BASE);
    clock.advance(60 * MINUTE_MS);
    expect(follow(url)).toHaveProperty('path', '/a');
    clock.advance(6 * MINUTE_MS);
    expect(follow(url)).toBe('expired');
  });

  it('should be equal for a while, so that browsers keep what they have', () => {
    const first = links.sign({ path: '/a' }, BASE);
    clock.advance(MINUTE_MS);
    expect(links.sign({ path: '/a' }, BASE)).toBe(first);
    clock.advance(6 * MINUTE_MS);
    expect(links.sign({ path: '/a' }, BASE)).not.toBe(first);
  });

  it('should expire exactly when it is told', () => {
    const url = links.sign({ path: '/a' }, BASE, NOW + 1_234);
    expect(follow(url)).toHaveProperty('expiresAt', NOW + 1_234);
    clock.advance(1_233);
    expect(follow(url)).toHaveProperty('path');
    clock.advance(1);
    expect(follow(url)).toBe('expired');
  });
});

describe('what links open', () => {
  const target = { key: 'a1/0190/0.png', name: 'naïve "name".png', download: true };
  const id = randomUUID();

  it('should be told apart', () => {
    const opened = [
      outputLink(target),
      outputLink({ ...target, download: false }),
      uploadLink(id),
      exportLink('ada@example.com/é'),
    ].map((link) => {
      const verified = follow(links.sign(link, BASE)) as VerifiedLink;
      return [readOutputLink(verified), readUploadLink(verified), readExportLink(verified)];
    });
    expect(opened).toEqual([
      [target, null, null],
      [{ ...target, download: false }, null, null],
      [null, id, null],
      [null, null, 'ada@example.com/é'],
    ]);
  });

  it('should need a name for an output', () => {
    const url = links.sign({ path: '/outputs/a/0.png' }, BASE);
    expect(readOutputLink(follow(url) as VerifiedLink)).toBeNull();
  });

  it('should not show the account in the path of its archive', () => {
    expect(exportLink('ada@example.com').path).toMatch(/^\/exports\/[\w-]+$/);
  });
});
