import type { Conversation } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { t } from '../texts/index.ts';
import { useMembers } from './use-members.ts';

const mostForReceipts = 20;
const mostNamed = 2;

/** Under one's own last message, in conversations that are small enough to mean something by it. */
export function SeenBy({ conversation, seq }: { readonly conversation: Conversation; readonly seq: number }) {
  const me = useMe();
  const isSmall = conversation.memberCount <= mostForReceipts;
  const { data: members = [] } = useMembers(conversation.id, isSmall);
  const readers = members.filter(({ id, lastReadSeq }) => id !== me.user.id && lastReadSeq >= seq);
  if (!isSmall || readers.length === 0) return null;
  const names = readers.slice(0, mostNamed).map(({ name }) => name);
  const more = readers.length - names.length;
  const all = more > 0 ? [...names, t.talk.others(more)] : names;
  return <p className="seen">{t.talk.seenBy(new Intl.ListFormat(t.language).format(all))}</p>;
}
