import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import { useConversations } from '../app/conversations.ts';
import { MessageCard } from '../panels/message-card.tsx';
import { wordsOf } from '../panels/words-of.ts';
import { t } from '../texts/index.ts';
import { release } from '../this-release.ts';
import { PageFrame } from './page-frame.tsx';

/** In all conversations of this person. */
export function SearchPage() {
  const { q = '' } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [words, setWords] = useState(q);
  const { data: conversations = [] } = useConversations();
  const { data, error } = useQuery({
    queryKey: ['search', q],
    queryFn: async () => {
      const done = release.startTiming('search');
      const { results } = await api.search(q);
      done();
      return results;
    },
    enabled: q.trim() !== '',
  });
  return (
    <PageFrame title={t.search.title}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: '/search', search: { q: words.trim() }, replace: true });
        }}
      >
        <input
          className="text-field"
          type="search"
          dir="auto"
          autoFocus
          aria-label={t.search.label}
          placeholder={t.search.label}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </form>
      <p className="quiet" role="status">
        {error !== null
          ? error.message
          : data === undefined
            ? ''
            : data.length === 0
              ? t.search.none(q)
              : t.find.results(data.length)}
      </p>
      {data?.map((message) => (
        <MessageCard
          key={message.id}
          message={message}
          place={conversations.find(({ id }) => id === message.conversationId)?.title ?? ''}
          words={wordsOf(q)}
        />
      ))}
    </PageFrame>
  );
}
