import { useEffect, useRef, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Message } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { useServices } from '../app/services.ts';
import { t } from '../texts/index.ts';
import { fromBody, toBody } from './draft-text.ts';
import { WordsField } from './words-field.tsx';

/** In place of the words that are changed. */
export function EditBox({ message, onDone }: { readonly message: Message; readonly onDone: () => void }) {
  const { catchUp, people } = useServices();
  const [draft, setDraft] = useState(() => fromBody(message.body, (id) => people.nameOf(id)));
  const [isSaving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const end = field.current?.value.length ?? 0;
    field.current?.focus();
    field.current?.setSelectionRange(end, end);
  }, []);
  const save = async (): Promise<void> => {
    const body = toBody(draft);
    if (body === message.body) return onDone();
    if (body === '' || isSaving) return undefined;
    setSaving(true);
    try {
      catchUp.put((await api.edit(message.id, body)).message);
      return onDone();
    } catch (error) {
      // The words stay in the box: nothing that somebody wrote is lost.
      setSaving(false);
      return say(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="box edit-box">
      <WordsField
        ref={field}
        conversationId={message.conversationId}
        label={t.compose.editing}
        placeholder=""
        draft={draft}
        onChange={setDraft}
        onSubmit={() => void save()}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onDone();
        }}
      />
      <div className="bar">
        <button type="button" className="btn btn-quiet btn-sm" onClick={onDone}>
          {t.compose.cancel}
        </button>
        <button
          type="button"
          className="btn btn-solid btn-sm send"
          disabled={isSaving}
          onClick={() => void save()}
        >
          {t.compose.save}
        </button>
      </div>
    </div>
  );
}
