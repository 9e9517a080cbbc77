-- Migration: 002_add_encryption_tables.sql
CREATE TABLE user_keys (
  user_id UUID PRIMARY KEY REFERENCES auth.users(id),
  public_key TEXT NOT NULL,
  key_version INTEGER DEFAULT 1,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  rotated_at TIMESTAMPTZ
);

-- crossfade:undo
DROP TABLE IF EXISTS user_keys;
