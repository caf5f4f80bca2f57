-- What stands in for Citus: its two functions, which write down what they were asked for, and refuse what it refuses.
CREATE TABLE public.distributed (
    name regclass PRIMARY KEY, by text, colocated_with regclass, number integer GENERATED ALWAYS AS IDENTITY
);

CREATE FUNCTION public.create_distributed_table(
    table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default'
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place smallint := (SELECT attnum FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column);
    problem text;
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = table_name AND relkind = 'p') THEN
        RAISE 'each partition of % would have all shards', table_name;
    END IF;
    IF colocate_with NOT IN ('none', 'default') AND NOT EXISTS (SELECT FROM public.distributed WHERE name = colocate_with::regclass) THEN
        RAISE 'cannot colocate with %: it is not distributed', colocate_with;
    END IF;
    SELECT indexrelid::regclass INTO problem FROM pg_index
    WHERE indrelid = table_name AND indisunique AND NOT place = ANY (indkey::smallint[]);
    IF FOUND THEN
        RAISE 'cannot create constraint on %: % does not have the distribution column', table_name, problem;
    END IF;
    SELECT conname INTO problem FROM pg_constraint AS c
    WHERE contype = 'f' AND conrelid = table_name
    AND (NOT place = ANY (conkey) OR NOT EXISTS (SELECT FROM public.distributed WHERE name = c.confrelid));
    IF FOUND THEN
        RAISE 'cannot create foreign key constraint % on %', problem, table_name;
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = table_name AND NOT tgisinternal) THEN
        RAISE 'cannot distribute relation % because it has triggers', table_name;
    END IF;
    SELECT policyname INTO problem FROM pg_policies
    WHERE (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass = table_name AND qual ILIKE '%select%';
    IF FOUND THEN
        RAISE 'cannot create policy %: it has a subquery', problem;
    END IF;
    INSERT INTO public.distributed (name, by, colocated_with)
    VALUES (table_name, distribution_column, CASE WHEN colocate_with <> 'none' THEN colocate_with::regclass END);
END $$;

CREATE FUNCTION public.create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS
'INSERT INTO public.distributed (name) VALUES (table_name)';
