import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { freshMysqlUrl, redisUrl, startRedis } from './index.js';

describe('test engines', () => {
  it('should give every caller an empty database of its own', async () => {
    const [one, other] = await Promise.all([freshMysqlUrl(), freshMysqlUrl()]);
    const first = await createConnection(one);
    const second = await createConnection(other);
    try {
      await first.query('CREATE TABLE things (id INT PRIMARY KEY)');
      const [tables] = await second.query('SHOW TABLES');
      const [character] = await second.query('SELECT @@character_set_database AS name');

      expect(tables).toEqual([]);
      expect(character).toEqual([{ name: 'utf8mb4' }]);
    } finally {
      await Promise.all([first.end(), second.end()]);
    }
  });

  it('should share one Redis', async () => {
    const client = new Redis(redisUrl());
    try {
      await client.set('engines:shared', 'yes', 'PX', 10_000);
      expect(await client.get('engines:shared')).toBe('yes');
    } finally {
      client.disconnect();
    }
  });

  it.each(['stop', 'kill'] as const)(
    'should restart a Redis empty on its port after %s',
    async (end) => {
      const redis = await startRedis();
      const client = new Redis(redis.url, { retryStrategy: () => 20 });
      client.on('error', () => undefined);
      try {
        await client.set('key', 'value');
        await redis[end]();
        await expect(
          new Redis(redis.url, { lazyConnect: true, retryStrategy: null }).connect(),
        ).rejects.toThrow();
        await redis.start();

        expect(await client.get('key')).toBeNull();
        expect(redis.url).toContain(String(redis.port));
      } finally {
        client.disconnect();
        await redis.stop();
      }
    },
  );

  it('should say why an engine could not start', async () => {
    const redis = await startRedis();
    try {
      await expect(startRedis({ port: redis.port })).rejects.toThrow('Address already in use');
    } finally {
      await redis.stop();
    }
  });
});
