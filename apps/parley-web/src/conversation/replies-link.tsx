import { Link, useParams } from '@tanstack/react-router';
import type { Message } from '../api/types.ts';
import { usePersonName } from '../app/people.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { shortWhen } from '../ui/when.ts';

/** Leads to the thread under a message. */
export function RepliesLink({ message }: { readonly message: Message }) {
  const { conversationId = message.conversationId } = useParams({ strict: false });
  return (
    <Link
      className="replies"
      to="/c/$conversationId"
      params={{ conversationId }}
      search={{ thread: message.id }}
    >
      <span className="av-stack">
        {message.repliers.map((id) => (
          <Replier key={id} id={id} />
        ))}
      </span>
      <b>{t.talk.replies(message.replyCount)}</b>
      {message.lastReplyAt !== null && (
        <span>{t.talk.lastReply(shortWhen(new Date(message.lastReplyAt)))}</span>
      )}
    </Link>
  );
}

function Replier({ id }: { readonly id: string }) {
  return <Avatar id={id} name={usePersonName(id)} />;
}
