import { parseProvidersFile, ProvidersFileError } from '../src/mode/providers-file.js';

const SECRETS: Record<string, string> = {
  PICTURES_KEY: 'sk-pictures',
  STUDIO_KEY: 'sk-studio',
  STUDIO_CALLBACK_SECRET: 'whsec_studio',
};
const secretOf = (variable: string): string | null => SECRETS[variable] ?? null;

const pictures = {
  name: 'pictures',
  type: 'openai',
  url: 'https://pictures.example.com/v1/',
  keyEnv: 'PICTURES_KEY',
  imageModel: 'gpt-image-1',
};
const studio = {
  name: 'studio',
  type: 'http',
  url: 'https://studio.example.com',
  keyEnv: 'STUDIO_KEY',
};

function errorsOf(json: unknown, taken: string[] = []): readonly string[] {
  try {
    parseProvidersFile(json, secretOf, taken);
  } catch (error) {
    if (error instanceof ProvidersFileError) return error.errors;
    throw error;
  }
  return [];
}

describe('parseProvidersFile', () => {
  it('should read providers with their secrets in place', () => {
    const speech = { speechModel: 'gpt-4o-mini-tts', voice: 'nova' };
    const http = {
      callbackSecretEnv: 'STUDIO_CALLBACK_SECRET',
      outputOrigins: ['https://cdn.example.com'],
      pollEvery: '5s',
    };
    const json = {
      providers: [
        { ...pictures, ...speech },
        { ...studio, ...http },
      ],
    };
    expect(parseProvidersFile(json, secretOf)).toEqual([
      {
        type: 'openai',
        name: 'pictures',
        url: 'https://pictures.example.com/v1',
        key: 'sk-pictures',
        imageModel: 'gpt-image-1',
        speechModel: 'gpt-4o-mini-tts',
        voice: 'nova',
      },
      {
        type: 'http',
        name: 'studio',
        url: 'https://studio.example.com',
        key: 'sk-studio',
        callbackSecret: 'whsec_studio',
        outputOrigins: ['https://cdn.example.com'],
        pollMs: 5_000,
      },
    ]);
  });

  it('should do with little', () => {
    expect(parseProvidersFile({ providers: [pictures, studio] }, secretOf)).toMatchObject([
      { imageModel: 'gpt-image-1', speechModel: null, voice: 'alloy' },
      { callbackSecret: null, outputOrigins: [], pollMs: 2_000 },
    ]);
    expect(parseProvidersFile({ providers: [] }, secretOf)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an unknown type', { ...studio, type: 'grpc' }, 'type'],
    ['a name in capitals', { ...studio, name: 'Studio' }, 'name'],
    ['a name with a slash', { ...studio, name: 'a/b' }, 'name'],
    ['the name sketch', { ...studio, name: 'sketch' }, 'name'],
    ['the name builtin', { ...studio, name: 'builtin' }, 'name'],
    ['the name upload', { ...studio, name: 'upload' }, 'name'],
    ['a url without a scheme', { ...studio, url: 'studio.example.com' }, 'url'],
    ['a url with a password', { ...studio, url: 'https://:p@studio.example.com' }, 'url'],
    ['a url with a query', { ...studio, url: 'https://studio.example.com?a=b' }, 'url'],
    ['a variable that is not set', { ...studio, keyEnv: 'OTHER_KEY' }, 'keyEnv'],
    ['a key itself', { ...studio, keyEnv: 'sk-secret' }, 'keyEnv'],
    ['a missing key', { ...studio, keyEnv: undefined }, 'keyEnv'],
    ['a callback secret not set', { ...studio, callbackSecretEnv: 'OTHER' }, 'callbackSecretEnv'],
    ['a path for an origin', { ...studio, outputOrigins: ['https://a.b/c'] }, 'outputOrigins[0]'],
    ['a number for a duration', { ...studio, pollEvery: 2_000 }, 'pollEvery'],
    ['a pause of a minute', { ...studio, pollEvery: '1m' }, 'pollEvery'],
    ['no model', { ...pictures, imageModel: undefined }, 'imageModel'],
    ['an empty model', { ...pictures, imageModel: ' ' }, 'imageModel'],
    ['a voice without speech', { ...pictures, voice: 'nova' }, 'voice'],
  ])('should refuse %s and say where', (_, entry, place) => {
    const errors = errorsOf(JSON.parse(JSON.stringify({ providers: [entry] })));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`providers[0].${place}: `);
    expect(errors[0]).not.toContain('sk-');
  });

  it.each<[string, unknown]>([
    ['at the top', { providers: [], colour: 1 }],
    ['in an entry', { providers: [{ ...studio, colour: 1 }] }],
  ])('should refuse an unknown key %s and name it', (_, json) => {
    expect(errorsOf(json)).toEqual([expect.stringContaining('"colour"')]);
  });

  it('should refuse a name twice', () => {
    expect(errorsOf({ providers: [studio, pictures, studio] })).toEqual([
      'providers[2].name: "studio" is taken by entry 0',
    ]);
  });

  it('should refuse a name the environment has given out', () => {
    const json = { providers: [{ ...pictures, name: 'openai' }] };
    expect(errorsOf(json)).toEqual([]);
    expect(errorsOf(json, ['openai'])).toEqual([
      expect.stringMatching(/^providers\[0\]\.name: .*OPENAI_API_KEY/),
    ]);
  });

  it('should name all errors at once, those of form, of secrets and between entries', () => {
    const errors = errorsOf({
      providers: [
        { ...studio, keyEnv: 'A_KEY', pollEvery: 'soon' },
        { ...pictures, imageModel: undefined, url: 5 },
        { ...studio, callbackSecretEnv: 'B_SECRET' },
      ],
    });
    expect(errors.map((error) => error.split(': ')[0])).toEqual([
      'providers[0].keyEnv',
      'providers[0].pollEvery',
      'providers[1].url',
      'providers[2].callbackSecretEnv',
      'providers[1].imageModel',
      'providers[2].name',
    ]);
    expect(() => parseProvidersFile({ providers: [{ ...studio, url: 5 }] }, secretOf)).toThrow(
      /^It has 1 error:\n {2}providers\[0\]\.url: /,
    );
  });

  it.each([null, 5, 'providers', [], {}, { providers: {} }, { providers: [null, 'x'] }])(
    'should refuse %j as a whole',
    (json) => {
      expect(errorsOf(json).length).toBeGreaterThan(0);
    },
  );
});
