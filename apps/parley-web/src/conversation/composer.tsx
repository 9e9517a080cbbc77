import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from 'react';
import type { Attachment } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { useServices } from '../app/services.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { EmojiButton } from '../ui/emoji-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { emptyDraft, fromBody, toBody, type DraftText } from './draft-text.ts';
import { draftIn, keepDraft } from './drafts.ts';
import { useUploads, type Uploads } from './uploads.ts';
import { WordsField } from './words-field.tsx';

export interface ComposerHandle {
  focus(): void;
  /** Puts words back that were on their way. */
  takeBack(body: string): void;
}

interface ComposerProps {
  readonly conversationId: string;
  readonly threadId?: string;
  /** What the field is called: where this goes. */
  readonly label: string;
  readonly ref?: Ref<ComposerHandle>;
  /** Arrow up in an empty composer. */
  readonly onEditLast?: () => void;
  readonly onSent?: () => void;
}

/** What the server takes. */
const mostCharacters = 16_000;

/** The next line of the conversation: written in the face and the measure in which it will be read. */
export function Composer({ conversationId, threadId, label, ref, onEditLast, onSent }: ComposerProps) {
  const me = useMe();
  const { outbox, live, people } = useServices();
  const place = threadId ?? conversationId;
  const [draft, setDraft] = useState<DraftText>(() => draftIn(me.user.id, place));
  const [isKept, setKept] = useState(false);
  const [isOver, setOver] = useState(false);
  /** Sent as soon as its files have arrived. */
  const [isDue, setDue] = useState(false);
  // Without its file, a message would say something else.
  const uploads = useUploads(conversationId, () => setDue(false));
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const body = toBody(draft);
  const isTooLong = body.length > mostCharacters;
  const canSend = (body !== '' || uploads.all.length > 0) && !isTooLong;

  const keep = (next: DraftText): void => {
    keepDraft(me.user.id, { ...next, conversationId, threadId: threadId ?? null, writtenAtMs: Date.now() });
  };
  const change = (next: DraftText): void => {
    setDraft(next);
    keep(next);
    setKept(false);
    // Whoever goes on writing has not finished.
    setDue(false);
    if (next.text !== '') live.writes(conversationId);
  };
  useEffect(() => {
    if (draft.text.trim() === '') return undefined;
    const timer = setTimeout(() => setKept(true), 1_200);
    return () => clearTimeout(timer);
  }, [draft.text]);
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    takeBack: (words) => {
      change(fromBody(words, (id) => people.nameOf(id)));
      field.current?.focus();
    },
  }));

  const send = (): void => {
    if (!canSend) return;
    if (uploads.isBusy) {
      setDue(true);
      return;
    }
    add(uploads.done);
    change(emptyDraft);
    uploads.clear();
    onSent?.();
  };
  const add = (attachments: readonly Attachment[]): void => {
    const clientId = crypto.randomUUID();
    const writtenAtMs = Date.now();
    void outbox.add({ clientId, conversationId, threadId: threadId ?? null, body, attachments, writtenAtMs });
  };
  // Before anything is drawn: for a moment, the message would stand in the conversation and in the field.
  useLayoutEffect(() => {
    if (!isDue || uploads.isBusy) return;
    setDue(false);
    send();
    // As things stand when the last file has arrived.
  }, [isDue, uploads.isBusy]);
  const leave = useRef<() => void>(undefined);
  useLayoutEffect(() => {
    leave.current = isDue ? sendFromAfar : undefined;
  });
  useEffect(() => () => leave.current?.(), []);
  /** Whoever has pressed Enter and gone elsewhere has sent it all the same. */
  const sendFromAfar = (): void => {
    keep(emptyDraft);
    uploads.arrived().then(add, () => {
      // Which file did not arrive has been said. The words are not lost with it, unless others have taken their place.
      if (draftIn(me.user.id, place).text === '') keep(draft);
    });
  };
  const insert = (text: string): void => {
    const at = field.current?.selectionStart ?? draft.text.length;
    const end = field.current?.selectionEnd ?? at;
    change({ ...draft, text: draft.text.slice(0, at) + text + draft.text.slice(end) });
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at + text.length, at + text.length);
    });
  };
  const code = (): void => {
    const from = field.current?.selectionStart ?? draft.text.length;
    const to = field.current?.selectionEnd ?? from;
    const chosen = draft.text.slice(from, to);
    insert(chosen.includes('\n') ? `\n\`\`\`\n${chosen}\n\`\`\`\n` : `\`${chosen}\``);
  };
  const sendAsFile = (): void => {
    uploads.add([new File([body], 'message.txt', { type: 'text/plain' })]);
    change(emptyDraft);
  };
  return (
    <form
      className="compose frame"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="who">
        <span>
          <span className="nm">{t.side.you}</span>
          <Avatar id={me.user.id} name={me.user.name} />
        </span>
        {isKept && draft.text.trim() !== '' && <span className="kept">{t.compose.draftKept}</span>}
      </div>
      <div
        className={isOver ? 'box is-active' : 'box'}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          uploads.add([...event.dataTransfer.files]);
        }}
      >
        <WordsField
          ref={field}
          conversationId={conversationId}
          label={label}
          placeholder={isOver ? t.compose.dropHere : label}
          draft={draft}
          onChange={change}
          onSubmit={send}
          onPasteFiles={uploads.add}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' || draft.text !== '' || onEditLast === undefined) return;
            event.preventDefault();
            onEditLast();
          }}
        />
        <UploadList
          uploads={uploads}
          onRemove={(key) => {
            // Without it, this is not what was to be sent.
            setDue(false);
            uploads.remove(key);
          }}
        />
        {isTooLong && (
          <div className="too-long" role="alert">
            <span>{t.compose.tooLong(mostCharacters)}</span>
            <button type="button" className="btn btn-line btn-sm" onClick={sendAsFile}>
              {t.compose.asFile}
            </button>
          </div>
        )}
        <div className="bar">
          <IconButton icon="clip" label={t.compose.attach} onClick={() => files.current?.click()} />
          <input
            ref={files}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              uploads.add([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <EmojiButton label={t.compose.emoji} onChoose={insert} />
          <IconButton
            icon="at"
            label={t.compose.mention}
            onClick={() => insert(/(^|\s)$/u.test(draft.text) ? '@' : ' @')}
          />
          <IconButton icon="code" label={t.compose.code} onClick={code} />
          <span className="hint">{t.compose.hint}</span>
          <button className="btn btn-solid send" type="submit" disabled={!canSend || isDue}>
            {isDue ? t.compose.sendsWithFiles : t.compose.send}
          </button>
        </div>
      </div>
    </form>
  );
}

interface UploadListProps {
  readonly uploads: Uploads;
  readonly onRemove: (key: number) => void;
}

function UploadList({ uploads, onRemove }: UploadListProps) {
  if (uploads.all.length === 0) return null;
  return (
    <ul className="uploads">
      {uploads.all.map(({ key, name, attachment }) => (
        <li key={key}>
          {attachment === undefined ? (
            <span className="spin" role="status" aria-label={t.compose.uploading(name)} />
          ) : (
            <Icon name="file" />
          )}
          <b dir="auto">{name}</b>
          <IconButton isSmall icon="close" label={t.compose.removeFile(name)} onClick={() => onRemove(key)} />
        </li>
      ))}
    </ul>
  );
}
