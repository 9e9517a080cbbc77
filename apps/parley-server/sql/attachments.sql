-- The files that people send. Run as a whole, in one transaction, any number of times: what is there is not locked again.

DO $$
BEGIN
  IF to_regclass('parley.attachments') IS NULL THEN
    CREATE TABLE parley.attachments (
      id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
      uploader_id     uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
      -- Null until it is sent. messages.attachments holds what the API tells of it.
      message_id      uuid REFERENCES public.messages (id) ON DELETE CASCADE,
      name            text NOT NULL,
      media_type      text NOT NULL,
      size_bytes      integer NOT NULL,
      width           integer,
      height          integer,
      data            bytea NOT NULL,
      created_at      timestamptz NOT NULL DEFAULT now()
    );
    -- Pictures do not get smaller by being compressed again.
    ALTER TABLE parley.attachments ALTER COLUMN data SET STORAGE EXTERNAL;
    CREATE INDEX attachments_message ON parley.attachments (message_id) WHERE message_id IS NOT NULL;
    CREATE INDEX attachments_unsent ON parley.attachments (created_at) WHERE message_id IS NULL;
  END IF;
END;
$$;
