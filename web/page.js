// Small things every part of the page uses: elements, icons, dates and numbers in the person's own words.

/** Makes an element. Properties that are no string attributes (`onclick`, `disabled`, `value`) are set as properties. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') element.className = value;
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button that says what it does; with an icon, its words may be for screen readers only (`bare`). */
export function button(words, { icon: name, bare = false, kind = 'quiet', ...properties } = {}) {
  const label = bare ? { 'aria-label': words, title: words } : {};
  const picture = name === undefined ? null : icon(name);
  return make(
    'button',
    { type: 'button', class: bare ? `${kind} bare` : kind, ...label, ...properties },
    picture,
    bare ? null : words,
  );
}

export const find = (id) => document.getElementById(id);

/** Says something to screen readers; the eye sees it elsewhere. */
export function announce(text) {
  find('announcer').textContent = text;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const NUMBER = new Intl.NumberFormat();
const SECONDS = new Intl.NumberFormat(undefined, {
  style: 'unit',
  unit: 'second',
  maximumFractionDigits: 1,
});
const AWAY = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const day = (instant) => DAY.format(new Date(instant));
export const clock = (instant) => TIME.format(new Date(instant));
export const number = (value) => NUMBER.format(value);
export const seconds = (durationMs) => SECONDS.format(durationMs / 1000);

/** "in 12 days", "tomorrow", "in 3 hours". */
export function away(instant) {
  const hours = (new Date(instant) - Date.now()) / 3_600_000;
  if (Math.abs(hours) < 1) return AWAY.format(Math.round(hours * 60), 'minute');
  return Math.abs(hours) < 24
    ? AWAY.format(Math.round(hours), 'hour')
    : AWAY.format(Math.round(hours / 24), 'day');
}

/** A moment of the past: its time today, its date and time before. */
export function moment(instant) {
  const at = new Date(instant);
  const text = at.toDateString() === new Date().toDateString() ? TIME.format(at) : SHORT.format(at);
  return make('time', { dateTime: at.toISOString(), title: SHORT.format(at) }, text);
}

export const units = (count) => `${number(count)} ${count === 1 ? 'generation' : 'generations'}`;

/** A new id for one press. `randomUUID` exists in secure contexts only; on plain http the same is made by hand. */
export function newRequestId() {
  if (crypto.randomUUID !== undefined) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `studio-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
