import { contentTypeOf, extensionOf } from '../../src/domain/media-type.js';

describe('media types', () => {
  it.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpg'],
    ['image/webp', 'webp'],
    ['image/svg+xml', 'svg'],
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

  it('should say nothing of what it does not know', () => {
    expect(extensionOf('model/gltf-binary')).toBe('bin');
    expect(extensionOf('constructor')).toBe('bin');
    expect(extensionOf('')).toBe('bin');
    expect(contentTypeOf('bin')).toBe('application/octet-stream');
    expect(contentTypeOf('')).toBe('application/octet-stream');
  });
});
