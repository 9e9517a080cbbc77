-- Parley at Batch 1, laid out as a Supabase application has it. Run as a whole, in one transaction, any number of times.

CREATE SCHEMA IF NOT EXISTS auth;
CREATE SCHEMA IF NOT EXISTS parley;

-- The mark by which Parley and Crossfade recognise a database that is theirs to change.
CREATE TABLE IF NOT EXISTS parley.installation (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  installed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO parley.installation DEFAULT VALUES ON CONFLICT DO NOTHING;

-- Supabase brings this table along; elsewhere we make the columns of it that we use.
CREATE TABLE IF NOT EXISTS auth.users (
  id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email              text UNIQUE,
  encrypted_password text,
  raw_user_meta_data jsonb NOT NULL DEFAULT '{}',
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now()
);

-- A session is known by the SHA-256 of its token: whoever reads this table cannot log in with it.
CREATE TABLE IF NOT EXISTS parley.sessions (
  token_hash   bytea PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz
);
CREATE INDEX IF NOT EXISTS sessions_user_id ON parley.sessions (user_id);

CREATE TABLE IF NOT EXISTS public.conversations (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind       text NOT NULL CHECK (kind IN ('channel', 'direct')),
  title      text NOT NULL DEFAULT '',
  topic      text NOT NULL DEFAULT '',
  created_by uuid REFERENCES auth.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- The number of the newest message. Taken under the row's lock, so that numbers are in the order of commits, without gaps.
  last_seq   bigint NOT NULL DEFAULT 0,
  -- Grows with every change (message sent, edited or deleted): what a cache compares.
  version    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE IF NOT EXISTS public.conversation_participants (
  conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  user_id         uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  role            text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')),
  joined_at       timestamptz NOT NULL DEFAULT now(),
  last_read_seq   bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 80);

CREATE TABLE IF NOT EXISTS public.messages (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  seq             bigint NOT NULL,
  sender_id       uuid NOT NULL REFERENCES auth.users (id),
  -- The message that this one answers, when it belongs to a thread.
  thread_id       uuid REFERENCES public.messages (id),
  body            text NOT NULL,
  -- Chosen by the client: the same message sent again is stored once.
  client_id       text,
  -- Where an imported message comes from, such as slack:C024BE91L:1355517523.000005.
  external_id     text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  edited_at       timestamptz,
  deleted_at      timestamptz,
  edit_version    integer NOT NULL DEFAULT 0
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX IF NOT EXISTS messages_conversation_seq ON public.messages (conversation_id, seq);
CREATE UNIQUE INDEX IF NOT EXISTS messages_sender_client_id ON public.messages (sender_id, client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS messages_external_id ON public.messages (external_id) WHERE external_id IS NOT NULL;

-- What a health check reads.
CREATE TABLE IF NOT EXISTS public.health (
  id         integer PRIMARY KEY,
  status     text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO public.health (id, status) VALUES (1, 'ok') ON CONFLICT DO NOTHING;
