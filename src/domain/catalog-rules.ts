import { z } from 'zod';

/** An error that no entry has by itself, only beside the others. */
export interface Contradiction {
  path: (string | number)[];
  message: string;
}

// Whatever is well-formed of a catalogue, whatever else is wrong with it: so that these errors are named together with
// those of form. What is missing or malformed reads as undefined here and is reported there.
const text = z.string().optional().catch(undefined);
const instant = z
  .string()
  .transform((value) => Date.parse(value))
  .refine((ms) => !Number.isNaN(ms))
  .optional()
  .catch(undefined);
const dated = z.object({ id: text, effectiveFrom: instant }).catch({});
const sketch = z
  .object({
    plans: z
      .array(z.object({ id: text, versions: z.array(dated).catch([]) }).catch({ versions: [] }))
      .catch([]),
    actions: z.array(z.object({ id: text }).catch({})).catch([]),
    rules: z
      .array(
        z
          .object({
            id: text,
            effectiveFrom: instant,
            costs: z.record(z.string(), z.unknown()).catch({}),
          })
          .catch({ costs: {} }),
      )
      .catch([]),
  })
  .catch({ plans: [], actions: [], rules: [] });

type Entry = z.infer<typeof dated>;

/** Everything in a catalogue file that contradicts something else in it; works on files that are malformed, too. */
export function contradictions(json: unknown): Contradiction[] {
  const { plans, actions, rules } = sketch.parse(json);
  return [
    ...repeated(plans, ['plans']),
    ...repeated(actions, ['actions']),
    ...repeated(rules, ['rules']),
    ...plans.flatMap((plan, index) => unordered(plan.versions, ['plans', index, 'versions'])),
    ...unordered(rules, ['rules']),
    ...unruled(
      plans.flatMap((plan) => plan.versions),
      rules,
    ),
    ...rules.flatMap((rule, index) =>
      Object.keys(rule.costs)
        .filter((id) => !actions.some((action) => action.id === id))
        .map((id) => ({
          path: ['rules', index, 'costs', id],
          message: 'there is no action of that id',
        })),
    ),
  ];
}

function repeated(entries: readonly Entry[], path: Contradiction['path']): Contradiction[] {
  return entries.flatMap(({ id }, index) => {
    const first = entries.findIndex((entry) => entry.id === id);
    if (id === undefined || first === index) return [];
    return [{ path: [...path, index, 'id'], message: `"${id}" is taken by entry ${first}` }];
  });
}

function unordered(entries: readonly Entry[], path: Contradiction['path']): Contradiction[] {
  return entries.flatMap(({ effectiveFrom }, index) => {
    const before = entries[index - 1]?.effectiveFrom;
    if (effectiveFrom === undefined || before === undefined || before < effectiveFrom) return [];
    return [
      {
        path: [...path, index, 'effectiveFrom'],
        message: 'must be later than the one before it: list the oldest first, each date once',
      },
    ];
  });
}

/** Nothing can be counted while no rule is in force: the first one begins with the first plan version, or before it. */
function unruled(versions: readonly Entry[], rules: readonly Entry[]): Contradiction[] {
  const earliest = (entries: readonly Entry[]) =>
    Math.min(...entries.map((entry) => entry.effectiveFrom ?? Infinity));
  const [firstVersion, firstRule] = [earliest(versions), earliest(rules)];
  if (firstRule === Infinity || firstRule <= firstVersion) return [];
  return [
    {
      path: ['rules', 0, 'effectiveFrom'],
      message: `must not be later than the first plan version, ${new Date(firstVersion).toISOString()}`,
    },
  ];
}
