import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { engineOf } from './src/ledger/database.js';

// For TypeORM's own command line, after a build: npm run migration -- migration:show
const { MYSQL_URL, DATA_DIR } = process.env;
const engine = await engineOf(
  MYSQL_URL
    ? { kind: 'mysql', url: MYSQL_URL }
    : { kind: 'sqlite', file: join(DATA_DIR ?? '.genquota', 'ledger.sqlite') },
);

export default new DataSource(engine.options);
