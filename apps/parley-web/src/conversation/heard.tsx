import { useEffect, useRef, useState } from 'react';
import type { Message } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { t } from '../texts/index.ts';
import { usePlainText } from './plain-text.ts';

const mostSaid = 200;

/**
 * What others have just written here, for whoever listens: in a live region of its own, since a list that is read aloud as a whole
 * at every change helps nobody. What was there when the conversation was opened, or comes with history, is not said.
 */
export function Heard({ newest }: { readonly newest: Message | undefined }) {
  const me = useMe();
  const plain = usePlainText();
  const [text, setText] = useState('');
  const lastSeq = useRef(newest?.seq);
  useEffect(() => {
    if (newest === undefined) return;
    const isNew = lastSeq.current !== undefined && newest.seq > lastSeq.current;
    lastSeq.current = Math.max(newest.seq, lastSeq.current ?? 0);
    if (!isNew || newest.senderId === me.user.id || newest.deletedAt !== null) return;
    setText(t.talk.newMessage(newest.senderName, plain(newest.body).slice(0, mostSaid)));
  }, [newest, me.user.id, plain]);
  return (
    <p className="sr" role="log" aria-live="polite">
      {text}
    </p>
  );
}
