import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react';
import { api } from '../api/endpoints.ts';
import type { Person } from '../api/types.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/icon-button.tsx';

interface PeoplePickerProps {
  readonly label: string;
  readonly chosen: readonly Person[];
  readonly onChange: (chosen: readonly Person[]) => void;
  /** Who is not offered. */
  readonly without: ReadonlySet<string>;
}

/** People by name: those that are chosen, and those that a few letters find. */
export function PeoplePicker({ label, chosen, onChange, without }: PeoplePickerProps) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const q = useDeferredValue(words.trim());
  const listId = useId();
  const { data = [] } = useQuery({
    queryKey: ['people search', q],
    queryFn: async () => (await api.people(q === '' ? { limit: 12 } : { q, limit: 12 })).people,
    placeholderData: (known) => known,
    staleTime: 30_000,
  });
  const found = data.filter(({ id }) => !without.has(id) && chosen.every((one) => one.id !== id));
  const choose = (person: Person): void => {
    onChange([...chosen, person]);
    setWords('');
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const person = found[Math.min(at, found.length - 1)];
    if (step !== undefined && found.length > 0) setAt((at + step + found.length) % found.length);
    else if (event.key === 'Enter' && words !== '' && person !== undefined) choose(person);
    else if (event.key === 'Backspace' && words === '') onChange(chosen.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <div className="people-picker">
      {chosen.length > 0 && (
        <ul className="chips">
          {chosen.map((person) => (
            <li key={person.id}>
              <Avatar id={person.id} name={person.name} />
              {person.name}
              <IconButton
                isSmall
                icon="close"
                label={t.details.remove(person.name)}
                onClick={() => onChange(chosen.filter((one) => one !== person))}
              />
            </li>
          ))}
        </ul>
      )}
      <input
        className="text-field"
        role="combobox"
        aria-label={label}
        aria-expanded={found.length > 0}
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${Math.min(at, found.length - 1)}` : undefined}
        aria-autocomplete="list"
        value={words}
        placeholder={label}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="choices" role="listbox" id={listId} aria-label={label}>
        {found.map((person, index) => (
          <li
            key={person.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            className={index === at ? 'is-chosen' : ''}
            onClick={() => choose(person)}
          >
            <Avatar id={person.id} name={person.name} isAgent={person.isAgent} />
            <b dir="auto">{person.name}</b>
            <span dir="auto">{person.title}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
