import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { MessageCard } from './message-card.tsx';
import { SidePanel } from './side-panel.tsx';

export function PinsPanel({ conversation }: { readonly conversation: Conversation }) {
  const { data, error } = useQuery({
    queryKey: keys.pins(conversation.id),
    queryFn: async () => (await api.pins(conversation.id)).messages,
  });
  return (
    <SidePanel
      conversationId={conversation.id}
      title={t.pins.title}
      about={conversation.title}
      closeLabel={t.pins.close}
    >
      {error !== null && <p role="alert">{error.message}</p>}
      {data?.length === 0 && <p className="quiet">{t.pins.none}</p>}
      {data?.map((message) => (
        <MessageCard key={message.id} message={message} />
      ))}
    </SidePanel>
  );
}
