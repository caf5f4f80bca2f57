-- Where the extension Citus is there before any library is, the tables are distributed by guild_id: all of a guild
-- stands on one node. Elsewhere nothing is changed. Citus makes shards of its own, so the partitions by hash are left
-- out; passages_large stays empty and where it is, because a function with its owner's rights would wait for ever for
-- what its caller has locked: Citus reaches the nodes by a connection for each role.
DO $$
DECLARE spread text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
       OR EXISTS (SELECT FROM quoth.directory) OR EXISTS (SELECT FROM quoth.servers) THEN
        RETURN;
    END IF;
    -- Shards are made one after another, over the connection that this transaction's other changes went.
    SET LOCAL citus.multi_shard_modify_mode TO 'sequential';

    FOREACH spread IN ARRAY ARRAY['articles', 'outlines', 'passages', 'terms', 'postings'] LOOP
        EXECUTE format('ALTER TABLE quoth.%I RENAME TO in_partitions', spread);
        EXECUTE format('CREATE TABLE quoth.%I (LIKE quoth.in_partitions INCLUDING ALL)', spread);
        DROP TABLE quoth.in_partitions;
        EXECUTE format('ALTER TABLE quoth.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', spread);
        EXECUTE format('CREATE POLICY one_guild ON quoth.%I USING '
                       '(guild_id = nullif(current_setting(''quoth.guild'', true), '''')::bigint)', spread);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON quoth.%I TO quoth_app', spread);
    END LOOP;
    ALTER TABLE quoth.passages ALTER vector SET STORAGE MAIN, ALTER sentence_vectors SET STORAGE EXTERNAL;
    ALTER TABLE quoth.postings SET (fillfactor = 70);
    -- A name is made from its guild_id, so it is unique where that is.
    ALTER TABLE quoth.directory DROP CONSTRAINT directory_name_key;

    PERFORM create_distributed_table('quoth.libraries', 'guild_id', colocate_with => 'none');
    -- A table stands behind those that its keys refer to.
    FOREACH spread IN ARRAY ARRAY['directory', 'servers', 'editions', 'articles', 'outlines', 'passages', 'terms',
                                  'postings', 'audiences', 'versions', 'feeds', 'feed_entries', 'folder_files', 'votes',
                                  'gaps', 'departures', 'preferences', 'watches', 'turns'] LOOP
        PERFORM create_distributed_table(('quoth.' || spread)::regclass, 'guild_id', colocate_with => 'quoth.libraries');
    END LOOP;
    PERFORM create_reference_table('quoth.secrets');
END $$;
