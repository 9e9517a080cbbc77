import { Popover } from 'radix-ui';
import { lazy, Suspense, useState } from 'react';
import { IconButton } from './icon-button.tsx';

const EmojiPicker = lazy(async () => ({ default: (await import('./emoji-picker.tsx')).EmojiPicker }));

interface EmojiButtonProps {
  readonly label: string;
  readonly isSmall?: boolean;
  readonly onChoose: (emoji: string) => void;
}

/** The picker and its data are loaded when somebody opens it. */
export function EmojiButton({ label, isSmall = false, onChoose }: EmojiButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton icon="smile" label={label} isSmall={isSmall} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" sideOffset={6} collisionPadding={12} aria-label={label}>
          <Suspense fallback={<div className="emoji-picker" />}>
            <EmojiPicker
              onChoose={(emoji) => {
                setOpen(false);
                onChoose(emoji);
              }}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
