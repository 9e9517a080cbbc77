import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Conversation } from '../api/types.ts';
import { t } from '../texts/index.ts';

/** What the browser's tab says: where one is, and how much is new for one. */
export function useTitle(conversations: readonly Conversation[], workspace: string): void {
  const { conversationId } = useParams({ strict: false });
  const here = conversations.find(({ id }) => id === conversationId)?.title;
  const mentions = conversations.reduce((sum, one) => sum + one.mentions, 0);
  useEffect(() => {
    const count = mentions > 0 ? `(${mentions}) ` : '';
    document.title =
      count + [here, workspace, t.app].filter((part) => part !== undefined && part !== '').join(' · ');
  }, [here, mentions, workspace]);
}
