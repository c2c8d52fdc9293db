import { fileNameOf } from '../../src/domain/file-name.js';

const FILE = {
  action: 'image.generate',
  createdAt: Date.UTC(2026, 10, 23, 23, 59, 59, 999),
  id: '019ab3f0-7c1e-7000-8000-5d9c01e70a42',
  index: 0,
  contentType: 'image/png',
};

describe('fileNameOf', () => {
  it('should say what made it, when, and which it is', () => {
    expect(fileNameOf(FILE)).toBe('image-generate-2026-11-23-01e70a42-1.png');
    expect(fileNameOf({ ...FILE, index: 7, contentType: 'audio/mpeg' })).toBe(
      'image-generate-2026-11-23-01e70a42-8.mp3',
    );
  });

  it('should tell apart what was made in the same millisecond', () => {
    const other = { ...FILE, id: '019ab3f0-7c1e-7000-8000-5d9c01e70a43' };
    expect(fileNameOf(other)).not.toBe(fileNameOf(FILE));
  });

  it('should hold nothing that a path, a header or a shell would trip over', () => {
    const odd = { ...FILE, action: '../a "b"\r\n$c/é', id: 'item_x', contentType: 'x/y' };
    expect(fileNameOf(odd)).toMatch(/^[A-Za-z0-9-]+-2026-11-23-item-x-1\.bin$/);
    const long = { ...FILE, action: 'a'.repeat(500) };
    expect(fileNameOf(long).length).toBeLessThan(120);
  });
});
