import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Session, Settings } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { useChangeSettings, useMe } from '../app/me.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { release } from '../this-release.ts';
import { fullWhen } from '../ui/when.ts';
import { browserOf } from './browser-of.ts';
import { PageFrame } from './page-frame.tsx';

const failed = (error: unknown): void => say(error instanceof Error ? error.message : String(error));

/** Who one is, how it looks, and where one is signed in. */
export function SettingsPage() {
  return (
    <PageFrame title={t.settings.title}>
      <Profile />
      <Appearance />
      <Sessions />
      <Password />
    </PageFrame>
  );
}

function Profile() {
  const me = useMe();
  const queries = useQueryClient();
  const [fields, setFields] = useState({ name: me.user.name, title: me.user.title });
  const save = (): void => {
    api
      .changeProfile(fields)
      .then(async () => await queries.invalidateQueries({ queryKey: keys.me }))
      .then(() => say(t.settings.saved))
      .catch(failed);
  };
  return (
    <section>
      <h2>{t.settings.profile}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <label>
          {t.settings.name}
          <input
            className="text-field"
            dir="auto"
            autoComplete="name"
            required
            maxLength={100}
            value={fields.name}
            onChange={(event) => setFields({ ...fields, name: event.target.value })}
          />
        </label>
        <label>
          {t.settings.role}
          <input
            className="text-field"
            dir="auto"
            autoComplete="organization-title"
            maxLength={100}
            value={fields.title}
            onChange={(event) => setFields({ ...fields, title: event.target.value })}
          />
        </label>
        <footer>
          <button type="submit" className="btn btn-solid btn-sm">
            {t.settings.save}
          </button>
        </footer>
      </form>
    </section>
  );
}

function Appearance() {
  const { settings } = useMe();
  const changeSettings = useChangeSettings();
  const change = (changed: Partial<Settings>): void => {
    changeSettings(changed).catch(failed);
  };
  return (
    <section>
      <h2>{t.settings.appearance}</h2>
      <Choice
        label={t.settings.theme}
        name="theme"
        chosen={settings.theme ?? 'system'}
        options={{ system: t.settings.system, light: t.settings.light, dark: t.settings.dark }}
        onChoose={(theme) => change({ theme: theme as 'light' | 'dark' | 'system' })}
      />
      <Choice
        label={t.settings.reading}
        name="reading"
        chosen={settings.reading ?? 'read'}
        options={{ read: t.settings.literata, sans: t.settings.sans }}
        onChoose={(reading) => change({ reading: reading as 'sans' | 'read' })}
      />
      <release.MoreAppearance />
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly chosen: string;
  readonly options: Readonly<Record<string, string>>;
  readonly onChoose: (value: string) => void;
}

function Choice({ label, name, chosen, options, onChoose }: ChoiceProps) {
  return (
    <fieldset className="segments">
      <legend>{label}</legend>
      {Object.entries(options).map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen === value}
            onChange={() => onChoose(value)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

function Sessions() {
  const queries = useQueryClient();
  const { data: sessions = [] } = useQuery({
    queryKey: keys.sessions,
    queryFn: async () => (await api.sessions()).sessions,
  });
  const refresh = async (): Promise<void> => await queries.invalidateQueries({ queryKey: keys.sessions });
  return (
    <section>
      <h2>{t.settings.sessions}</h2>
      <ul className="choices plain">
        {sessions.map((session) => (
          <li key={session.id}>
            <b>{session.current ? t.settings.thisOne : browserOf(session.userAgent)}</b>
            <span>{t.settings.since(fullWhen(new Date(session.createdAt)))}</span>
            <EndSession session={session} onEnded={refresh} />
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <button
          type="button"
          className="btn btn-line btn-sm"
          onClick={() => void api.endOtherSessions().then(refresh).catch(failed)}
        >
          {t.settings.endAll}
        </button>
      )}
    </section>
  );
}

function EndSession({
  session,
  onEnded,
}: {
  readonly session: Session;
  readonly onEnded: () => Promise<void>;
}) {
  const end = (): void => {
    if (session.current) {
      api
        .logOut()
        .then(() => window.location.assign('/'))
        .catch(failed);
    } else api.endSession(session.id).then(onEnded).catch(failed);
  };
  return (
    <button type="button" className="btn btn-quiet btn-sm" onClick={end}>
      {session.current ? t.settings.signOut : t.settings.end}
    </button>
  );
}

function Password() {
  const [fields, setFields] = useState({ current: '', next: '' });
  const change = async (): Promise<void> => {
    try {
      await api.changePassword(fields.current, fields.next);
      setFields({ current: '', next: '' });
      say(t.settings.changed);
    } catch (error) {
      failed(error);
    }
  };
  return (
    <section>
      <h2>{t.settings.password}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <label>
          {t.settings.currentPassword}
          <input
            className="text-field"
            type="password"
            autoComplete="current-password"
            required
            value={fields.current}
            onChange={(event) => setFields({ ...fields, current: event.target.value })}
          />
        </label>
        <label>
          {t.settings.newPassword}
          <input
            className="text-field"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
            value={fields.next}
            onChange={(event) => setFields({ ...fields, next: event.target.value })}
          />
        </label>
        <footer>
          <button type="submit" className="btn btn-line btn-sm">
            {t.settings.change}
          </button>
        </footer>
      </form>
    </section>
  );
}
