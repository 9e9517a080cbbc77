import { hueOf, initialsOf } from './initials.ts';

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly isAgent?: boolean;
}

/** People are round, agents are square. The name stands beside it. */
export function Avatar({ id, name, isAgent = false }: AvatarProps) {
  return (
    <span className={isAgent ? 'av av-agent' : 'av'} style={{ '--h': hueOf(id) }} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

interface PresenceProps extends AvatarProps {
  readonly isActive: boolean;
}

/** Whether somebody is there stands in words elsewhere. */
export function PresentAvatar({ isActive, ...avatar }: PresenceProps) {
  return (
    <span className="presence">
      <Avatar {...avatar} />
      {avatar.isAgent !== true && <i className={isActive ? '' : 'away'} />}
    </span>
  );
}
