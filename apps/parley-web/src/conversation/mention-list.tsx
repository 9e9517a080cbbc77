import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import type { Named } from '../api/types.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';

const mostShown = 8;

/** Members whose name has a word that begins so. */
export function usePeopleToMention(conversationId: string, query: string | undefined): readonly Named[] {
  const { data } = useQuery({
    queryKey: ['mentionable', conversationId, query],
    queryFn: async () => {
      const q = query === undefined || query === '' ? {} : { q: query };
      return (await api.members(conversationId, { ...q, limit: mostShown })).members;
    },
    enabled: query !== undefined,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  return query === undefined ? [] : (data ?? []);
}

interface MentionListProps {
  readonly id: string;
  readonly people: readonly Named[];
  readonly chosen: number;
  readonly onChoose: (person: Named) => void;
}

/** Stands above the composer; the keys stay in the composer, which says which one is chosen. */
export function MentionList({ id, people, chosen, onChoose }: MentionListProps) {
  return (
    <ul className="menu mention-list" id={id} role="listbox" aria-label={t.compose.mention}>
      {people.map((person, at) => (
        <li
          key={person.id}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          className={at === chosen ? 'menu-item is-chosen' : 'menu-item'}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(person);
          }}
        >
          <Avatar id={person.id} name={person.name} />
          {person.name}
        </li>
      ))}
    </ul>
  );
}
