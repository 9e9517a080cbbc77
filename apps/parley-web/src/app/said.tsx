import { useEffect, useState } from 'react';
import { onSaid } from './announcer.ts';

const shownMs = 5_000;

/** What has just happened, for eyes and for screen readers, apart from the messages. */
export function Said() {
  const [text, setText] = useState('');
  useEffect(() => onSaid(setText), []);
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(() => setText(''), shownMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="said-aloud" role="status" aria-live="polite">
      {text !== '' && <span>{text}</span>}
    </div>
  );
}
