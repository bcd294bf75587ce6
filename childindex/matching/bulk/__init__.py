"""Link whole supply files, millions of records at a time, with the same model as one record: read, settle the certain, compare the rest, cluster."""
