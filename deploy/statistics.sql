-- Closes what PostgreSQL tells every login about tables that it may not read: how many rows they have, how large they are, how often
-- they change, who holds a lock on them. Of the guard's tables that would be how many children are protected, and when one was (T18).
-- For a superuser, once in each database after `childindex migrate` and again after an upgrade of PostgreSQL; the same again changes
-- nothing. The embedded database does it by itself. Where nobody is a superuser it cannot be done: docs/adr/0017 says what is left.

DO $$
DECLARE
    teller regprocedure;
    readable text;
BEGIN
    FOR teller IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
            AND (proname LIKE 'pg\_stat\_get\_%'
                OR proname IN ('pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size',
                               'pg_database_size', 'pg_tablespace_size', 'pg_lock_status'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', teller);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO childindex_owner', teller);
    END LOOP;
    -- Values of columns, kept as samples until the planner next looks: of children who have been hidden meanwhile too (T06).
    REVOKE SELECT ON pg_catalog.pg_stats, pg_catalog.pg_stats_ext, pg_catalog.pg_stats_ext_exprs FROM PUBLIC;
    SELECT string_agg(quote_ident(attname), ', ') INTO readable FROM pg_attribute
    WHERE attrelid = 'pg_catalog.pg_class'::regclass AND attnum > 0 AND NOT attisdropped
        AND attname NOT IN ('relpages', 'reltuples', 'relallvisible', 'relallfrozen');
    REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
    EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', readable);
    GRANT SELECT ON pg_catalog.pg_class TO childindex_owner;
END
$$;
