import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Fault } from '../../src/domain/fault.js';
import type { GenerationContent, Json } from '../../src/domain/generation.js';
import { canonicalJson, contentHash, requestKey } from '../../src/domain/request.js';

const DIGEST = /^[A-Za-z0-9_-]{43}$/;

const json = fc.jsonValue() as fc.Arbitrary<Json>;

const content: GenerationContent = {
  action: 'image.generate',
  prompt: 'a fox',
  settings: { style: { ink: true, lines: 3 }, seed: 7 },
  inputs: ['a', 'b'],
  outputCount: 1,
};

function reversed(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(reversed);
  const members = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const);
  return Object.fromEntries(members.reverse());
}

describe('canonicalJson', () => {
  it('should sort keys at every depth and keep the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }, 'x'], a: true })).toBe(
      '{"a":true,"b":[{"c":null,"d":1},"x"]}',
    );
  });

  it('should mean the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('should not depend on the order keys came in', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('should be the same text exactly for the same value', () => {
    const pair = fc.oneof(
      fc.tuple(json, json),
      json.map((value): [Json, Json] => [value, reversed(value)]),
      json.map((value): [Json, Json] => [value, [value]]),
    );
    fc.assert(
      fc.property(pair, ([one, other]) => {
        // JSON has no negative zero.
        const [sent, again] = [one, other].map(
          (value) => JSON.parse(JSON.stringify(value)) as Json,
        );
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(sent, again));
      }),
      { numRuns: 500 },
    );
  });

  it('should keep a key called __proto__', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"b":2}') as Json;
    expect(canonicalJson(value)).toBe('{"__proto__":{"a":1},"b":2}');
  });

  it('should refuse what is nested beyond 64 levels, and not fall over what is nested without end', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as Json;
    expect(canonicalJson(nested(64))).toBe('['.repeat(64) + ']'.repeat(64));
    for (const depth of [65, 100_000]) {
      expect(() => canonicalJson(nested(depth))).toThrow(Fault);
    }
  });
});

describe('contentHash', () => {
  it('should be 43 URL-safe characters', () => {
    expect(contentHash(content)).toMatch(DIGEST);
  });

  it('should be the same for the same content, whatever the order of its settings', () => {
    const settings = { seed: 7, style: { lines: 3, ink: true } };
    expect(contentHash({ ...content, settings })).toBe(contentHash(content));
  });

  it('should not look at anything but the content', () => {
    const more = { ...content, requestId: 'r-1', id: 'g-1', account: 'ada' };
    expect(contentHash(more)).toBe(contentHash(content));
  });

  it.each<[string, Partial<GenerationContent>]>([
    ['action', { action: 'image.edit' }],
    ['prompt', { prompt: 'a fox ' }],
    ['absent prompt', { prompt: null }],
    ['settings', { settings: { ...content.settings, seed: 8 } }],
    ['absent settings', { settings: null }],
    ['number for a text', { settings: { ...content.settings, seed: '7' } }],
    ['order of inputs', { inputs: ['b', 'a'] }],
    ['joined inputs', { inputs: ['a,b'] }],
    ['output count', { outputCount: 2 }],
  ])('should differ with another %s', (_, change) => {
    expect(contentHash({ ...content, ...change })).not.toBe(contentHash(content));
  });

  it('should tell an absent prompt from an empty one', () => {
    expect(contentHash({ ...content, prompt: '' })).not.toBe(
      contentHash({ ...content, prompt: null }),
    );
  });

  it('should not change between releases: stored hashes are compared with new ones', () => {
    expect(
      contentHash({
        action: 'image.generate',
        prompt: null,
        settings: null,
        inputs: [],
        outputCount: 1,
      }),
    ).toBe('FIZ8MkagICJNI8TnoqGaunf2_5YuWByavfl9ShRrhLE');
  });
});

describe('requestKey', () => {
  it('should be 43 URL-safe characters whatever was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (requestId) => {
        expect(requestKey(requestId)).toMatch(DIGEST);
      }),
    );
  });

  it('should tell ids apart that databases might not', () => {
    const ids = ['a', 'A', 'á', 'a ', ' a', '0', '00', ''];
    expect(new Set(ids.map(requestKey)).size).toBe(ids.length);
  });

  it('should be sha256 in base64url', () => {
    expect(requestKey('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});
