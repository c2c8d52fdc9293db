import { workspaceName } from '../../src/domain/workspace-name.js';

describe('workspaceName', () => {
  it.each([
    'Autumn campaign',
    'a',
    'Herbst – «Grün» & 100 %',
    '秋のキャンペーン',
    'می‌خواهم', // With a zero-width non-joiner, as Persian is written.
    '👩‍👩‍👧 family',
    '🏴󠁧󠁢󠁳󠁣󠁴󠁿', // Scotland's flag: tags.
    'x'.repeat(100),
    '👍'.repeat(100),
  ])('should take %j as it is', (name) => {
    expect(workspaceName(name)).toBe(name);
  });

  it('should drop the space around it', () => {
    expect(workspaceName('  Autumn\n')).toBe('Autumn');
    expect(workspaceName(` ${'x'.repeat(100)} `)).toHaveLength(100);
  });

  it.each([
    '',
    ' ',
    'x'.repeat(101),
    '👍'.repeat(101),
    'two\nlines',
    'tab\there',
    'nul\u0000',
    'line\u2028separator',
    '\u202Egnp.exe', // Reads from right to left.
    '\u200B', // Zero-width space alone.
    '\u200D\u200C',
    '\u0301', // An accent without a letter.
    'half \uD83D',
  ])('should refuse %j', (name) => {
    expect(workspaceName(name)).toBeNull();
  });
});
