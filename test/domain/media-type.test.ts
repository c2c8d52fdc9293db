import { contentTypeOf, extensionOf, isAccepted } from '../../src/domain/media-type.js';

describe('media types', () => {
  it.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpg'],
    ['image/webp', 'webp'],
    ['text/plain', 'txt'],
    ['video/mp4', 'mp4'],
    ['audio/mpeg', 'mp3'],
    ['application/json', 'json'],
  ])('should store %s as .%s and serve it as what it was', (contentType, extension) => {
    expect(extensionOf(contentType)).toBe(extension);
    expect(contentTypeOf(extension)).toBe(contentType);
  });

  it('should read both extensions of JPEG, and extensions in capitals', () => {
    expect(contentTypeOf('jpeg')).toBe('image/jpeg');
    expect(contentTypeOf('PNG')).toBe('image/png');
  });

  it('should look past a parameter and capitals', () => {
    expect(extensionOf('Image/PNG; charset=binary')).toBe('png');
  });

  it.each([
    ['image', 'image/webp', true],
    ['image', 'text/plain', false],
    ['video', 'image/webp', true],
    ['video', 'image/png', false],
    ['video', 'audio/wav', false],
    ['audio', 'audio/wav', true],
    ['style', 'application/json', true],
    ['frame', 'video/mp4', false],
    ['changes', 'audio/mpeg', true],
    ['prompt', 'text/plain', true],
    ['prompt', 'application/json', false],
  ] as const)('should say whether %s is made as %s: %s', (kind, contentType, answer) => {
    expect(isAccepted(kind, contentType)).toBe(answer);
  });

  it('should store nothing that a browser would run', () => {
    expect([extensionOf('image/svg+xml'), extensionOf('text/html')]).toEqual(['bin', 'bin']);
  });

  it('should say nothing of what it does not know', () => {
    expect(extensionOf('model/gltf-binary')).toBe('bin');
    expect(extensionOf('constructor')).toBe('bin');
    expect(extensionOf('')).toBe('bin');
    expect(contentTypeOf('bin')).toBe('application/octet-stream');
    expect(contentTypeOf('')).toBe('application/octet-stream');
  });
});
