import type { TargetConnection } from '@crossfade/engine';

/** Tables in which other tools note what they have applied. */
const tables: Readonly<Record<string, string>> = {
  _prisma_migrations: 'Prisma',
  __drizzle_migrations: 'Drizzle',
  flyway_schema_history: 'Flyway',
  knex_migrations: 'Knex',
  schema_migrations: 'Rails, Ecto, dbmate or golang-migrate',
  databasechangelog: 'Liquibase',
  alembic_version: 'Alembic',
  django_migrations: 'Django',
  pgmigrations: 'node-pg-migrate',
  SequelizeMeta: 'Sequelize',
};

/** "Prisma (public._prisma_migrations)": who else may have changed this database. A hint for people, and nothing to rely on. */
export async function otherTools(connection: TargetConnection): Promise<readonly string[]> {
  const { rows } = await connection.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relname = any($1) order by 1, 2`,
    [Object.keys(tables)],
  );
  return rows.map(({ schema, name }) => `${tables[name]} (${schema}.${name})`);
}
