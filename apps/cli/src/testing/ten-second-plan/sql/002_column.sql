-- Migration: 004_add_message_search.sql
-- A column for the search words of a message, and a trigger that keeps it for every message written from now on.
-- Messages that are there already get theirs from the backfill. Column and trigger come together: there is no moment at
-- which a new message could go without.
ALTER TABLE public.messages ADD COLUMN body_search tsvector;

CREATE FUNCTION public.keep_message_search() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
  NEW.body_search := pg_catalog.to_tsvector('pg_catalog.simple', NEW.body);
  RETURN NEW;
END;
$$;

CREATE TRIGGER messages_keep_search
BEFORE INSERT OR UPDATE OF body ON public.messages
FOR EACH ROW EXECUTE FUNCTION public.keep_message_search();

-- crossfade:undo
DROP TRIGGER IF EXISTS messages_keep_search ON public.messages;
DROP FUNCTION IF EXISTS public.keep_message_search();
ALTER TABLE public.messages DROP COLUMN IF EXISTS body_search;
