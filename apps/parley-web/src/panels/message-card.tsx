import { Link } from '@tanstack/react-router';
import type { Message } from '../api/types.ts';
import { usePlainText } from '../conversation/plain-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { shortWhen } from '../ui/when.ts';

const mostShown = 300;

interface MessageCardProps {
  readonly message: Message;
  /** Where it was said, in lists that go across conversations. */
  readonly place?: string;
  /** Words to be marked. */
  readonly words?: readonly string[];
}

/** A message out of its conversation, and the way to it. */
export function MessageCard({ message, place, words = [] }: MessageCardProps) {
  const plain = usePlainText();
  const { conversationId, seq, senderId, senderName, createdAt, threadId } = message;
  const search = threadId === null ? { at: seq } : { thread: threadId };
  return (
    <Link className="card" to="/c/$conversationId" params={{ conversationId }} search={search}>
      <span className="card-head">
        <Avatar id={senderId} name={senderName} />
        <b dir="auto">{senderName}</b>
        {place !== undefined && <span dir="auto">{place}</span>}
        <time dateTime={createdAt}>{shortWhen(new Date(createdAt))}</time>
      </span>
      <span className="card-words" dir="auto">
        <Marked text={plain(message.body).slice(0, mostShown)} words={words} />
      </span>
    </Link>
  );
}

function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  if (words.length === 0) return text;
  const found = new RegExp(
    `(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`,
    'giu',
  );
  return text.split(found).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part));
}
