import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Person } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PeoplePicker } from './people-picker.tsx';

/** With one person or several; the same people find the conversation that they have. */
export function NewDirect({ onClose }: { readonly onClose: () => void }) {
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState<string>();
  const start = async (): Promise<void> => {
    try {
      const memberIds = chosen.map(({ id }) => id);
      const { conversation } = await api.createConversation({ kind: 'direct', title: '', memberIds });
      await queries.invalidateQueries({ queryKey: keys.conversations });
      onClose();
      await navigate({ to: '/c/$conversationId', params: { conversationId: conversation.id } });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog title={t.newDirect.title} onClose={onClose}>
      <PeoplePicker
        label={t.newDirect.hint}
        chosen={chosen}
        onChange={setChosen}
        without={new Set([me.user.id])}
      />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <button
          type="button"
          className="btn btn-solid"
          disabled={chosen.length === 0}
          onClick={() => void start()}
        >
          {t.newDirect.start}
        </button>
      </footer>
    </Dialog>
  );
}
