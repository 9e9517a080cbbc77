import { Link, useNavigate } from '@tanstack/react-router';
import type { Conversation } from '../api/types.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useMembers } from './use-members.ts';

const facesShown = 3;

/** What this conversation is, who is in it, and what can be opened beside it. */
export function TalkHeader({ conversation }: { readonly conversation: Conversation }) {
  const { id, kind, title, topic, memberCount } = conversation;
  const navigate = useNavigate();
  const { data: members = [] } = useMembers(id, memberCount <= 100);
  const open = (panel: 'find' | 'pins' | 'details') => (): void =>
    void navigate({ to: '/c/$conversationId', params: { conversationId: id }, search: { panel } });
  return (
    <header className="head frame">
      <Link className="ibtn only-phone" to="/" search={{ list: true }} aria-label={t.side.back}>
        <Icon name="back" flips />
      </Link>
      <span className="kind">{kind === 'channel' ? t.talk.channel : t.talk.direct}</span>
      <div className="title">
        <h1 dir="auto">{title}</h1>
        <span className="under only-phone">{t.talk.members(memberCount)}</span>
        <span className="topic" dir="auto">
          {topic}
        </span>
        <button
          type="button"
          className="people"
          aria-label={t.talk.membersOf(memberCount)}
          onClick={open('details')}
        >
          <span className="av-stack">
            {members.slice(0, facesShown).map((member) => (
              <Avatar key={member.id} id={member.id} name={member.name} />
            ))}
          </span>
          <span>{t.talk.members(memberCount)}</span>
        </button>
      </div>
      <div className="trust">
        <span />
        <div className="tools">
          <IconButton icon="search" label={t.talk.find} onClick={open('find')} />
          <IconButton icon="pin" label={t.talk.pins} className="desk" onClick={open('pins')} />
          <IconButton icon="panel" flips label={t.talk.details} className="desk" onClick={open('details')} />
        </div>
      </div>
    </header>
  );
}
