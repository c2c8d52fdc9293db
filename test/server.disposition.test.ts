import { dispositionOf } from '../src/server/disposition.js';

describe('dispositionOf', () => {
  it.each([
    ['a.png', 'inline; filename="a.png"'],
    ['a "b" 50%.png', `inline; filename="a _b_ 50_.png"; filename*=UTF-8''a%20%22b%22%2050%25.png`],
    ["é'(1)*.png", `inline; filename="_'(1)*.png"; filename*=UTF-8''%C3%A9%27%281%29%2A.png`],
    ['../a\\b\r\nx: y.png', 'inline; filename=".._a_b__x: y.png"'],
    ['\ud800\0.png', 'inline; filename="__.png"'],
  ])('should name %j safely', (name, disposition) => {
    expect(dispositionOf('inline', name)).toBe(disposition);
  });

  it('should have a file saved', () => {
    expect(dispositionOf('attachment', 'a.zip')).toBe('attachment; filename="a.zip"');
  });
});
