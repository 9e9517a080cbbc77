import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api } from '../api/endpoints.ts';
import { Unreachable } from '../api/request.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Mark } from '../ui/icon.tsx';

interface DoorProps {
  /** Somebody was signed in here, and is not any more. */
  readonly wasIn: boolean;
  readonly onIn: () => void;
}

/** Sign in, or join where that is open to all. */
export function Door({ wasIn, onIn }: DoorProps) {
  const { data: workspace = { name: t.app, signUp: false } } = useQuery({
    queryKey: keys.workspace,
    queryFn: api.workspace,
  });
  const { data: status } = useQuery({
    queryKey: ['door status'],
    queryFn: api.status,
    refetchInterval: 30_000,
  });
  const [isNew, setNew] = useState(false);
  const [fields, setFields] = useState({ name: '', email: '', password: '' });
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const asked = isNew ? api.signUp(fields) : api.logIn(fields.email, fields.password);
    asked.then(onIn, (error: unknown) => {
      setBusy(false);
      setProblem(
        error instanceof Unreachable
          ? t.signIn.unreachable
          : error instanceof Error
            ? error.message
            : String(error),
      );
    });
  };
  const words = isNew
    ? {
        title: t.signIn.createTitle(workspace.name),
        lede: t.signIn.createLede,
        submit: t.signIn.createSubmit,
      }
    : {
        title: t.signIn.title(workspace.name),
        lede: wasIn ? t.signIn.again : t.signIn.lede,
        submit: t.signIn.submit,
      };
  return (
    <div className="door">
      <main>
        <form className="frame" onSubmit={submit}>
          <Mark label={t.app} />
          <h1 dir="auto">{words.title}</h1>
          <p className="lede">{words.lede}</p>
          {isNew && (
            <Field
              id="name"
              label={t.signIn.name}
              autoComplete="name"
              value={fields.name}
              onChange={(name) => setFields({ ...fields, name })}
            />
          )}
          <Field
            id="email"
            type="email"
            label={t.signIn.email}
            autoComplete="username"
            value={fields.email}
            onChange={(email) => setFields({ ...fields, email })}
          />
          <Password
            isNew={isNew}
            value={fields.password}
            onChange={(password) => setFields({ ...fields, password })}
          />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
          <div className="do">
            <button className="btn btn-solid" type="submit" disabled={isBusy}>
              {words.submit}
            </button>
            {workspace.signUp && (
              <button className="btn btn-quiet" type="button" onClick={() => setNew(!isNew)}>
                {isNew ? t.signIn.have : t.signIn.create}
              </button>
            )}
          </div>
          <div className="rule" />
          <span className="gut soft">{t.signIn.newHere}</span>
          <p>{workspace.signUp ? t.signIn.open : t.signIn.byInvitation(workspace.name)}</p>
        </form>
      </main>
      <footer className="door-foot">
        {status !== undefined && (
          <a className={status.ok ? 'up' : 'up down'} href="/status">
            {status.ok ? t.signIn.running : t.signIn.trouble}
          </a>
        )}
      </footer>
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly type?: 'text' | 'email';
  readonly autoComplete: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ id, label, type = 'text', autoComplete, value, onChange }: FieldProps) {
  return (
    <>
      <label className="gut" htmlFor={id}>
        {label}
      </label>
      <div className="field">
        <input
          id={id}
          type={type}
          autoComplete={autoComplete}
          dir="auto"
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </>
  );
}

interface PasswordProps {
  readonly isNew: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Password({ isNew, value, onChange }: PasswordProps) {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <label className="gut" htmlFor="password">
        {t.signIn.password}
      </label>
      <div className="field">
        <input
          id="password"
          type={isShown ? 'text' : 'password'}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
          minLength={isNew ? 10 : undefined}
          placeholder={isNew ? t.signIn.passwordHint : undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        <button
          className="btn btn-quiet"
          type="button"
          aria-pressed={isShown}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? t.signIn.hide : t.signIn.show}
        </button>
      </div>
    </>
  );
}
