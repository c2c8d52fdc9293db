import type { Readable } from 'node:stream';
import { fileNameOf } from '../domain/file-name.js';
import type { Generation, LedgerEntry, Output } from '../domain/generation.js';
import type { Membership } from '../workspaces.js';
import type { Core } from './core.js';

/** One file of an archive. A stream is opened when its turn comes; null: the file is gone. */
export interface ArchiveEntry {
  name: string;
  content: Buffer | (() => Promise<Readable | null>);
}

const PAGE = 100;

/**
 * Everything kept about an account, as the files of an archive: its subscription, periods, generations with what they cost, its
 * workspaces, and every file of them. Read page by page, so that a long history costs no more memory than a short one.
 */
export async function* archiveOf(core: Core, account: string): AsyncGenerator<ArchiveEntry> {
  yield { name: 'README.txt', content: Buffer.from(README) };
  yield json('account.json', {
    account,
    exportedAt: isoOf(core.clock.now()),
    subscription: await core.ledger.subscription(account),
    periods: await core.history.periods(account, PAGE, null),
  });
  yield* generations(core, account);
  yield* workspaces(core, account);
}

async function* generations(core: Core, account: string): AsyncGenerator<ArchiveEntry> {
  let before: string | null = null;
  for (let page = 1; ; page += 1) {
    const found: Generation[] = await core.history.list(account, PAGE, before, {});
    if (found.length === 0) return;
    const ids = found.map(({ id }) => id);
    const entries = await core.ledger.entries(account, ids);
    const name = `generations/${String(page).padStart(5, '0')}.json`;
    yield json(
      name,
      found.map((generation) => recordOf(generation, entries)),
    );
    for (const generation of found) yield* filesOf(core, generation);
    before = ids.at(-1) ?? null;
  }
}

function* filesOf(core: Core, generation: Generation): Generator<ArchiveEntry> {
  for (const [index, output] of generation.outputs.entries()) {
    yield {
      name: `files/${nameOf(generation, output, index)}`,
      content: () => opened(core, output.key),
    };
  }
}

async function* workspaces(core: Core, account: string): AsyncGenerator<ArchiveEntry> {
  let before: string | null = null;
  for (;;) {
    const page = await core.workspaces.list(account, PAGE, before);
    for (const membership of page) yield* workspaceOf(core, account, membership);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    before = last.workspace.id;
  }
}

/** All of one's own workspace; of somebody else's what the account saved there, and that it can use it. */
async function* workspaceOf(
  core: Core,
  account: string,
  { workspace, access }: Membership,
): AsyncGenerator<ArchiveEntry> {
  const { id, owner, name, createdAt } = workspace;
  const isOwner = access === 'OWNER';
  const members = isOwner ? await core.workspaces.members(owner, id) : [];
  yield json(`workspaces/${id}/workspace.json`, {
    ...{ id, name, owner, access, createdAt: isoOf(createdAt) },
    ...(isOwner && { members: members.map((member) => [member.account, member.access]) }),
  });
  let before: string | null = null;
  for (let page = 1; ; page += 1) {
    const all = await core.workspaces.items(owner, id, PAGE, before);
    if (all.length === 0) return;
    before = all.at(-1)?.id ?? null;
    const items = isOwner ? all : all.filter(({ savedBy }) => savedBy === account);
    yield json(
      `workspaces/${id}/items-${String(page).padStart(5, '0')}.json`,
      items.map((item) => ({
        ...{ id: item.id, kind: item.kind, source: item.source, savedBy: item.savedBy },
        ...factsOf(item),
        savedAt: isoOf(item.savedAt),
        file: fileIn(item.id, item.key),
      })),
    );
    for (const { id: itemId, key } of items) {
      yield { name: `workspaces/${id}/${fileIn(itemId, key)}`, content: () => opened(core, key) };
    }
  }
}

function fileIn(itemId: string, key: string): string {
  return `${itemId}${key.slice(key.lastIndexOf('.'))}`;
}

function recordOf(generation: Generation, entries: readonly LedgerEntry[]): object {
  const { id, requestId, action, prompt, settings, inputs, outputCount, parent } = generation;
  const { status, charge, units, rule, provider, failure, createdAt, finishedAt } = generation;
  return {
    ...{ id, requestId, action, prompt, settings, inputs, outputCount, parent },
    ...{ status, charge, units, rule, provider, failure },
    createdAt: isoOf(createdAt),
    finishedAt: finishedAt === null ? null : isoOf(finishedAt),
    outputs: generation.outputs.map((output, index) => ({
      ...factsOf(output),
      file: `files/${nameOf(generation, output, index)}`,
    })),
    entries: entries
      .filter(({ subject }) => subject === id)
      .map(({ kind, reason, at, ...entry }) => ({
        ...{ kind, units: entry.units, reason, rule: entry.rule, at: isoOf(at) },
      })),
  };
}

function factsOf({ contentType, bytes, sha256, width, height, durationMs }: Output): object {
  return { contentType, bytes, sha256, width, height, durationMs };
}

function nameOf(generation: Generation, { contentType }: Output, index: number): string {
  const { action, createdAt, id } = generation;
  return `${id}-${fileNameOf({ action, createdAt, id, index, contentType })}`;
}

async function opened({ assets }: Core, key: string): Promise<Readable | null> {
  return (await assets.open(key))?.stream ?? null;
}

function json(name: string, value: unknown): ArchiveEntry {
  return { name, content: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

const README = `This is everything kept about your account.

account.json       your subscription and your monthly periods
generations/       what you generated, newest first, with what it cost and why
files/             the files it delivered
workspaces/        your workspaces with who shares them and the files saved in them; and those
                   others share with you, with the files you saved there

Deleted generations are not in it: of them only what was counted is kept.
`;
