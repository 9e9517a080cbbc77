import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation, Person } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { matching } from './matching.ts';

interface SwitcherProps {
  readonly conversations: readonly Conversation[];
  readonly onClose: () => void;
}

type Choice =
  | { readonly kind: 'conversation'; readonly conversation: Conversation }
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'search'; readonly words: string };

const mostShown = 12;

/** To any conversation, person or message by a few letters. */
export function Switcher({ conversations, onClose }: SwitcherProps) {
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const listId = useId();
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  // Never behind what was typed: Enter opens what the words say now.
  const q = words.trim();
  const { data: people = [] } = useQuery({
    queryKey: ['people search', q],
    queryFn: async () => (await api.people({ q, limit: mostShown })).people,
    enabled: q !== '',
    placeholderData: (known) => known,
  });
  const choices: Choice[] = [
    ...matching(conversations, q, mostShown).map(
      (conversation) => ({ kind: 'conversation', conversation }) as const,
    ),
    ...(q === ''
      ? []
      : people.filter(({ id }) => id !== me.user.id).map((person) => ({ kind: 'person', person }) as const)),
    ...(q === '' ? [] : [{ kind: 'search', words: q } as const]),
  ];
  const open = async (choice: Choice): Promise<void> => {
    onClose();
    if (choice.kind === 'search') return await navigate({ to: '/search', search: { q: choice.words } });
    if (choice.kind === 'conversation')
      return await navigate({ to: '/c/$conversationId', params: { conversationId: choice.conversation.id } });
    const { conversation } = await api.createConversation({
      kind: 'direct',
      title: '',
      memberIds: [choice.person.id],
    });
    await queries.invalidateQueries({ queryKey: keys.conversations });
    return await navigate({ to: '/c/$conversationId', params: { conversationId: conversation.id } });
  };
  const chosen = Math.min(at, choices.length - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const choice = choices[chosen];
    if (step !== undefined && choices.length > 0) setAt((chosen + step + choices.length) % choices.length);
    else if (event.key === 'Enter' && choice !== undefined) void open(choice);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t.jump.title} onClose={onClose} className="switcher">
      <input
        className="text-field"
        role="combobox"
        aria-label={t.jump.label}
        placeholder={t.jump.label}
        aria-expanded={choices.length > 0}
        aria-controls={listId}
        aria-activedescendant={choices.length > 0 ? `${listId}-${chosen}` : undefined}
        aria-autocomplete="list"
        dir="auto"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="choices" role="listbox" id={listId} aria-label={t.jump.title}>
        {choices.map((choice, index) => (
          <li
            key={keyOf(choice)}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={index === chosen ? 'is-chosen' : ''}
            onClick={() => void open(choice)}
          >
            <ChoiceWords choice={choice} />
          </li>
        ))}
      </ul>
      <p className="hint">{t.jump.hint}</p>
    </Dialog>
  );
}

function keyOf(choice: Choice): string {
  if (choice.kind === 'search') return 'search';
  return choice.kind === 'conversation' ? choice.conversation.id : choice.person.id;
}

function ChoiceWords({ choice }: { readonly choice: Choice }) {
  if (choice.kind === 'search')
    return (
      <>
        <Icon name="search" />
        <span>{t.jump.messages}</span>
        <b dir="auto">{choice.words}</b>
      </>
    );
  if (choice.kind === 'person')
    return (
      <>
        <Avatar id={choice.person.id} name={choice.person.name} isAgent={choice.person.isAgent} />
        <b dir="auto">{choice.person.name}</b>
        <span dir="auto">{choice.person.title}</span>
      </>
    );
  const { kind, title, topic, unread, muted, others, id } = choice.conversation;
  return (
    <>
      {kind === 'direct' ? (
        <Avatar id={others[0]?.id ?? id} name={title} />
      ) : (
        <span className="hash" aria-hidden="true">
          #
        </span>
      )}
      <b dir="auto">{title}</b>
      <span dir="auto">{topic}</span>
      {unread > 0 && !muted && <em>{t.talk.newCount(unread)}</em>}
    </>
  );
}
