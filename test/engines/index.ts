import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';

export { startRedis } from './redis.js';

/** The private Redis all test files share: prefix keys uniquely, never flush it. */
export function redisUrl(): string {
  return fromSetup('GENQUOTA_TEST_REDIS_URL');
}

/** Creates an empty utf8mb4 database on the private server and answers its URL; it goes when the test run ends. */
export async function freshMysqlUrl(): Promise<string> {
  const server = fromSetup('GENQUOTA_TEST_MYSQL_URL');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const connection = await createConnection(server);
  try {
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  } finally {
    await connection.end();
  }
  return `${server}/${name}`;
}

function fromSetup(name: string): string {
  const url = process.env[name];
  if (!url)
    throw new Error(
      `${name} is not set: test/engines/setup.ts sets it, run the tests through jest`,
    );
  return url;
}
