import { userInfo } from 'node:os';

/** Whether the system knows the account we run as by name: containers are often started with a user id that has none. */
export function ownAccountHasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false; // That is how Node says so.
  }
}

/** Why Postgres makes no cluster for an account without a name, and what to do. */
export function namelessAccount(uid: number | string): string {
  return (
    `the user id ${uid} has no name on this system, and Postgres makes no cluster for such a user: ` +
    `give it one (a line in /etc/passwd: "postgres:x:${uid}:${uid}::/:/bin/sh"), start as another user, ` +
    'or set DATABASE_URL to a Postgres of yours'
  );
}
