import { systemClock } from '../src/clock.js';
import { makeHttpProvider, type HttpProviderOptions } from '../src/provider/http.js';
import { silentLog } from './world/log.js';

describe('makeHttpProvider, misconfigured', () => {
  const GOOD: HttpProviderOptions = {
    name: 'studio',
    url: 'https://studio.example.com',
    key: 'key',
    callbackSecret: null,
    callbackUrl: null,
    outputOrigins: [],
    pollMs: 2_000,
    clock: systemClock,
    log: silentLog,
  };
  const SHORT_SECRET = `whsec_${Buffer.alloc(16).toString('base64')}`;

  it.each([
    ['a url that is none', { url: 'studio' }, 'its url must be'],
    ['another protocol', { url: 'ftp://studio.example.com' }, 'its url must be'],
    ['a user name', { url: 'https://me@studio.example.com' }, 'its url must be'],
    ['a query', { url: 'https://studio.example.com/?a=1' }, 'before any ?'],
    ['plain http to the world', { url: 'http://studio.example.com' }, 'https://'],
    ['plain http to a public address', { url: 'http://203.0.113.9' }, 'https://'],
    ['a key of two words', { key: 'a b' }, 'one word'],
    ['an empty key', { key: '' }, 'one word'],
    [
      'callbacks without a secret',
      { callbackUrl: 'https://gateway.example.com/callbacks/x' },
      'secret',
    ],
    ['a secret of another form', { callbackSecret: 'abc' }, 'whsec_'],
    ['a short secret', { callbackSecret: SHORT_SECRET }, 'openssl rand'],
    [
      'an output origin with a path',
      { outputOrigins: ['https://cdn.example.com/'] },
      'as https://cdn',
    ],
    ['an output origin in plain http', { outputOrigins: ['http://cdn.example.com'] }, 'https://'],
  ])('should refuse %s, in words and without secrets', (_, options, words) => {
    const make = () => makeHttpProvider({ ...GOOD, ...options });
    expect(make).toThrow(words);
    expect(make).not.toThrow(SHORT_SECRET);
  });

  it.each([
    'https://studio.example.com/v2/',
    'http://localhost:9000',
    'http://studio:9000',
    'http://10.1.2.3',
    'http://[::1]:9',
    'http://studio.default.svc.cluster.local',
  ])('should take %s', (url) => {
    expect(makeHttpProvider({ ...GOOD, url }).name).toBe('studio');
  });
});
