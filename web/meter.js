import { away, day, find, make, number } from '/studio/page.js';

// Above this, single units are too thin to see: one continuous bar instead.
const MOST_SEGMENTS = 20;

/** Shows the account's quota; an older revision than the one on screen is ignored. */
export function makeMeter({ onQuota }) {
  let shown = null;
  return {
    reset() {
      shown = null;
    },
    show(quota) {
      if (shown !== null && window.BigInt(quota.revision) < window.BigInt(shown.revision)) return;
      shown = quota;
      draw(quota);
      onQuota(quota);
    },
  };
}

function draw(quota) {
  const capacity = quota.unlimited ? null : quota.limit + quota.granted;
  find('meter-plan').textContent = quota.plan.name;
  find('meter-left').textContent = quota.unlimited ? '∞' : number(quota.remaining);
  find('meter-of').textContent = quota.unlimited ? 'unlimited' : `of ${number(capacity)} left`;
  drawBar(quota, capacity);
  const facts = [
    quota.held > 0 ? fact('held', `${number(quota.held)} in progress`) : null,
    fact('used', `${number(quota.used - quota.held)} delivered`),
    quota.granted > 0 ? fact('granted', `${number(quota.granted)} extra granted`) : null,
  ];
  find('meter-facts').replaceChildren(...facts.filter((entry) => entry !== null));
  find('meter-reset').replaceChildren(
    quota.unlimited ? 'New month starts ' : 'Resets ',
    make(
      'time',
      { dateTime: quota.resetsAt, title: new Date(quota.resetsAt).toLocaleString() },
      day(quota.resetsAt),
    ),
    make('span', {}, away(quota.resetsAt)),
  );
  find('meter-status').textContent = inWords(quota, capacity);
}

function drawBar(quota, capacity) {
  const bar = find('meter-bar');
  bar.hidden = quota.unlimited;
  if (quota.unlimited) return;
  bar.setAttribute('aria-valuemax', String(capacity));
  bar.setAttribute('aria-valuenow', String(Math.min(quota.remaining, capacity)));
  bar.setAttribute('aria-valuetext', inWords(quota, capacity));
  const left = Math.min(quota.remaining, capacity);
  const held = Math.min(quota.held, capacity - left);
  const parts = { left, held, used: capacity - left - held };
  const pieces = Object.entries(parts).flatMap(([kind, count]) => pieceOf(kind, count, capacity));
  bar.replaceChildren(...pieces);
}

function pieceOf(kind, count, capacity) {
  if (capacity <= MOST_SEGMENTS) {
    return Array.from({ length: count }, () => make('span', { class: `piece ${kind}` }));
  }
  if (count === 0) return [];
  const piece = make('span', { class: `piece ${kind}` });
  piece.style.flexGrow = String(count);
  return [piece];
}

function fact(kind, text) {
  return make('li', { class: `fact ${kind}` }, text);
}

function inWords(quota, capacity) {
  const held = quota.held > 0 ? `, ${number(quota.held)} in progress` : '';
  if (quota.unlimited) return `Unlimited generations on ${quota.plan.name}${held}.`;
  return `${number(quota.remaining)} of ${number(capacity)} generations left${held}.`;
}
