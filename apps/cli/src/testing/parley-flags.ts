import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { credentialsFile } from '../demo/parley.ts';

const credentials = z.object({ people: z.array(z.object({ email: z.string(), password: z.string() })) });
const flagsAnswer = z.object({ flags: z.record(z.string(), z.boolean()) });

/** Logs one of the invited people in, and returns how to ask Parley what this person is shown just now. */
export async function parleyFlags(url: string): Promise<() => Promise<Record<string, boolean>>> {
  const [person] = credentials.parse(JSON.parse(readFileSync(credentialsFile, 'utf8'))).people;
  const response = await fetch(`${url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  const { token } = z.object({ token: z.string() }).parse(await response.json());
  return async () => {
    const answer = await fetch(`${url}/v1/flags`, { headers: { authorization: `Bearer ${token}` } });
    return flagsAnswer.parse(await answer.json()).flags;
  };
}
