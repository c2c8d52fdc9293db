import { ask } from '/studio/api.js';
import { CHANGE_PLAN, PREVIEW } from '/studio/documents.js';
import { away, day, find, make, number, units } from '/studio/page.js';

/** The moment nothing is left: when it comes back, and what an upgrade gives right now. */
export function makeLimitPanel({ onUpgraded, onRefusal }) {
  const panel = find('limit');

  const upgrade = async (plan, button) => {
    button.disabled = true;
    try {
      const { changePlan: quota } = await ask(CHANGE_PLAN, { input: { plan: plan.id } });
      panel.hidden = true;
      onUpgraded(quota);
    } catch (refusal) {
      onRefusal(refusal);
    } finally {
      button.disabled = false;
    }
  };

  const offer = (plan, preview) => {
    const button = make('button', { type: 'button', class: 'primary' }, `Upgrade to ${plan.name}`);
    button.addEventListener('click', () => void upgrade(plan, button));
    const monthly = plan.unlimited ? 'Unlimited generations' : `${units(plan.limit)} a month`;
    return make(
      'li',
      { class: 'offer' },
      make(
        'div',
        { class: 'offer-words' },
        make('h3', {}, plan.name),
        make('p', {}, monthly),
        gain(preview),
      ),
      button,
    );
  };

  return {
    async show({ resetsAt, upgrades }) {
      find('limit-reset').replaceChildren(
        'New generations arrive on ',
        make('time', { dateTime: resetsAt }, day(resetsAt)),
        make('span', { class: 'away' }, `, ${away(resetsAt)}.`),
        upgrades.length > 0 ? ' Or go on right now:' : '',
      );
      find('limit-offers').replaceChildren(...upgrades.map((plan) => offer(plan, null)));
      panel.hidden = false;
      panel.focus();
      const previews = await Promise.all(upgrades.map(previewOf));
      find('limit-offers').replaceChildren(
        ...upgrades.map((plan, index) => offer(plan, previews[index])),
      );
    },
    hide() {
      panel.hidden = true;
    },
  };
}

function gain(preview) {
  if (preview === null) return null;
  const words = preview.unlimited
    ? 'Nothing to count any more'
    : `${number(preview.remaining)} left right away, until ${day(preview.resetsAt)}`;
  return make('p', { class: 'gain' }, words);
}

/** Null where it cannot be told: the offer stands without it. */
async function previewOf(plan) {
  try {
    return (await ask(PREVIEW, { plan: plan.id })).upgradePreview;
  } catch {
    return null;
  }
}
