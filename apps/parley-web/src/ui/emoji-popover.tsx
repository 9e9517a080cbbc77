import { Popover } from 'radix-ui';
import { useState } from 'react';
import { EmojiPicker } from './emoji-picker.tsx';
import { IconButton } from './icon-button.tsx';

interface EmojiPopoverProps {
  readonly label: string;
  readonly isSmall: boolean;
  readonly onChoose: (emoji: string) => void;
}

/** The button that was pressed, now with its picker open. */
export function EmojiPopover({ label, isSmall, onChoose }: EmojiPopoverProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton icon="smile" label={label} isSmall={isSmall} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" sideOffset={6} collisionPadding={12} aria-label={label}>
          <EmojiPicker
            onChoose={(emoji) => {
              setOpen(false);
              onChoose(emoji);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
