import { useState } from 'react';
import { t } from '../texts/index.ts';
import { fullWhen } from '../ui/when.ts';
import { MessageBody } from './message-body.tsx';

const mostLines = 40;
const mostShown = 4_000;
/** Enough for the lines that are seen of it. */
const shownOfLong = 600;

/** A very long message is cut after a few lines, and opens at a press. */
export function LongText({ body, edited }: { readonly body: string; readonly edited: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const isLong = body.length > mostShown || body.split('\n', mostLines + 1).length > mostLines;
  const mark = edited !== null && (
    <span className="edited" title={t.talk.editedAt(fullWhen(new Date(edited)))}>
      {t.talk.edited}
    </span>
  );
  if (!isLong)
    return (
      <div className="words">
        <MessageBody body={body} />
        {mark}
      </div>
    );
  return (
    <div className="words">
      {isOpen ? (
        <MessageBody body={body} />
      ) : (
        <div className="t longer" dir="auto">
          {body.slice(0, shownOfLong)}
        </div>
      )}
      {mark}
      <button
        type="button"
        className="textlink show-all"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? t.talk.showLess : t.talk.showAll(sizeOf(body.length))}
      </button>
    </div>
  );
}

/** "200 KB" */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
