-- Migration: 006_add_message_fingerprints.sql
-- SHA-256 of each message's text. It encrypts nothing: it lets anyone check later that a text is still what it was.
ALTER TABLE public.messages ADD COLUMN body_sha256 bytea;

CREATE FUNCTION public.keep_message_fingerprint() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
  NEW.body_sha256 := pg_catalog.sha256(pg_catalog.convert_to(NEW.body, 'UTF8'));
  RETURN NEW;
END;
$$;

CREATE TRIGGER messages_keep_fingerprint
BEFORE INSERT OR UPDATE OF body ON public.messages
FOR EACH ROW EXECUTE FUNCTION public.keep_message_fingerprint();

-- crossfade:undo
DROP TRIGGER IF EXISTS messages_keep_fingerprint ON public.messages;
DROP FUNCTION IF EXISTS public.keep_message_fingerprint();
ALTER TABLE public.messages DROP COLUMN IF EXISTS body_sha256;
