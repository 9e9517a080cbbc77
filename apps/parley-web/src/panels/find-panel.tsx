import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { t } from '../texts/index.ts';
import { MessageCard } from './message-card.tsx';
import { SidePanel } from './side-panel.tsx';
import { wordsOf } from './words-of.ts';

/** Finds what a browser's own search cannot, in a list that draws only what is in sight. */
export function FindPanel({ conversation }: { readonly conversation: Conversation }) {
  const [words, setWords] = useState('');
  const q = useDeferredValue(words.trim());
  const { data, error } = useQuery({
    queryKey: ['find', conversation.id, q],
    queryFn: async () => (await api.search(q, conversation.id)).results,
    enabled: q.length > 1,
    placeholderData: (known) => known,
  });
  const found = q.length > 1 ? data : undefined;
  return (
    <SidePanel
      conversationId={conversation.id}
      title={t.find.title}
      about={conversation.title}
      closeLabel={t.find.close}
    >
      <input
        className="text-field"
        type="search"
        dir="auto"
        autoFocus
        aria-label={t.find.label}
        placeholder={t.find.hint}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <p className="quiet" role="status">
        {error !== null
          ? error.message
          : found === undefined
            ? ''
            : found.length === 0
              ? t.find.none(q)
              : t.find.results(found.length)}
      </p>
      {found?.map((message) => (
        <MessageCard key={message.id} message={message} words={wordsOf(q)} />
      ))}
    </SidePanel>
  );
}
