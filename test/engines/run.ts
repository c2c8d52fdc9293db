import { ensureBinaries } from './binaries.js';
import { startMysql } from './mysql.js';
import { startRedis } from './redis.js';

/**
 * Starts one private MariaDB (or MySQL) and one private Redis for a test run, and announces them to its workers through
 * the environment. Answers how to stop them; if that is never called, their guards stop them when this process ends.
 */
export async function startEngines(): Promise<() => Promise<void>> {
  await ensureBinaries();
  const [mysql, redis] = await Promise.all([startMysql(), startRedis()]);
  process.env.GENQUOTA_TEST_MYSQL_URL = mysql.url;
  process.env.GENQUOTA_TEST_REDIS_URL = redis.url;
  return async () => {
    await Promise.all([mysql.stop(), redis.stop()]);
  };
}
