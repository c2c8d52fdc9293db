import { button, clock, icon, make, moment } from '/studio/page.js';
import { tilesOf } from '/studio/tiles.js';

export const STATUS_WORDS = {
  QUEUED: 'Waiting',
  RUNNING: 'Generating',
  SUCCEEDED: 'Done',
  FAILED: 'Failed',
  BLOCKED: 'Blocked',
  EXPIRED: 'Timed out',
  CANCELLED: 'Cancelled',
};

const ENTRY_WORDS = {
  HOLD: 'Taken',
  POST: 'Counted',
  RESTORE: 'Given back',
  WRITE_OFF: 'Delivered free of charge',
};

const CHARGE_ICONS = { HELD: 'held', POSTED: 'counted', RESTORED: 'back', FREE: 'free' };

export const isOpen = ({ status }) => status === 'QUEUED' || status === 'RUNNING';

/** What a card shows of a generation: equal facts, nothing to draw again (links are signed anew at every reading). */
export function factsOf({ status, charge, outputs, progress, parent, children }) {
  return JSON.stringify([
    status,
    charge.status,
    charge.entries.length,
    outputs.map(({ id }) => id),
    progress === null,
    parent?.id,
    children,
  ]);
}

/**
 * Fills `card` with one generation. `handlers` say what its buttons do. `keepTiles`: what it delivered is drawn already, and
 * may be playing.
 */
export function drawCard(card, generation, handlers, { keepTiles = false } = {}) {
  const wasOpen = card.querySelector('.ledger')?.open ?? false;
  card.dataset.status = generation.status.toLowerCase();
  card.dataset.charge = generation.charge.status.toLowerCase();
  if (!keepTiles) {
    card.replaceChildren(
      tilesOf(generation, isOpen(generation), handlers),
      make('div', { class: 'card-body' }),
    );
  }
  card.lastElementChild.replaceChildren(
    ...[
      heading(generation),
      promptOf(generation),
      relatives(generation, handlers),
      failure(generation),
      chargeLine(generation),
      buttons(generation, handlers),
      ledger(generation, wasOpen),
    ].filter((part) => part !== null),
  );
}

function heading({ action, status, createdAt }) {
  return make(
    'div',
    { class: 'card-head' },
    make('h3', {}, action.name),
    make('span', { class: 'chip' }, STATUS_WORDS[status] ?? status),
    moment(createdAt),
  );
}

function promptOf({ prompt, action }) {
  if (!prompt && !action.metered) return null;
  return make('p', { class: 'prompt', title: prompt ?? '' }, prompt || 'No prompt');
}

/** Where it came from, and what came of it. */
function relatives({ parent, children }, { onParent, onChildren }) {
  const { edges, pageInfo } = children;
  const count = `${edges.length}${pageInfo.hasNextPage ? '+' : ''}`;
  const lines = [
    parent && link(`Refined from ${parent.prompt ? `“${parent.prompt}”` : 'another'}`, onParent),
    edges.length > 0 && link(`Refined into ${count} more`, onChildren),
  ].filter(Boolean);
  return lines.length === 0 ? null : make('div', { class: 'relatives' }, lines);
}

const link = (words, onclick) => button(words, { kind: 'relative', icon: 'branch', onclick });

function failure({ failure: why }) {
  return why === null || why.code === 'CANCELLED'
    ? null
    : make('p', { class: 'failure' }, why.message);
}

function chargeLine({ charge, restoreBy }) {
  const by = charge.status === 'HELD' ? ` By ${clock(restoreBy)} at the latest.` : '';
  return make(
    'p',
    { class: 'charge' },
    icon(CHARGE_ICONS[charge.status] ?? 'free'),
    make('span', {}, `${charge.explanation}${by}`),
  );
}

function buttons(generation, handlers) {
  const main = isOpen(generation)
    ? button('Cancel', { icon: 'close', onclick: handlers.onCancel })
    : goOn(generation, handlers);
  return make(
    'div',
    { class: 'card-buttons' },
    main,
    button('Delete', { icon: 'bin', bare: true, onclick: handlers.onDelete }),
  );
}

/** How one goes on from an ended generation, as far as one can. */
function goOn({ action, status, outputs }, { onRefine, onRetry, onUse, onUseText }) {
  if (status !== 'SUCCEEDED') {
    return action.metered ? button('Try again', { icon: 'reuse', onclick: onRetry }) : null;
  }
  const [output] = outputs;
  const use = action.kind === 'prompt' ? onUseText : onUse;
  return [
    action.metered ? button('Refine', { icon: 'branch', onclick: onRefine }) : null,
    // Of several, one is opened first.
    outputs.length === 1
      ? button('Use', { icon: 'plus', title: 'Use as input', onclick: () => use(output) })
      : null,
  ];
}

function ledger({ charge }, open) {
  if (charge.entries.length === 0) return null;
  const lines = charge.entries.map(({ kind, units: count, reason, at }) =>
    make(
      'li',
      {},
      make('b', {}, ENTRY_WORDS[kind] ?? kind),
      ` ${count} · `,
      moment(at),
      reason ? make('span', { class: 'reason' }, reason) : null,
    ),
  );
  return make(
    'details',
    { class: 'ledger', open },
    make('summary', {}, 'How it was counted'),
    make('ol', {}, lines),
  );
}
