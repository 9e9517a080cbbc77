import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import { t } from '../texts/index.ts';
import { Icon, Mark } from '../ui/icon.tsx';
import { fullWhen } from '../ui/when.ts';

/** For everybody, signed in or not: what runs, and what is going on. */
export function StatusPage() {
  const { data, error } = useQuery({ queryKey: ['status'], queryFn: api.status, refetchInterval: 15_000 });
  const isFine = error === null && data?.ok === true;
  return (
    <div className="door status">
      <main>
        <div className="frame">
          <Mark label={t.app} />
          <h1>
            {data === undefined && error === null
              ? t.status.title
              : isFine
                ? t.status.fine
                : t.status.trouble}
          </h1>
          <ul className="checks">
            {data?.checks.map(({ name, ok }) => (
              <li key={name}>
                <Icon name={ok ? 'check' : 'alert'} />
                <b>{name}</b>
                <span>{ok ? t.status.ok : t.status.bad}</span>
              </li>
            ))}
            {error !== null && <li>{t.signIn.unreachable}</li>}
          </ul>
          <span className="gut soft">{t.status.now}</span>
          {data?.notices.length === 0 && <p>{t.status.none}</p>}
          {data?.notices.map((notice) => (
            <p key={notice.id} dir="auto">
              <b>{notice.title}</b> {notice.text} {notice.until !== null && fullWhen(new Date(notice.until))}
              {notice.progress !== null && (
                <progress
                  max={1}
                  value={notice.progress}
                  aria-label={t.status.progress(Math.round(notice.progress * 100))}
                />
              )}
            </p>
          ))}
        </div>
      </main>
      <footer className="door-foot">
        <a href="/">{t.status.back}</a>
      </footer>
    </div>
  );
}
