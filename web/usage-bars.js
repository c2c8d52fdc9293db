import { make, number } from '/studio/page.js';

const DAY_MS = 86_400_000;

/** A column for each day of the month: what counted, and on top what was given back. */
export function dayBars({ periodStart, periodEnd, days }) {
  const sums = new Map(days.map(({ date, actions }) => [date, sumOf(actions)]));
  const dates = [...new Set([...datesBetween(periodStart, periodEnd), ...sums.keys()])].sort();
  const most = Math.max(1, ...[...sums.values()].map(({ units, restored }) => units + restored));
  const columns = dates.map((date) => column(date, sums.get(date) ?? NOTHING, most));
  const busiest = [...sums].map(([date, { units }]) => `${inWords(date)}: ${units}`).join(', ');
  return make(
    'figure',
    { class: 'days', role: 'img', 'aria-label': `Counted by day. ${busiest}.` },
    make('div', { class: 'columns' }, columns),
    make('div', { class: 'axis', 'aria-hidden': 'true' }, [
      make('span', {}, inWords(dates[0])),
      make('span', {}, `most in a day: ${number(most)}`),
      make('span', {}, inWords(dates.at(-1))),
    ]),
  );
}

const NOTHING = { generations: 0, units: 0, restored: 0 };

function column(date, { units, restored }, most) {
  const words = `${inWords(date)}: ${number(units)} counted, ${number(restored)} given back`;
  return make('span', { class: 'column', title: words }, [
    piece('back', restored / most),
    piece('counted', units / most),
  ]);
}

function piece(kind, share) {
  const element = make('span', { class: `part ${kind}` });
  element.style.height = `${100 * share}%`;
  return element;
}

/** What was done, the most first, with a bar for what counted. */
export function actionTable(days) {
  const byAction = Map.groupBy(
    days.flatMap(({ actions }) => actions),
    ({ action }) => action.name,
  );
  const rows = [...byAction]
    .map(([name, uses]) => ({ name, ...sumOf(uses) }))
    .sort((one, other) => other.units - one.units || other.generations - one.generations);
  const most = Math.max(1, ...rows.map(({ units }) => units));
  return make('table', { class: 'actions-used' }, [
    make('caption', { class: 'sr' }, 'By action'),
    make('thead', {}, make('tr', {}, HEADS.map(headCell))),
    make('tbody', {}, rows.map(row(most))),
  ]);
}

const HEADS = ['Action', 'Pressed', 'Counted', 'Given back'];
const headCell = (words) => make('th', { scope: 'col' }, words);

const row =
  (most) =>
  ({ name, generations, units, restored }) =>
    make('tr', {}, [
      make('th', { scope: 'row' }, make('span', {}, name), bar(units / most)),
      make('td', {}, number(generations)),
      make('td', {}, number(units)),
      make('td', {}, number(restored)),
    ]);

function bar(share) {
  const element = make('span', { class: 'length' });
  element.style.width = `${100 * share}%`;
  return element;
}

function sumOf(uses) {
  return uses.reduce(
    (sum, { generations, units, restored }) => ({
      generations: sum.generations + generations,
      units: sum.units + units,
      restored: sum.restored + restored,
    }),
    NOTHING,
  );
}

/** As the gateway writes days. Its time zone may be another: days with use are added to these. */
function datesBetween(start, end) {
  const first = Date.parse(start);
  const count = Math.round((Date.parse(end) - first) / DAY_MS);
  return Array.from({ length: count }, (_, index) =>
    new Date(first + index * DAY_MS).toISOString().slice(0, 10),
  );
}

const SHORT_DAY = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});
const inWords = (date) => SHORT_DAY.format(new Date(`${date}T00:00:00Z`));
