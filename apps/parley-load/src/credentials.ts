import { readFile } from 'node:fs/promises';
import { listOf, record, text } from './shape.ts';

export interface Credentials {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** Reads {"people":[{"id","email","password"}]} and takes the first `count` of them. */
export async function readCredentials(file: string, count: number): Promise<Credentials[]> {
  const content = parseJson(await readFile(file, 'utf8'), file);
  const people = listOf(record(content, file)['people'], `${file}: people`, (entry, place) => {
    const person = record(entry, place);
    return {
      id: text(person['id'], `${place}.id`),
      email: text(person['email'], `${place}.email`),
      password: text(person['password'], `${place}.password`),
    };
  });
  if (people.length < count) {
    throw new Error(`${file}: expected at least ${count} people, got ${people.length}`);
  }
  return people.slice(0, count);
}

function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // Without the cause: a JSON error quotes what it stumbled over, and here that may be a password.
    throw new Error(`${file}: expected the people's credentials as JSON`);
  }
}
