import { type Feature, FEATURES, type FeatureFlags } from '../features.ts';
import type { PageAnswer } from '../message-page.ts';
import type { Found } from '../search.ts';
import type { PersonAt } from './person-at.ts';

export const PASSWORD = 'correct horse battery staple';

export const PARTY = encodeURIComponent('🎉');

export const flagsOf = async (person: PersonAt): Promise<FeatureFlags> =>
  (await person.ask<{ flags: FeatureFlags }>('GET', '/v1/flags')).flags;

export const allFlags = (on: boolean): FeatureFlags =>
  Object.fromEntries(Object.values(FEATURES).map((feature) => [feature, on])) as Record<Feature, boolean>;

export const historyOf = async (person: PersonAt, room: string): Promise<PageAnswer> =>
  await person.ask<PageAnswer>('GET', `/v1/conversations/${room}/messages`);

export const search = async (person: PersonAt, words: string): Promise<Found> =>
  await person.ask<Found>('GET', `/v1/search?q=${encodeURIComponent(words)}`);

/** @returns the id of a channel of these two */
export async function openChannel(owner: PersonAt, other: PersonAt, title: string): Promise<string> {
  type Made = { conversation: { id: string } };
  const channel = { kind: 'channel', title, memberIds: [other.id] };
  return (await owner.ask<Made>('POST', '/v1/conversations', channel)).conversation.id;
}
