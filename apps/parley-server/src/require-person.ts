import type { FastifyRequest } from 'fastify';
import { unauthenticated } from './api-error.ts';
import type { Database } from './database.ts';
import { findPerson, type PersonRow } from './queries/sessions.ts';
import { sessionOf } from './sessions.ts';

/** For routes that must know who asks before their own statement runs. @throws ApiError unauthenticated */
export async function requirePerson(database: Database, request: FastifyRequest): Promise<PersonRow> {
  return signedIn(await findPerson(database, sessionOf(request)));
}

/** A statement that starts from the session returns nothing when there is none. @throws ApiError unauthenticated */
export function signedIn<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw unauthenticated();
  return answer;
}
