import type { ButtonHTMLAttributes, Ref } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  /** What a screen reader says, and the tooltip. */
  readonly label: string;
  readonly isSmall?: boolean;
  readonly flips?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function IconButton({
  icon,
  label,
  isSmall = false,
  flips = false,
  className = '',
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`ibtn ${isSmall ? 'ibtn-sm' : ''} ${className}`}
      {...rest}
    >
      <Icon name={icon} flips={flips} />
    </button>
  );
}
