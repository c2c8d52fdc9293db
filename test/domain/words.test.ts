import fc from 'fast-check';
import { wordsOf } from '../../src/domain/words.js';

describe('wordsOf', () => {
  it('should answer the distinct words in their order, without punctuation', () => {
    expect(wordsOf('A fox, a red fox: jumps!')).toEqual(['a', 'fox', 'red', 'jumps']);
    expect(wordsOf("don't mix 3.14 and x2")).toEqual(["don't", 'mix', '3.14', 'and', 'x2']);
    expect(wordsOf('')).toEqual([]);
    expect(wordsOf(' …!? — ')).toEqual([]);
  });

  it('should be the same whatever the case and however it is composed', () => {
    expect(wordsOf('CAFÉ Straße')).toEqual(['café', 'straße']);
    expect(wordsOf('cafe\u0301')).toEqual(['café']);
    expect(wordsOf('ｆｕｌｌ ﬁsh')).toEqual(['full', 'fish']);
    expect(wordsOf('İstanbul')).toEqual(wordsOf('i\u0307stanbul'));
  });

  it('should tell accents apart', () => {
    expect(wordsOf('résumé')).not.toEqual(wordsOf('resume'));
  });

  it('should find words where no spaces are written', () => {
    expect(wordsOf('東京タワーの夜景')).toEqual(['東京タワー', 'の', '夜景']);
    expect(wordsOf('一只红色的猫')).toContain('红色');
    expect(wordsOf('แมวบนดวงจันทร์')).toContain('แมว');
    expect(wordsOf('고양이가 달에')).toEqual(['고양이가', '달에']);
  });

  it('should leave emoji out and keep the words around them', () => {
    expect(wordsOf('cat🐱dog 👩‍👩‍👧 ✨')).toEqual(['cat', 'dog']);
  });

  it('should keep at most 64 words of at most 64 units', () => {
    const many = Array.from({ length: 500 }, (_, n) => `word${n}`);
    expect(wordsOf(many.join(' '))).toEqual(many.slice(0, 64));
    expect(wordsOf('x'.repeat(65))).toEqual(['x'.repeat(64)]);
  });

  it('should not cut a long word through a character of two units', () => {
    const [word] = wordsOf(`x${'𝒳𐐨'.repeat(200)}`);
    expect(word!.length).toBeLessThanOrEqual(64);
    expect(word).not.toMatch(/\p{Cs}/u);
  });

  it('should be quick with the largest text and the most it can be made of', () => {
    const from = performance.now();
    // One unit of this becomes 18: segmented whole, it takes more than a minute.
    expect(wordsOf('\uFDFA'.repeat(1_000_000)).length).toBeGreaterThan(0);
    for (const one of ['a ', '東', 'ก', 'x']) wordsOf(one.repeat(1_000_000));
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('should answer whole characters in their plain form, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toMatch(/\p{Cs}/u);
          expect(word.length).toBeLessThanOrEqual(64);
          expect(word).toBe(word.normalize('NFKC').toLowerCase().normalize('NFKC'));
        }
      }),
    );
  });
});
