import type { GateUnderTest } from './gate.states.js';
import { describeTakes } from './gate.takes.contract.js';
import { describeUpkeep } from './gate.upkeep.contract.js';

/** What every gate must do; `make` is called once, and its gate disposed of by the caller. */
export function itBehavesLikeAGate(make: () => GateUnderTest): void {
  let made: GateUnderTest | undefined;
  const under = () => (made ??= make());
  describeTakes(under);
  describeUpkeep(under);
}
