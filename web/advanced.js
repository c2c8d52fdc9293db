import { find } from '/studio/page.js';

/** The part of the form that makes the built-in sketch provider misbehave: `settings.sketch`. */
export function readSketch() {
  const sketch = {};
  if (find('outcome').value !== 'succeed') sketch.outcome = find('outcome').value;
  if (find('delay').value !== '') sketch.delayMs = Math.round(Number(find('delay').value) * 1000);
  if (find('seed').value !== '') sketch.seed = Number(find('seed').value);
  return sketch;
}

/** Shows what an earlier generation asked of it. */
export function showSketch({ outcome = 'succeed', delayMs, seed } = {}) {
  find('outcome').value = outcome;
  find('delay').value = delayMs === undefined ? '' : delayMs / 1000;
  find('seed').value = seed ?? '';
  const isUsual = outcome === 'succeed' && delayMs === undefined && seed === undefined;
  find('advanced').open = !isUsual;
}
