import { make, number } from '/studio/page.js';

const DAY_MS = 86_400_000;

/** A column for each day of the month: what counted, and on top what was given back. */
export function dayBars({ periodStart, periodEnd, days }) {
  const sums = new Map(days.map(({ date, actions }) => [date, sumOf(actions)]));
  const dates = [...new Set([...datesBetween(periodStart, periodEnd), ...sums.keys()])].sort();
  const most = Math.max(1, ...[...sums.values()].map(({ units, restored }) => units + restored));
  const columns = dates.map((date) => column(date, sums.get(date) ?? NOTHING, most));
  return make(
    'figure',
    {
      class: 'days',
      role: 'img',
      'aria-label': `At most ${number(most)} in a day. In numbers: see Day by day.`,
    },
    make('div', { class: 'columns' }, columns),
    make('div', { class: 'axis', 'aria-hidden': 'true' }, [
      make('span', {}, inWords(dates[0])),
      make('span', {}, inWords(dates.at(-1))),
    ]),
    make('div', { class: 'keys', 'aria-hidden': 'true' }, [
      make('span', { class: 'key' }, 'Counted'),
      make('span', { class: 'key back' }, 'Given back'),
      make('span', {}, `At most ${number(most)} in a day`),
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
  const byAction = new Map();
  for (const use of days.flatMap(({ actions }) => actions)) {
    const { name } = use.action;
    byAction.set(name, [...(byAction.get(name) ?? []), use]);
  }
  const rows = [...byAction]
    .map(([name, uses]) => ({ name, ...sumOf(uses) }))
    .sort((one, other) => other.units - one.units || other.generations - one.generations);
  const most = Math.max(1, ...rows.map(({ units }) => units));
  const body = rows.map(({ name, ...sums }) =>
    row([make('span', {}, name), bar(sums.units / most)], sums),
  );
  return table('By action', [make('tbody', {}, body)]);
}

/** The same in numbers, day by day, the latest first. */
export function dayTable(days) {
  const bodies = days.map(({ date, actions }) => {
    const day = make('th', { scope: 'rowgroup', colSpan: 4, class: 'day' }, inWords(date));
    const rows = actions.map(({ action, ...sums }) => row([action.name], sums));
    return make('tbody', {}, make('tr', {}, day), rows);
  });
  return make('details', {}, make('summary', {}, 'Day by day'), table('Day by day', bodies));
}

function table(caption, bodies) {
  const heads = ['Action', 'Pressed', 'Counted', 'Given back'];
  const cells = heads.map((words) => make('th', { scope: 'col' }, words));
  return make(
    'table',
    { class: 'used' },
    make('caption', { class: 'sr' }, caption),
    make('thead', {}, make('tr', {}, cells)),
    bodies,
  );
}

function row(name, { generations, units, restored }) {
  const cells = [generations, units, restored].map((count) => make('td', {}, number(count)));
  return make('tr', {}, make('th', { scope: 'row' }, name), cells);
}

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
