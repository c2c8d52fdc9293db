import { askUntilKnown } from '/studio/api.js';
import { GENERATE, REFINE } from '/studio/documents.js';
import { clearNotice, notice } from '/studio/notice.js';
import * as session from '/studio/session.js';

/**
 * One press of the button: one request id, sent until its answer is known, also after a reload, so that it never counts
 * twice. `onPressed` takes the answer.
 */
export function makePress({ composer, onPressed, onRefusal }) {
  const press = async (input) => {
    session.keepPending(input);
    composer.busy(true);
    clearNotice();
    try {
      const document = input.generation === undefined ? GENERATE : REFINE;
      const { pressed } = await askUntilKnown(document, { input }, ({ message }) => {
        notice(
          `${message} Trying again by itself: this press is counted once, however often it is sent.`,
        );
      });
      session.forgetPending();
      clearNotice();
      onPressed(pressed);
    } catch (refusal) {
      if (refusal.retryable) {
        offerToFinish(
          input,
          `${refusal.message} Your press is kept; finishing it never counts twice.`,
        );
      } else {
        session.forgetPending();
        onRefusal(refusal);
      }
    } finally {
      composer.busy(false);
    }
  };

  const offerToFinish = (input, message) => {
    notice(message, {
      tone: 'bad',
      actions: [
        { words: 'Finish it', run: () => void press(input) },
        { words: 'Drop it', run: session.forgetPending },
      ],
    });
  };

  return {
    press,
    /** Offers to finish what was pressed before a reload. */
    finish() {
      const pending = session.pendingPress();
      if (pending !== null) offerToFinish(pending, 'Your last press may not have arrived.');
    },
  };
}
