import type { Clock, TimeSample } from './clock.ts';
import type { Exchange } from './exchange.ts';
import { readLogIn } from './parley-shapes.ts';
import type { Person } from './person.ts';
import type { Call } from './server-pair.ts';

const AT_A_TIME = 4;

export interface LoggedIn {
  readonly person: Person;
  readonly outcome: Exchange;
  readonly intendedMs: number;
  readonly finishedMs: number;
}

/**
 * Logs everybody in, a few at a time: a server spends real work on each password. Sets the clock by the answers.
 * @throws when somebody cannot log in: there is no use in going on with fewer people than were asked for.
 */
export async function logInEverybody(
  people: readonly Person[],
  ask: (person: Person, call: Call) => Promise<Exchange>,
  clock: Clock,
  onLoggedIn: (count: number) => void,
): Promise<LoggedIn[]> {
  const waiting = [...people];
  const samples: TimeSample[] = [];
  const done: LoggedIn[] = [];
  const takeTurns = async (): Promise<void> => {
    for (let person = waiting.shift(); person !== undefined; person = waiting.shift()) {
      const { email, password } = person.credentials;
      const intendedMs = clock.nowMs();
      const outcome = await ask(person, { method: 'POST', path: '/v1/login', body: { email, password } });
      const finishedMs = clock.nowMs();
      if (outcome.status !== 200) {
        const reason = outcome.error ?? `status ${outcome.status}`;
        throw new Error(
          `${email} could not log in: expected 200, got ${reason}, after ${outcome.tries} tries`,
        );
      }
      const { token, userId, name, serverTimeMs } = readLogIn(outcome.answer?.body);
      if (userId !== person.id) throw new Error(`${email} was logged in as ${userId}: expected ${person.id}`);
      person.token = token;
      person.name = name;
      if (outcome.tries === 1)
        samples.push({ sentMs: intendedMs, receivedMs: finishedMs, serverMs: serverTimeMs });
      done.push({ person, outcome, intendedMs, finishedMs });
      onLoggedIn(done.length);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, takeTurns));
  clock.setOffset(samples);
  return done;
}
