import { ask } from '/studio/api.js';
import { EXPORT, USAGE } from '/studio/documents.js';
import { onThisOrigin } from '/studio/media.js';
import { announce, find, make, number, units } from '/studio/page.js';
import { actionTable, dayBars, dayTable } from '/studio/usage-bars.js';

const DAYS = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The page of what was used: this month and those before, by day and by action, and everything to take along. */
export function makeUsage({ planName, onRefusal }) {
  let months = [];
  const choice = find('usage-month');

  const draw = () => {
    const month = months[Number(choice.value)];
    if (month === undefined) return;
    const { plan, limit, granted, used, held, restored, days } = month;
    const capacity = limit === null ? 'without a limit' : `of ${number(limit + granted)}`;
    const facts = [
      fact(number(used), `used ${capacity}`),
      fact(number(restored), 'given back'),
      held > 0 ? fact(number(held), 'in progress') : null,
      granted > 0 ? fact(number(granted), 'extra granted') : null,
      fact(planName(plan), 'plan'),
    ];
    find('usage-facts').replaceChildren(...facts.filter((entry) => entry !== null));
    const isEmpty = days.length === 0;
    find('usage-empty').hidden = !isEmpty;
    find('usage-days').replaceChildren(...(isEmpty ? [] : [dayBars(month)]));
    find('usage-actions').replaceChildren(...(isEmpty ? [] : [actionTable(days), dayTable(days)]));
    announce(`${units(used)} used ${capacity}, ${number(restored)} given back.`);
  };
  choice.addEventListener('change', draw);

  find('export').addEventListener('click', ({ currentTarget: button }) => {
    button.disabled = true;
    download()
      .catch(onRefusal)
      .finally(() => (button.disabled = false));
  });

  return {
    async show() {
      const chosen = choice.value;
      months = (await ask(USAGE)).usage;
      choice.replaceChildren(
        ...months.map(({ periodStart, periodEnd }, index) => {
          const words = DAYS.formatRange(new Date(periodStart), new Date(periodEnd));
          return make('option', { value: String(index) }, index === 0 ? `Now: ${words}` : words);
        }),
      );
      if (months[Number(chosen)] !== undefined && chosen !== '') choice.value = chosen;
      draw();
    },
  };
}

function fact(value, words) {
  return make('li', {}, make('b', {}, value), ` ${words}`);
}

/** The link saves a file: the page stays. */
async function download() {
  const { exportMyData } = await ask(EXPORT);
  location.assign(onThisOrigin(exportMyData.url));
}
