import { clock, icon, make, moment, units } from '/studio/page.js';

const STATUS_WORDS = {
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

const BACK_WORDS = {
  BLOCKED: 'blocked by moderation',
  PROVIDER_FAILED: 'it could not be made',
  TIMED_OUT: 'nothing arrived in time',
  CANCELLED: 'you cancelled it',
};

export const isOpen = ({ status }) => status === 'QUEUED' || status === 'RUNNING';

/** What a card shows of a generation: equal facts, nothing to draw again (links are signed anew at every reading). */
export function factsOf(generation) {
  const { status, charge, outputs } = generation;
  return JSON.stringify([
    status,
    charge.status,
    charge.entries.length,
    outputs.map(({ id }) => id),
  ]);
}

/** Fills `card` with one generation. `expected`: outputs asked for, where this page knows. */
export function drawCard(card, generation, { expected = 1, onCancel, onReuse, onStale }) {
  card.dataset.status = generation.status.toLowerCase();
  card.dataset.charge = generation.charge.status.toLowerCase();
  card.replaceChildren(
    pictures(generation, expected, onStale),
    make('div', { class: 'card-body' }, [
      heading(generation),
      make(
        'p',
        { class: 'prompt', title: generation.prompt ?? '' },
        generation.prompt ?? 'No prompt',
      ),
      failure(generation),
      chargeLine(generation),
      buttons(generation, { onCancel, onReuse }),
      ledger(generation),
    ]),
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

function pictures(generation, expected, onStale) {
  if (generation.outputs.length > 0) {
    const shown = generation.outputs.map((output, index) =>
      picture(generation, output, index, onStale),
    );
    return make('div', { class: `pictures n${Math.min(shown.length, 4)}` }, shown);
  }
  if (!isOpen(generation)) {
    return make('div', { class: 'pictures nothing', 'aria-hidden': 'true' }, icon('nothing'));
  }
  const waiting = Array.from({ length: expected }, () => make('div', { class: 'tile waiting' }));
  return make(
    'div',
    { class: `pictures n${Math.min(expected, 4)}`, 'aria-hidden': 'true' },
    waiting,
  );
}

function picture(generation, output, index, onStale) {
  const source = onThisOrigin(output.url);
  const name = `${generation.action.name}, picture ${index + 1} of ${generation.outputs.length}`;
  const extension = output.contentType.split('/')[1].split(/[+;]/)[0];
  const file = `${generation.action.id}-${generation.id.slice(-8)}-${index + 1}.${extension}`;
  return make(
    'figure',
    { class: 'tile' },
    media(output, source, `${name}: ${generation.prompt ?? 'no prompt'}`, onStale),
    make(
      'a',
      { class: 'download', href: source, download: file, 'aria-label': `Download ${name}` },
      icon('download'),
    ),
  );
}

function media({ contentType, width, height }, source, alt, onStale) {
  const kind = contentType.split('/')[0];
  const element =
    kind === 'video' || kind === 'audio'
      ? make(kind, { src: source, controls: true, preload: 'metadata', 'aria-label': alt })
      : make('img', { src: source, alt, decoding: 'async', loading: 'lazy' });
  if (kind === 'image' && width !== null) Object.assign(element, { width, height });
  // Links expire; a fresh reading carries fresh ones.
  element.addEventListener('error', onStale, { once: true });
  return element;
}

/** The gateway that serves this page serves its outputs: take them from here, whatever name it knows itself by. */
function onThisOrigin(url) {
  const { pathname, search } = new window.URL(url, location.href);
  return pathname + search;
}

function failure({ failure: why }) {
  return why === null || why.code === 'CANCELLED'
    ? null
    : make('p', { class: 'failure' }, why.message);
}

function chargeLine({ charge, failure: why, restoreBy }) {
  const line = (name, text) => make('p', { class: 'charge' }, icon(name), make('span', {}, text));
  const counted = units(charge.units);
  switch (charge.status) {
    case 'HELD': {
      const otherwise = `given back by ${clock(restoreBy)} otherwise.`;
      return line('held', `Holding ${counted}: counted when delivered, ${otherwise}`);
    }
    case 'RESTORED':
      return line('back', `Gave you ${charge.units} back${because(charge.entries, why)}`);
    case 'POSTED':
      return line('counted', `Counted as ${counted}`);
    default:
      return line('free', 'Free');
  }
}

/** Why a unit came back. A known failure in a few words; anything else, such as Support's decision, as the ledger has it. */
function because(entries, why) {
  const reason = entries.findLast(({ kind }) => kind === 'RESTORE')?.reason;
  const words = BACK_WORDS[why?.code] ?? reason;
  const late = entries.some(({ kind }) => kind === 'WRITE_OFF');
  return `${words ? `: ${words}` : ''}${late ? '. It arrived after all: yours, free.' : ''}`;
}

function buttons(generation, { onCancel, onReuse }) {
  const parts = [];
  if (isOpen(generation)) {
    parts.push(
      make(
        'button',
        { type: 'button', class: 'quiet', onclick: onCancel },
        icon('close'),
        'Cancel',
      ),
    );
  } else {
    const words = generation.status === 'SUCCEEDED' ? 'Use again' : 'Try again';
    parts.push(
      make('button', { type: 'button', class: 'quiet', onclick: onReuse }, icon('reuse'), words),
    );
  }
  return make('div', { class: 'card-buttons' }, parts);
}

function ledger({ charge }) {
  if (charge.entries.length === 0) return null;
  const lines = charge.entries.map(({ kind, units: count, reason, at }) =>
    make(
      'li',
      {},
      make('b', {}, ENTRY_WORDS[kind] ?? kind),
      ` ${Math.abs(count)} · `,
      moment(at),
      reason ? make('span', { class: 'reason' }, reason) : null,
    ),
  );
  return make(
    'details',
    { class: 'ledger' },
    make('summary', {}, 'How it was counted'),
    make('ol', {}, lines),
  );
}
