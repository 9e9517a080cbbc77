import { useEffect, useState } from 'react';
import { useMe } from '../app/me.ts';
import { useServices } from '../app/services.ts';
import type { Pending } from '../outbox/pending.ts';
import { tryNow } from '../outbox/browser-outbox.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { timeOf } from '../ui/when.ts';
import { Attachments } from './attachments.tsx';
import { LongText } from './long-text.tsx';

interface PendingRowProps {
  readonly pending: Pending;
  readonly isFirst: boolean;
  readonly isStuck: boolean;
  readonly isOnline: boolean;
  readonly onTakeBack: (pending: Pending) => void;
}

/** The ring shows that something takes long, not that something is done. */
const ringAfterMs = 400;

/** What was written here, in full ink from the first moment, and what becomes of it. */
export function PendingRow({ pending, isFirst, isStuck, isOnline, onTakeBack }: PendingRowProps) {
  const { outbox } = useServices();
  const me = useMe();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), ringAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const isWaiting = pending.refusal === undefined && !isOnline;
  const isBad = pending.refusal !== undefined || (isStuck && isOnline);
  const discard = (): void => void outbox.discard(pending.clientId);
  const again = (): void => (pending.refusal === undefined ? tryNow() : void outbox.retry(pending.clientId));
  const takeBack = (): void => {
    discard();
    onTakeBack(pending);
  };
  return (
    <article
      className={`msg frame ${isFirst ? 'first' : ''} ${isBad ? 'failed' : ''}`}
      tabIndex={-1}
      aria-label={t.side.you}
    >
      {isFirst && (
        <div className="who">
          <span className="nm">{t.side.you}</span>
          <Avatar id={me.user.id} name={me.user.name} />
        </div>
      )}
      <div className="said">
        <LongText body={pending.body} edited={null} />
        {pending.attachments.length > 0 && <Attachments attachments={pending.attachments} />}
        {isBad && (
          <div className="fate bad" role="alert">
            <Icon name="alert" />
            <span>
              {pending.refusal === undefined ? t.talk.noAnswer : `${t.talk.notSent} ${pending.refusal}`}
            </span>
            <button type="button" className="btn btn-line btn-sm" onClick={again}>
              <Icon name="retry" />
              {t.talk.tryAgain}
            </button>
            <button type="button" className="btn btn-quiet btn-sm" onClick={takeBack}>
              {t.talk.edit}
            </button>
            <button type="button" className="btn btn-quiet btn-sm" onClick={discard}>
              {t.talk.discard}
            </button>
          </div>
        )}
        {isWaiting && (
          <div className="fate">
            <Icon name="clock" />
            <span>{t.talk.goesOut}</span>
          </div>
        )}
      </div>
      <span className="when">
        {isSlow && !isBad && !isWaiting ? <Ring /> : timeOf(new Date(pending.writtenAtMs))}
      </span>
    </article>
  );
}

function Ring() {
  return (
    <>
      <span className="spin" />
      <span className="sr">{t.talk.sending}</span>
    </>
  );
}
