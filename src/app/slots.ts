/** How many things one process does at once (dispatches, say), and how many of them may be of one account. */
export interface Slots {
  /** Takes a slot for the account; false: none is free for it. */
  take(account: string): boolean;
  giveBack(account: string): void;
  free(): number;
  /** Accounts that have as many as one account may. */
  full(): string[];
}

// An account that presses a hundred times, each hanging until its deadline, leaves three quarters to everybody else.
const SHARE_OF_ONE_ACCOUNT = 4;

export function makeSlots(count: number): Slots {
  const ofOneAccount = Math.ceil(count / SHARE_OF_ONE_ACCOUNT);
  const taken = new Map<string, number>();
  let free = count;
  return {
    take(account) {
      const its = taken.get(account) ?? 0;
      if (free === 0 || its >= ofOneAccount) return false;
      taken.set(account, its + 1);
      free -= 1;
      return true;
    },
    giveBack(account) {
      const left = (taken.get(account) ?? 1) - 1;
      if (left > 0) taken.set(account, left);
      else taken.delete(account);
      free += 1;
    },
    free: () => free,
    full: () => [...taken].filter(([, its]) => its >= ofOneAccount).map(([account]) => account),
  };
}
