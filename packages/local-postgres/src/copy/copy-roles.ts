import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { SUPERUSER } from '../cluster.ts';

type Role = {
  name: string;
  rolsuper: boolean;
  rolinherit: boolean;
  rolcreaterole: boolean;
  rolcreatedb: boolean;
  rolbypassrls: boolean;
};
type Membership = { role: string; member: string };
type Source = { role: string; superuser: boolean; owner: string; mayCreate: boolean };

/** Whom to be in the copy, so that what this role may not do there it may not do in the original. */
export type CopiedRole = { user: string; password: string | undefined };

/**
 * Makes the roles of a server in another one, without their passwords: objects have the owners, and policies the roles, that
 * they have there. None but the one that we are may log in.
 */
export async function copyRoles(source: Client, target: Client, database: string): Promise<CopiedRole> {
  const roles = await source.query<Role>(
    `select rolname as name, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls
       from pg_roles where rolname !~ '^pg_' and rolname <> $1 order by rolname`,
    [SUPERUSER],
  );
  for (const role of roles.rows)
    await target.query(`create role ${target.escapeIdentifier(role.name)} ${attributesOf(role)}`);
  const members = await source.query<Membership>(
    `select m.roleid::regrole::text as role, m.member::regrole::text as member
       from pg_auth_members m where m.member::regrole::text !~ '^"?pg_'`,
  );
  for (const { role, member } of members.rows) await target.query(`grant ${role} to ${member}`);
  return await becomeSame(source, target, database);
}

function attributesOf(role: Role): string {
  const words = [
    [role.rolsuper, 'superuser'],
    [role.rolinherit, 'inherit'],
    [role.rolcreaterole, 'createrole'],
    [role.rolcreatedb, 'createdb'],
    [role.rolbypassrls, 'bypassrls'],
  ] as const;
  return words.map(([has, word]) => (has ? word : `no${word}`)).join(' ');
}

async function becomeSame(source: Client, target: Client, database: string): Promise<CopiedRole> {
  const { rows } = await source.query<Source>(
    `select current_user::text as role, rolsuper as superuser, pg_get_userbyid(datdba)::text as owner,
            has_database_privilege(current_database(), 'CREATE') as "mayCreate"
       from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );
  const [me] = rows;
  if (me === undefined) throw new Error('the server does not say who we are');
  const here = target.escapeIdentifier(database);
  await target.query(`alter database ${here} owner to ${target.escapeIdentifier(me.owner)}`);
  if (me.superuser || me.role === SUPERUSER) return { user: SUPERUSER, password: undefined };
  const user = target.escapeIdentifier(me.role);
  const password = randomBytes(24).toString('base64url');
  if (me.mayCreate) await target.query(`grant create on database ${here} to ${user}`);
  await target.query(`alter role ${user} login password ${target.escapeLiteral(password)}`);
  return { user: me.role, password };
}

type Setting = { ofDatabase: boolean; role: string | null; settings: string[] };

/** What the database and its roles set for every session, such as a search_path: a dump of one database leaves it out. */
export async function copySessionSettings(source: Client, target: Client): Promise<void> {
  const { rows } = await source.query<Setting>(
    `select s.setdatabase <> 0 as "ofDatabase", r.rolname as role, s.setconfig as settings from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
      where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and (s.setrole = 0 or r.rolname is not null)`,
  );
  for (const { ofDatabase, role, settings } of rows) {
    await target.query(
      `insert into pg_db_role_setting (setdatabase, setrole, setconfig)
       select case when $3 then d.oid else 0 end, coalesce((select oid from pg_roles where rolname = $1), 0), $2
         from pg_database d where d.datname = current_database()`,
      [role, settings, ofDatabase],
    );
  }
}
