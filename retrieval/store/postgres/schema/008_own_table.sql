-- As in 007, in two steps: a library that is still being brought here gets its partition when it has outgrown the
-- others', and its index when all of it is there.
CREATE FUNCTION quoth.give_own_table(guild bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    home text := 'passages_of_' || replace(guild::text, '-', '_');
BEGIN
    -- The policies of the tables hold for their owner, too: it is the guild of this transaction or none.
    PERFORM FROM quoth.libraries WHERE guild_id = guild AND NOT own FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE quoth.%I (LIKE quoth.passages_large INCLUDING ALL, CHECK (guild_id = %s))', home, guild);
    EXECUTE format('ALTER TABLE quoth.%I ALTER vector SET STORAGE MAIN, ALTER sentence_vectors SET STORAGE EXTERNAL', home);
    EXECUTE format('INSERT INTO quoth.%I SELECT * FROM quoth.passages WHERE guild_id = %s', home, guild);
    EXECUTE format('ALTER TABLE quoth.passages_large ATTACH PARTITION quoth.%I FOR VALUES IN (%s)', home, guild);
    DELETE FROM quoth.passages WHERE guild_id = guild;
    UPDATE quoth.libraries SET own = true WHERE guild_id = guild;
END $$;

CREATE OR REPLACE FUNCTION quoth.give_own_partition(guild bigint, dimensions integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    home text := 'passages_of_' || replace(guild::text, '-', '_');
    here quoth.libraries;
BEGIN
    SELECT * INTO here FROM quoth.libraries WHERE guild_id = guild FOR UPDATE;
    IF NOT FOUND OR here.nearest = here.edition THEN
        RETURN;
    END IF;
    PERFORM quoth.give_own_table(guild);
    -- An index of another edition has vectors of another model, perhaps in other dimensions.
    EXECUTE format('DROP INDEX IF EXISTS quoth.%I', home || '_nearest');
    EXECUTE format('CREATE INDEX %I ON quoth.%I USING hnsw ((vector::halfvec(%s)) halfvec_ip_ops) '
                   'WITH (m = 24, ef_construction = 128) WHERE edition = %s',
                   home || '_nearest', home, dimensions, here.edition);
    UPDATE quoth.libraries SET nearest = edition WHERE guild_id = guild;
END $$;

REVOKE ALL ON FUNCTION quoth.give_own_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION quoth.give_own_table TO quoth_app;
