import { userInfo } from 'node:os';

/** Who gives a command, for the journal: CROSSFADE_ACTOR, else the account's name. */
export function operatorName(): string {
  const given = process.env['CROSSFADE_ACTOR']?.trim();
  if (given) return given;
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list, as in containers, has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
