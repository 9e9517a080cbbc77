import { userInfo } from 'node:os';
import { Refusal } from './exit-codes.ts';

const longestName = 200;

/**
 * Who gives a command, for the journal: CROSSFADE_ACTOR, else the account's name.
 * @throws Refusal when CROSSFADE_ACTOR is no name that a journal can show.
 */
export function operatorName(): string {
  const given = process.env['CROSSFADE_ACTOR']?.trim();
  if (given) {
    if (given.length <= longestName && !/[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u.test(given))
      return given;
    throw new Refusal(
      `CROSSFADE_ACTOR ${JSON.stringify(given.slice(0, 40))}: expected a name of one line and at most ${longestName} characters`,
    );
  }
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list, as in containers, has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
