/** An input that nothing can be made from. The message is for the person. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}
