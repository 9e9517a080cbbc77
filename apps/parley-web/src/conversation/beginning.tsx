import { Link } from '@tanstack/react-router';
import type { Conversation } from '../api/types.ts';
import { t } from '../texts/index.ts';

/** Above the first message of all: who reads here, and what to do first. */
export function Beginning({ conversation }: { readonly conversation: Conversation }) {
  return (
    <article className="frame" aria-label={t.talk.startsHere(conversation.title)}>
      <div className="empty">
        <h2>{t.talk.startsHere(conversation.title)}</h2>
        <p>{t.talk.startsText(conversation.memberCount)}</p>
        {conversation.kind === 'channel' && (
          <Link
            className="btn btn-line"
            to="/c/$conversationId"
            params={{ conversationId: conversation.id }}
            search={{ panel: 'details' }}
          >
            {t.talk.addPeople}
          </Link>
        )}
      </div>
    </article>
  );
}
