import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Makes a channel, or joins one. */
export function NewChannel({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const [topic, setTopic] = useState('');
  const [joinable, setJoinable] = useState(true);
  const [problem, setProblem] = useState<string>();
  const { data: channels } = useQuery({
    queryKey: ['channels'],
    queryFn: async () => (await api.channels('')).channels,
  });
  const go = async (conversationId: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: keys.conversations });
    onClose();
    await navigate({ to: '/c/$conversationId', params: { conversationId } });
  };
  const failed = (error: unknown): void => setProblem(error instanceof Error ? error.message : String(error));
  const create = (): void => {
    api
      .createConversation({
        kind: 'channel',
        title: title.trim(),
        topic: topic.trim(),
        memberIds: [],
        joinable,
      })
      .then(async ({ conversation }) => await go(conversation.id))
      .catch(failed);
  };
  const others = (channels ?? []).filter(({ isMember }) => !isMember);
  return (
    <Dialog title={t.newChannel.title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          create();
        }}
      >
        <label>
          {t.newChannel.name}
          <input
            className="text-field"
            dir="auto"
            maxLength={200}
            required
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <label>
          {t.newChannel.topic}
          <input
            className="text-field"
            dir="auto"
            maxLength={1_000}
            value={topic}
            onChange={(event) => setTopic(event.target.value)}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={joinable} onChange={(event) => setJoinable(event.target.checked)} />
          {t.newChannel.joinable}
        </label>
        {problem !== undefined && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <footer>
          <button type="submit" className="btn btn-solid" disabled={title.trim() === ''}>
            {t.newChannel.create}
          </button>
        </footer>
      </form>
      <h3>{t.newChannel.browse}</h3>
      {channels !== undefined && others.length === 0 && <p className="quiet">{t.newChannel.none}</p>}
      <ul className="choices">
        {others.map((channel) => (
          <li key={channel.id}>
            <b dir="auto">{channel.title}</b>
            <span dir="auto">
              {channel.topic === '' ? t.talk.members(channel.memberCount) : channel.topic}
            </span>
            <button
              type="button"
              className="btn btn-line btn-sm"
              onClick={() =>
                void api
                  .join(channel.id)
                  .then(async () => await go(channel.id))
                  .catch(failed)
              }
            >
              {t.newChannel.join}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
