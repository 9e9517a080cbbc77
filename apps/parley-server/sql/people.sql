-- What Parley knows of people beside what Supabase's table holds. Run as a whole, in one transaction, any number of times.

CREATE TABLE IF NOT EXISTS parley.profiles (
  user_id  uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  title    text NOT NULL DEFAULT '',
  settings jsonb NOT NULL DEFAULT '{}',
  is_agent boolean NOT NULL DEFAULT false
);

-- Who has a socket open somewhere. Of no worth after a crash.
CREATE UNLOGGED TABLE IF NOT EXISTS parley.presence (
  user_id uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL
);

-- Asked first: a column that is there already must not lock out whoever uses the table.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM pg_attribute WHERE attrelid = 'parley.sessions'::regclass AND attname = 'user_agent' AND NOT attisdropped
  ) THEN
    ALTER TABLE parley.sessions
      ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
      ADD COLUMN user_agent text NOT NULL DEFAULT '',
      ADD COLUMN last_used_at timestamptz;
  END IF;
END $$;

-- Which people an untitled direct conversation is of: the same ones begin it once, also when two of them do so at the same moment.
CREATE TABLE IF NOT EXISTS parley.direct_conversations (
  people          text PRIMARY KEY,
  conversation_id uuid NOT NULL UNIQUE REFERENCES public.conversations (id) ON DELETE CASCADE
);
