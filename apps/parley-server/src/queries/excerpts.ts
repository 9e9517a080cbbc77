import { nameOf } from './fragments.ts';

/** Enough for an excerpt, also of a text that begins with many mentions; a message may be much longer. */
const CHARACTERS = 1_000;

const MENTIONED = '<@([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})>';

/** SQL of what an excerpt of a message is made of: the beginning of its text, or what its files are called. */
export const beginningOf = (message: string): string =>
  `left(coalesce(nullif(${message}.body, ''),
    (SELECT string_agg(file ->> 'name', ', ') FROM jsonb_array_elements(${message}.attachments) AS file), ''), ${CHARACTERS})`;

/** SQL of the names of whom that beginning mentions, by their ids; null when it mentions nobody. */
export const namesIn = (message: string): string =>
  `CASE WHEN ${message}.body LIKE '%<@%' THEN (
    SELECT json_object_agg(named.id, ${nameOf('named')}) FROM auth.users named
    WHERE named.id IN (
      SELECT part[1]::uuid FROM regexp_matches(left(${message}.body, ${CHARACTERS}), '${MENTIONED}', 'gi') AS part
    )
  ) END`;
