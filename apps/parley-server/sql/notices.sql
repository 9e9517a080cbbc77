-- What people say of features, and what is said to everybody. Run as a whole, in one transaction, any number of times.

CREATE TABLE IF NOT EXISTS parley.ratings (
  user_id    uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  feature    text NOT NULL,
  score      smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
  comment    text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, feature)
);

CREATE TABLE IF NOT EXISTS parley.notices (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind       text NOT NULL CHECK (kind IN ('info', 'work', 'trouble')),
  title      text NOT NULL,
  text       text NOT NULL DEFAULT '',
  progress   real CHECK (progress BETWEEN 0 AND 1),
  until      timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at   timestamptz
);
