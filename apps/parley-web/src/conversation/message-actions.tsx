import { useNavigate } from '@tanstack/react-router';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Message } from '../api/types.ts';
import { useServices } from '../app/services.ts';
import { say } from '../app/announcer.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { EmojiButton } from '../ui/emoji-button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { plainText } from './plain-text.ts';
import { useReact } from './reactions.tsx';

interface MessageActionsProps {
  readonly message: Message;
  readonly isMine: boolean;
  readonly isReply: boolean;
  readonly onEdit: (messageId: string | undefined) => void;
}

/** Beside the words, never over them. */
export function MessageActions({ message, isMine, isReply, onEdit }: MessageActionsProps) {
  const react = useReact();
  const navigate = useNavigate();
  const { id, conversationId } = message;
  const openThread = (): void =>
    void navigate({ to: '/c/$conversationId', params: { conversationId }, search: { thread: id } });
  const copyLink = (): void => {
    const link = new URL(`/c/${conversationId}?at=${message.seq}`, window.location.origin);
    navigator.clipboard.writeText(link.href).then(
      () => say(t.talk.linkCopied),
      // Without the right to it, the address can be copied from where it leads to.
      () =>
        void navigate({ to: '/c/$conversationId', params: { conversationId }, search: { at: message.seq } }),
    );
  };
  return (
    <div className="acts" role="toolbar" aria-label={t.talk.actions}>
      <EmojiButton label={t.talk.react} isSmall onChoose={(emoji) => react(message, emoji, true)} />
      {!isReply && <IconButton isSmall flips icon="reply" label={t.talk.reply} onClick={openThread} />}
      <IconButton isSmall icon="link" label={t.talk.copyLink} onClick={copyLink} />
      <MoreMenu
        message={message}
        isMine={isMine}
        onEdit={onEdit}
        {...(isReply ? {} : { openThread })}
        copyLink={copyLink}
      />
    </div>
  );
}

interface MoreMenuProps extends Omit<MessageActionsProps, 'isReply'> {
  readonly openThread?: () => void;
  readonly copyLink: () => void;
}

function MoreMenu({ message, isMine, onEdit, openThread, copyLink }: MoreMenuProps) {
  const { catchUp, queries } = useServices();
  const [isOpen, setOpen] = useState(false);
  const show = ({ message: changed }: { message: Message }): void => catchUp.put(changed);
  const failed = (error: unknown): void => say(error instanceof Error ? error.message : String(error));
  const pin = (): void => {
    api
      .pin(message.id, message.pinnedAt === null)
      .then(show)
      .then(async () => await queries.invalidateQueries({ queryKey: keys.pins(message.conversationId) }))
      .catch(failed);
  };
  const markUnread = (): void => {
    api
      .markUnread(message.conversationId, message.seq)
      .then(async () => await queries.invalidateQueries({ queryKey: keys.conversations }))
      .catch(failed);
  };
  const remove = (): void => {
    if (window.confirm(t.talk.removeAsk)) api.remove(message.id).then(show).catch(failed);
  };
  return (
    <DropdownMenu.Root open={isOpen} onOpenChange={setOpen} modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton isSmall icon="more" label={t.talk.more} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={12}>
          {openThread !== undefined && <Item icon="reply" text={t.talk.reply} onSelect={openThread} />}
          <Item icon="link" text={t.talk.copyLink} onSelect={copyLink} />
          <Item
            icon="copy"
            text={t.talk.copyText}
            onSelect={() => void navigator.clipboard.writeText(plainText(message.body)).catch(failed)}
          />
          <Item icon="pin" text={message.pinnedAt === null ? t.talk.pin : t.talk.unpin} onSelect={pin} />
          <Item icon="dot" text={t.talk.markUnread} onSelect={markUnread} />
          {isMine && <Item icon="pencil" text={t.talk.edit} onSelect={() => onEdit(message.id)} />}
          {isMine && <Item icon="trash" text={t.talk.remove} onSelect={remove} isDangerous />}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  readonly icon: IconName;
  readonly text: string;
  readonly onSelect: () => void;
  readonly isDangerous?: boolean;
}

function Item({ icon, text, onSelect, isDangerous = false }: ItemProps) {
  return (
    <DropdownMenu.Item className={isDangerous ? 'menu-item danger' : 'menu-item'} onSelect={onSelect}>
      <Icon name={icon} />
      {text}
    </DropdownMenu.Item>
  );
}
