-- New articles that are still to be shown in a server, by the process that hears of it.
CREATE TABLE quoth.news (
    guild_id bigint NOT NULL, article text NOT NULL COLLATE "C", at text NOT NULL COLLATE "C",
    PRIMARY KEY (guild_id, article)
);
ALTER TABLE quoth.news ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_guild ON quoth.news USING (guild_id = nullif(current_setting('quoth.guild', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON quoth.news TO quoth_app;
DO $$ BEGIN
    IF (SELECT relkind = 'r' FROM pg_class WHERE oid = 'quoth.articles'::regclass) THEN
        PERFORM create_distributed_table('quoth.news', 'guild_id', colocate_with => 'quoth.libraries');
    END IF;
END $$;
