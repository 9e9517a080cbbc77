import { useCallback, useSyncExternalStore } from 'react';
import { api } from '../api/endpoints.ts';
import { useServices } from './services.ts';

const togetherMs = 30;
const mostAtOnce = 100;

/** Names by id. Whoever is not known yet is asked for, together with others that are missing at the same moment. */
export class PeopleDirectory {
  readonly #names = new Map<string, string>();
  readonly #asked = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #missing: string[] = [];

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** What came along with something else. */
  note(people: readonly { readonly id: string; readonly name: string }[]): void {
    const fresh = people.filter(({ id, name }) => this.#names.get(id) !== name);
    if (fresh.length === 0) return;
    for (const { id, name } of fresh) this.#names.set(id, name);
    this.#listeners.forEach((listener) => listener());
  }

  ask(id: string): void {
    if (this.#names.has(id) || this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#missing.push(id);
    if (this.#missing.length === 1) setTimeout(() => void this.#fetch(), togetherMs);
  }

  async #fetch(): Promise<void> {
    const ids = this.#missing;
    this.#missing = [];
    for (let start = 0; start < ids.length; start += mostAtOnce) {
      const some = ids.slice(start, start + mostAtOnce);
      try {
        this.note((await api.people({ ids: some.join(',') })).people);
      } catch {
        // They are asked for when they are next shown.
        some.forEach((id) => this.#asked.delete(id));
      }
    }
  }
}

/** A name for an id; "…" until it is known. */
export function usePersonName(id: string): string {
  const { people } = useServices();
  const subscribe = useCallback(
    (listener: () => void) => {
      people.ask(id);
      return people.subscribe(listener);
    },
    [people, id],
  );
  return useSyncExternalStore(subscribe, () => people.nameOf(id)) ?? '…';
}
