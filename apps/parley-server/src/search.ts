import type { Database } from './database.ts';
import type { Person } from './features.ts';
import { type Message, toMessage } from './queries/message-row.ts';
import { searchBasic } from './queries/search-messages.ts';

export type Found = { mode: 'basic' | 'advanced'; results: Message[] };

/** Looks for something in all conversations of a person. */
export type Search = (person: Person, words: string, limit: number) => Promise<Found>;

/** For the words as they stand, in the newest messages. */
export const basicSearch =
  (database: Database): Search =>
  async (person, words, limit) => {
    const rows = await searchBasic(database, person.id, words, limit);
    return { mode: 'basic', results: rows.map((row) => toMessage(row, person.id)) };
  };
