import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation, Member, Person } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { useMe } from '../app/me.ts';
import { keys } from '../sync/keys.ts';
import { PeoplePicker } from '../sidebar/people-picker.tsx';
import { t } from '../texts/index.ts';
import { PresentAvatar } from '../ui/avatar.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { SidePanel } from './side-panel.tsx';

/** What a conversation is for, who is in it, and what one may do about that. */
export function DetailsPanel({ conversation }: { readonly conversation: Conversation }) {
  const { id, kind, title, topic, muted } = conversation;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const me = useMe();
  const [isAdding, setAdding] = useState(false);
  const failed = (error: unknown): void => say(error instanceof Error ? error.message : String(error));
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: keys.conversations });
    await queries.invalidateQueries({ queryKey: keys.members(id) });
    await queries.invalidateQueries({ queryKey: ['all members', id] });
  };
  const leave = (): void => {
    if (!window.confirm(t.details.leaveAsk(title))) return;
    api
      .removeMember(id, me.user.id)
      .then(refresh)
      .then(async () => await navigate({ to: '/' }))
      .catch(failed);
  };
  return (
    <SidePanel conversationId={id} title={t.details.title} about={title} closeLabel={t.details.close}>
      {kind === 'channel' && <Topic conversation={conversation} onChanged={refresh} onFailed={failed} />}
      {kind === 'direct' && topic !== '' && <p dir="auto">{topic}</p>}
      <div className="go">
        {kind === 'channel' && (
          <button type="button" className="btn btn-line btn-sm" onClick={() => setAdding(true)}>
            {t.details.add}
          </button>
        )}
        <button
          type="button"
          className="btn btn-line btn-sm"
          onClick={() => void api.mute(id, !muted).then(refresh).catch(failed)}
        >
          {muted ? t.details.unmute : t.details.mute}
        </button>
        {kind === 'channel' && (
          <button type="button" className="btn btn-quiet btn-sm" onClick={leave}>
            {t.details.leave}
          </button>
        )}
      </div>
      <Members conversation={conversation} onChanged={refresh} onFailed={failed} />
      {isAdding && <Invite conversation={conversation} onClose={() => setAdding(false)} onDone={refresh} />}
    </SidePanel>
  );
}

interface PartProps {
  readonly conversation: Conversation;
  readonly onChanged: () => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}

function Topic({ conversation: { id, title, topic }, onChanged, onFailed }: PartProps) {
  const [isOpen, setOpen] = useState(false);
  const [words, setWords] = useState({ title, topic });
  if (!isOpen)
    return (
      <div className="topic-box">
        <p dir="auto">{topic}</p>
        <IconButton isSmall icon="pencil" label={t.details.rename} onClick={() => setOpen(true)} />
      </div>
    );
  const save = (): void => {
    api
      .changeConversation(id, words)
      .then(onChanged)
      .then(() => setOpen(false))
      .catch(onFailed);
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label>
        {t.details.name}
        <input
          className="text-field"
          dir="auto"
          required
          maxLength={200}
          value={words.title}
          onChange={(event) => setWords({ ...words, title: event.target.value })}
        />
      </label>
      <label>
        {t.details.topic}
        <input
          className="text-field"
          dir="auto"
          maxLength={1_000}
          value={words.topic}
          onChange={(event) => setWords({ ...words, topic: event.target.value })}
        />
      </label>
      <footer>
        <button type="button" className="btn btn-quiet btn-sm" onClick={() => setOpen(false)}>
          {t.dialog.cancel}
        </button>
        <button type="submit" className="btn btn-solid btn-sm">
          {t.compose.save}
        </button>
      </footer>
    </form>
  );
}

function Members({ conversation: { id, memberCount, role }, onChanged, onFailed }: PartProps) {
  const me = useMe();
  const [words, setWords] = useState('');
  const [more, setMore] = useState<readonly Member[]>([]);
  const { data } = useQuery({
    queryKey: ['all members', id, words.trim()],
    queryFn: async () => await api.members(id, words.trim() === '' ? {} : { q: words.trim() }),
    placeholderData: (known) => known,
  });
  const [next, setNext] = useState<string | null>();
  const after = next === undefined ? (data?.next ?? null) : next;
  const showMore = async (): Promise<void> => {
    if (after === null) return;
    const page = await api.members(id, { after });
    setMore([...more, ...page.members]);
    setNext(page.next);
  };
  return (
    <section>
      <h3>
        {t.details.members} <span className="num">{memberCount}</span>
      </h3>
      {memberCount > 12 && (
        <input
          className="text-field"
          type="search"
          dir="auto"
          aria-label={t.details.findMember}
          placeholder={t.details.findMember}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <ul className="choices plain">
        {[...(data?.members ?? []), ...(words.trim() === '' ? more : [])].map((member) => (
          <li key={member.id}>
            <PresentAvatar id={member.id} name={member.name} isActive={member.isActive} />
            <b dir="auto">{member.name}</b>
            <span dir="auto">{member.role === 'owner' ? t.details.owner : member.title}</span>
            {role === 'owner' && member.id !== me.user.id && (
              <IconButton
                isSmall
                icon="close"
                label={t.details.remove(member.name)}
                onClick={() => void api.removeMember(id, member.id).then(onChanged).catch(onFailed)}
              />
            )}
          </li>
        ))}
      </ul>
      {after !== null && words.trim() === '' && (
        <button
          type="button"
          className="btn btn-quiet btn-sm"
          onClick={() => void showMore().catch(onFailed)}
        >
          {t.details.more}
        </button>
      )}
    </section>
  );
}

function Invite({
  conversation,
  onClose,
  onDone,
}: {
  readonly conversation: Conversation;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}) {
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState<string>();
  const add = (): void => {
    api
      .invite(
        conversation.id,
        chosen.map(({ id }) => id),
      )
      .then(onDone)
      .then(onClose)
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  return (
    <Dialog title={t.invite.title(conversation.title)} onClose={onClose}>
      <PeoplePicker label={t.invite.label} chosen={chosen} onChange={setChosen} without={new Set()} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <button type="button" className="btn btn-solid" disabled={chosen.length === 0} onClick={add}>
          {t.invite.add}
        </button>
      </footer>
    </Dialog>
  );
}
