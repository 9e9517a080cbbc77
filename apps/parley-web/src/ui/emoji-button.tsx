import { lazy, Suspense, useState } from 'react';
import { IconButton } from './icon-button.tsx';

const EmojiPopover = lazy(async () => ({ default: (await import('./emoji-popover.tsx')).EmojiPopover }));

interface EmojiButtonProps {
  readonly label: string;
  readonly isSmall?: boolean;
  readonly onChoose: (emoji: string) => void;
}

/** Two thousand emojis and what shows them are loaded when somebody presses it for the first time. */
export function EmojiButton({ label, isSmall = false, onChoose }: EmojiButtonProps) {
  const [isWanted, setWanted] = useState(false);
  const button = (
    <IconButton
      icon="smile"
      label={label}
      isSmall={isSmall}
      aria-expanded={isWanted}
      onClick={() => setWanted(true)}
    />
  );
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <EmojiPopover label={label} isSmall={isSmall} onChoose={onChoose} />
    </Suspense>
  );
}
