// Begins to load before the end comes into view.
const AHEAD = '600px';

/**
 * A list that is read page by page, as its end comes into view or its button `more` is pressed. `read(after)` answers a
 * connection, `show(node)` draws one of it. Answers that come after a new start are dropped.
 */
export function makeEndlessList({ more, empty, isEmpty, read, show, onRefusal }) {
  let round = 0;
  let endCursor = null;
  let reading = false;

  const say = () => {
    empty.hidden = reading || !isEmpty();
    more.textContent = reading ? 'Loading…' : 'Load more';
  };

  const load = async (after) => {
    const asked = round;
    const page = await read(after);
    return asked === round ? page : null;
  };

  const turn = async (after) => {
    const asked = round;
    reading = true;
    say();
    try {
      const page = await load(after);
      if (page === null) return;
      page.edges.forEach(({ node }) => show(node));
      endCursor = page.pageInfo.endCursor;
      more.hidden = !page.pageInfo.hasNextPage;
      watch();
    } finally {
      if (asked === round) {
        reading = false;
        say();
      }
    }
  };

  const goOn = () => {
    if (!reading && !more.hidden) turn(endCursor).catch(onRefusal);
  };
  const seen = new window.IntersectionObserver(([{ isIntersecting }]) => isIntersecting && goOn(), {
    rootMargin: AHEAD,
  });
  // Watched anew after every page: one that did not push the button out of view is followed by the next.
  const watch = () => {
    seen.unobserve(more);
    if (!more.hidden) seen.observe(more);
  };
  more.addEventListener('click', goOn);

  return {
    say,
    /** From the newest. */
    start() {
      round += 1;
      more.hidden = true;
      return turn(null);
    },
    /** Reads the newest page anew. False: it does not reach what `isKnown`, so something between them is missing. */
    async catchUp(isKnown) {
      const page = await load(null);
      if (page === null) return true;
      const nodes = page.edges.map(({ node }) => node);
      const reaches = !page.pageInfo.hasNextPage || nodes.some(isKnown);
      nodes.forEach(show);
      return reaches;
    },
    stop() {
      round += 1;
      reading = false;
      more.hidden = true;
      seen.disconnect();
    },
  };
}
