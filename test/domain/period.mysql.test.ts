import { createConnection } from 'mysql2/promise';
import { periodOf } from '../../src/domain/period.js';
import { freshMysqlUrl } from '../engines/index.js';

interface Answer {
  anchor: string;
  k: number;
  at: string;
}

// Every day of a leap year and of the next, with a time of day that must survive.
const ANCHORS = Array.from({ length: 366 + 365 }, (_, day) =>
  sqlTime(Date.UTC(2024, 0, 1 + day, day % 24, day % 60, (day * 7) % 60, day)),
);

function sqlTime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}

describe('periods of UTC anchors, beside the database’s own DATE_ADD', () => {
  it('should begin where the database says, for every day of two years and 50 years of months', async () => {
    const connection = await createConnection({
      uri: await freshMysqlUrl(),
      timezone: '+00:00',
      dateStrings: true,
    });
    try {
      // One query: each anchor with its own 26 of the months 0 to 600 (23 months apart, shifted from day to day),
      // and the days from 28 January to 1 March with all of them.
      const [rows] = await connection.query(
        `WITH RECURSIVE months (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM months WHERE k < 600)
         SELECT CAST(anchor AS CHAR) AS anchor, k, CAST(DATE_ADD(anchor, INTERVAL k MONTH) AS CHAR) AS at
           FROM JSON_TABLE(?, '$[*]' COLUMNS (day FOR ORDINALITY, anchor DATETIME(3) PATH '$')) AS anchors
          CROSS JOIN months
          WHERE MOD(k + day, 23) = 0 OR day BETWEEN 28 AND 61`,
        [JSON.stringify(ANCHORS)],
      );
      const answers = rows as Answer[];
      expect(answers.length).toBeGreaterThan(35_000);
      expect(new Set(answers.map((answer) => answer.k)).size).toBe(601);
      const differing = answers.filter(({ anchor, k, at }) => {
        const startedAt = Date.parse(`${anchor.replace(' ', 'T')}Z`);
        return sqlTime(periodOf({ startedAt, timeZone: 'UTC' }, k).startsAt) !== at;
      });
      expect(differing).toEqual([]);
    } finally {
      await connection.end();
    }
  });
});
