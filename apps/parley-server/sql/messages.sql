-- Threads, reactions, pins, mentions and what changed since when. Run as a whole, in one transaction, any number of times:
-- what is there already is not locked again, so that it may run while people write.

DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.messages'::regclass AND attname = 'version' AND NOT attisdropped
  ) THEN
    ALTER TABLE public.messages
      -- The conversation's version at which this message changed last. 0: not since versions are kept.
      ADD COLUMN version       bigint NOT NULL DEFAULT 0,
      -- How many people reacted with what, as {"🎉": 3}; who did stands in parley.reactions.
      ADD COLUMN reactions     jsonb,
      -- Of a message that others answer: its answers that are not deleted, and who gave the latest ones.
      ADD COLUMN reply_count   integer NOT NULL DEFAULT 0,
      ADD COLUMN last_reply_at timestamptz,
      ADD COLUMN repliers      uuid[],
      ADD COLUMN pinned_at     timestamptz,
      -- As the API tells them; the files themselves stand in parley.attachments.
      ADD COLUMN attachments   jsonb;
    CREATE INDEX messages_conversation_version ON public.messages (conversation_id, version);
    CREATE INDEX messages_thread_seq ON public.messages (thread_id, seq) WHERE thread_id IS NOT NULL;
    CREATE INDEX messages_conversation_pinned ON public.messages (conversation_id, pinned_at) WHERE pinned_at IS NOT NULL;
    -- Threads that there were before. Nobody writes meanwhile: the table is locked for its new columns.
    UPDATE public.messages root
    SET reply_count = thread.answers, last_reply_at = thread.newest, repliers = thread.repliers
    FROM (
      SELECT one.thread_id, sum(one.answers) AS answers, max(one.newest) AS newest,
        (array_agg(one.sender_id ORDER BY one.last_seq DESC))[1:50] AS repliers
      FROM (
        SELECT thread_id, sender_id, count(*) AS answers, max(created_at) AS newest, max(seq) AS last_seq
        FROM public.messages WHERE thread_id IS NOT NULL AND deleted_at IS NULL GROUP BY thread_id, sender_id
      ) one
      GROUP BY one.thread_id
    ) thread
    WHERE root.id = thread.thread_id;
  END IF;

  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.conversation_participants'::regclass AND attname = 'muted' AND NOT attisdropped
  ) THEN
    ALTER TABLE public.conversation_participants ADD COLUMN muted boolean NOT NULL DEFAULT false;
  END IF;

  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = 'public.conversations'::regclass AND attname = 'joinable' AND NOT attisdropped
  ) THEN
    ALTER TABLE public.conversations
      -- Whether whoever looks for it may come in without being asked.
      ADD COLUMN joinable     boolean NOT NULL DEFAULT false,
      -- Kept by the triggers below: a channel may have ten thousand members, and a list may hold hundreds of channels.
      ADD COLUMN member_count integer NOT NULL DEFAULT 0;
    UPDATE public.conversations c SET member_count = members.count
    FROM (SELECT conversation_id, count(*) FROM public.conversation_participants GROUP BY conversation_id) members
    WHERE members.conversation_id = c.id;

    CREATE FUNCTION parley.count_members() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
    AS $count$
    BEGIN
      -- In one order for everybody: two who add people to the same conversations must not wait for each other in a circle.
      PERFORM FROM public.conversations c
      WHERE c.id IN (SELECT moved.conversation_id FROM moved) ORDER BY c.id FOR NO KEY UPDATE;
      UPDATE public.conversations c
      SET member_count = c.member_count + CASE TG_OP WHEN 'INSERT' THEN change.count ELSE -change.count END
      FROM (SELECT moved.conversation_id, pg_catalog.count(*) FROM moved GROUP BY moved.conversation_id) change
      WHERE c.id = change.conversation_id;
      RETURN NULL;
    END;
    $count$;
    CREATE TRIGGER conversation_participants_joined AFTER INSERT ON public.conversation_participants
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION parley.count_members();
    CREATE TRIGGER conversation_participants_left AFTER DELETE ON public.conversation_participants
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION parley.count_members();
  END IF;

  -- Named one by one, because CREATE INDEX IF NOT EXISTS locks the table before it looks.
  IF to_regclass('parley.reactions') IS NULL THEN
    CREATE TABLE parley.reactions (
      message_id uuid NOT NULL REFERENCES public.messages (id) ON DELETE CASCADE,
      user_id    uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
      emoji      text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (message_id, emoji, user_id)
    );
    -- Which of these messages somebody reacted to.
    CREATE INDEX reactions_user_message ON parley.reactions (user_id, message_id);
    -- Who was first.
    CREATE INDEX reactions_message_emoji_time ON parley.reactions (message_id, emoji, created_at);
  END IF;

  IF to_regclass('parley.notifications') IS NULL THEN
    CREATE TABLE parley.notifications (
      id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id         uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
      kind            text NOT NULL CHECK (kind IN ('mention', 'reply')),
      conversation_id uuid NOT NULL,
      message_id      uuid NOT NULL REFERENCES public.messages (id) ON DELETE CASCADE,
      seq             bigint NOT NULL,
      sender_id       uuid NOT NULL,
      created_at      timestamptz NOT NULL DEFAULT now(),
      read_at         timestamptz
    );
    -- One message is worth one notification, also when it both answers and mentions somebody.
    CREATE UNIQUE INDEX notifications_message_user ON parley.notifications (message_id, user_id);
    CREATE INDEX notifications_user_id ON parley.notifications (user_id, id);
    CREATE INDEX notifications_unread ON parley.notifications (user_id, conversation_id, seq) WHERE read_at IS NULL;
  END IF;
END;
$$;
