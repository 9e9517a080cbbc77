import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { api } from '../api/endpoints.ts';
import { tryNow } from '../outbox/browser-outbox.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Icon } from '../ui/icon.tsx';
import { useMe } from './me.ts';
import { useIsOnline } from './online.ts';
import { useServices } from './services.ts';

/** A connection that is away for less is nobody's concern. */
const patienceMs = 3_000;
const clockOffMs = 5 * 60_000;
const watchedMs = 10_000;

/** Above the composer, one at a time, the most pressing first. */
export function Strips() {
  const { live, outbox } = useServices();
  const { isConnected } = useSyncExternalStore(live.subscribe, live.state);
  const { pending, isForgetful } = useSyncExternalStore(outbox.subscribe, outbox.state);
  const isOnline = useIsOnline();
  const isAway = useHasLasted(!isConnected, patienceMs);
  const { data: notices = [] } = useQuery({
    queryKey: keys.notices,
    queryFn: async () => (await api.notices()).notices,
    // One that is there moves on, and ends.
    refetchInterval: ({ state }) => (state.data?.length ? watchedMs : 60_000),
  });
  const clock = useClockOff();
  const waiting = pending.filter(({ refusal }) => refusal === undefined).length;
  const [notice] = notices;
  if (!isOnline || isAway) {
    return (
      <Strip isWarning={false} icon="cloud">
        <span>
          <b>{isOnline ? t.strips.reconnecting : t.strips.offline}</b>{' '}
          {isOnline && waiting === 0 ? t.strips.trying : t.strips.waiting(waiting)}
        </span>
        <button type="button" className="btn btn-quiet btn-sm" onClick={tryNow}>
          {t.talk.tryNow}
        </button>
      </Strip>
    );
  }
  if (isForgetful && waiting > 0) {
    return (
      <Strip isWarning icon="alert">
        <span>
          <b>{t.strips.forgetful}</b> {t.strips.forgetfulText}
        </span>
      </Strip>
    );
  }
  if (clock !== undefined) {
    return (
      <Strip isWarning icon="clock">
        <span>
          <b>{t.strips.clock(clock)}</b> {t.strips.clockText}
        </span>
      </Strip>
    );
  }
  if (notice === undefined) return null;
  return (
    <Strip isWarning={notice.kind === 'trouble'} icon={undefined}>
      <span dir="auto">
        <b>{notice.title}</b> {notice.text}
      </span>
      <Link className="btn btn-quiet btn-sm" to="/status">
        {t.strips.status}
      </Link>
      {notice.progress !== null && (
        <progress
          max={1}
          value={notice.progress}
          aria-label={t.status.progress(Math.round(notice.progress * 100))}
        />
      )}
    </Strip>
  );
}

interface StripProps {
  readonly isWarning: boolean;
  readonly icon: 'cloud' | 'alert' | 'clock' | undefined;
  readonly children: React.ReactNode;
}

function Strip({ isWarning, icon, children }: StripProps) {
  return (
    <div className="frame">
      <div className={isWarning ? 'strip warn' : 'strip'} role="status">
        {icon !== undefined && <Icon name={icon} />}
        {children}
      </div>
    </div>
  );
}

function useHasLasted(isSo: boolean, ms: number): boolean {
  const [hasLasted, setLasted] = useState(false);
  useEffect(() => {
    if (!isSo) return undefined;
    const timer = setTimeout(() => setLasted(true), ms);
    return () => {
      clearTimeout(timer);
      setLasted(false);
    };
  }, [isSo, ms]);
  return isSo && hasLasted;
}

/** "a day ahead", "2 hours behind"; undefined for a clock that is near enough. */
function useClockOff(): string | undefined {
  const me = useMe();
  const [askedAtMs] = useState(() => Date.now());
  const offMs = askedAtMs - me.serverTimeMs;
  if (Math.abs(offMs) < clockOffMs) return undefined;
  const hours = Math.abs(offMs) / 3_600_000;
  const unit = hours < 1 ? 'minute' : hours < 23.5 ? 'hour' : 'day';
  const amount = Math.round(unit === 'minute' ? hours * 60 : unit === 'hour' ? hours : hours / 24);
  const words = new Intl.NumberFormat(t.language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    amount,
  );
  return `${words} ${offMs > 0 ? 'ahead' : 'behind'}`;
}
